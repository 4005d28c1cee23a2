//! Sets of images and labels.

#![expect(clippy::unwrap_used, reason = "helpers of tests may fail")]

use ckn_vision::{Error, Images, LabelledImages, Labels};

fn three() -> Images {
    Images::new((0..18).collect(), 2, 3, 1).unwrap()
}

fn names(classes: &[&str]) -> Vec<String> {
    classes.iter().map(|&class| class.to_owned()).collect()
}

#[test]
fn images_are_taken_out_by_index() {
    let images = three();
    assert_eq!((images.len(), images.image_len(), images.iter().len()), (3, 6, 3));
    assert_eq!(images.image(2), [12, 13, 14, 15, 16, 17]);
    assert_eq!(images.select(&[2, 0, 2]).unwrap().bytes()[6..], [0, 1, 2, 3, 4, 5, 12, 13, 14, 15, 16, 17]);
    assert_eq!((images.take(2).len(), images.take(9).len(), images.take(0).is_empty()), (2, 3, true));
    assert!(matches!(images.select(&[0, 3]), Err(Error::NoSuchImage { index: 3, len: 3 })));
    let mut pixels = [0.0; 6];
    Images::new(vec![0, 51, 255, 102, 1, 254], 2, 1, 3).unwrap().write_pixels(0, &mut pixels).unwrap();
    assert_eq!(pixels, [0.0, 0.2, 1.0, 0.4, 1.0 / 255.0, 254.0 / 255.0]);
    assert!(matches!(images.write_pixels(3, &mut pixels), Err(Error::NoSuchImage { index: 3, .. })));
    assert!(matches!(images.write_pixels(0, &mut pixels[..5]), Err(Error::Shape { expected: 6, got: 5, .. })));
}

#[test]
fn sizes_that_fit_no_bytes_are_refused() {
    assert!(matches!(Images::new(vec![0; 7], 2, 3, 1), Err(Error::Shape { expected: 6, got: 7, .. })));
    for [height, width, channels] in [[0, 3, 1], [2, 0, 1], [2, 3, 0], [usize::MAX, 2, 1], [1 << 20, 1 << 20, 3]] {
        assert!(matches!(Images::new(Vec::new(), height, width, channels), Err(Error::Setting { .. })));
    }
}

#[test]
fn labels_belong_to_classes_and_images() {
    let labels = Labels::new(vec![1, 0, 1], names(&["cat", "dog"])).unwrap();
    let labelled = LabelledImages::new(three(), labels).unwrap();
    let chosen = labelled.select(&[1, 2]).unwrap();
    assert_eq!((chosen.labels(), chosen.classes(), chosen.images().image(0)[0]), (&[0, 1][..], labelled.classes(), 6));
    assert_eq!((labelled.take(1).labels(), labelled.take(1).len()), (&[1][..], 1));
    assert!(matches!(labelled.select(&[3]), Err(Error::NoSuchImage { .. })));
    assert!(matches!(
        LabelledImages::new(three().take(2), Labels::from_bytes(&[0, 1, 2])),
        Err(Error::LabelCount { images: 2, labels: 3 })
    ));
    assert!(matches!(
        Labels::new(vec![0, 2], names(&["cat", "dog"])),
        Err(Error::LabelBeyondClasses { got: 2, index: 1, classes: 2 })
    ));
    assert!(matches!(Labels::new(vec![0], names(&["cat", "cat"])), Err(Error::DuplicateClass(..))));
}

#[test]
fn hostile_names_of_classes_reach_the_terminal_neither_long_nor_alive() {
    let name = format!("a\x1b[31m\u{202e}{}", "x".repeat(70_000));
    let message = Labels::new(vec![0], names(&[&name, &name])).unwrap_err().to_string();
    assert!(message.starts_with("class `a\\u{1b}[31m\\u{202e}xx") && message.len() < 300, "{message}");
}

#[test]
fn labels_of_a_test_set_take_the_numbers_of_the_training_set() {
    let test = Labels::new(vec![0, 1, 0], names(&["dog", "eel"])).unwrap();
    let training = names(&["cat", "dog", "eel"]);
    let labelled = LabelledImages::new(three(), test.clone()).unwrap().renumbered(&training).unwrap();
    assert_eq!((labelled.labels(), labelled.classes()), (&[1, 2, 1][..], &training[..]));
    let error = test.renumbered(&names(&["cat", "dog"])).unwrap_err();
    assert!(matches!(error, Error::UnknownClass(ref class) if class == "eel"), "{error}");
    // A class without images may be missing.
    assert_eq!(test.renumbered(&training).unwrap().renumbered(&names(&["eel", "dog"])).unwrap().values(), [1, 0, 1]);
}
