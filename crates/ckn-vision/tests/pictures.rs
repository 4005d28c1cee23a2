//! Folders of PNG and JPEG files.

#![expect(clippy::unwrap_used, reason = "helpers of tests may fail")]

use std::fs;
use std::path::Path;

use ckn_vision::io::{read_class_folders, read_images, read_labelled, read_pictures};
use ckn_vision::{Error, FolderProblem};
use image::{DynamicImage, GrayImage, ImageFormat, RgbImage, RgbaImage};

fn save(image: impl Into<DynamicImage>, path: &Path) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let format = ImageFormat::from_path(path).unwrap();
    image.into().save_with_format(path, format).unwrap();
}

fn grey(value: u8) -> GrayImage {
    GrayImage::from_fn(3, 2, |column, row| image::Luma([value + column as u8 + 10 * row as u8]))
}

fn colour(value: u8) -> RgbImage {
    RgbImage::from_fn(3, 2, |column, row| image::Rgb([value, column as u8, row as u8]))
}

/// `cat/1.png`, `cat/2.png` and `dog/1.PNG`, all grey, two rows and three columns.
fn grey_folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    save(grey(100), &folder.path().join("dog/1.PNG"));
    save(grey(2), &folder.path().join("cat/2.png"));
    save(grey(1), &folder.path().join("cat/1.png"));
    folder
}

#[test]
fn classes_and_files_are_taken_by_name() {
    let folder = grey_folder();
    fs::write(folder.path().join("cat/README.txt"), "cats").unwrap();
    fs::write(folder.path().join("cat/._1.png"), "hidden").unwrap();
    fs::create_dir(folder.path().join(".hidden")).unwrap();
    fs::write(folder.path().join("notes.txt"), "notes").unwrap();
    let labelled = read_labelled(folder.path(), None).unwrap();
    assert_eq!((labelled.labels(), labelled.classes()), (&[0, 0, 1][..], &["cat".to_owned(), "dog".to_owned()][..]));
    let images = labelled.images();
    assert_eq!((images.height(), images.width(), images.channels()), (2, 3, 1));
    assert_eq!(images.bytes(), [1, 2, 3, 11, 12, 13, 2, 3, 4, 12, 13, 14, 100, 101, 102, 110, 111, 112]);
    assert_eq!(&read_images(folder.path()).unwrap(), images);
    assert_eq!(read_pictures(folder.path().join("cat")).unwrap(), images.take(2));

    let labels = folder.path().join("labels.txt");
    fs::write(&labels, "x\ny\n").unwrap();
    assert_eq!(read_labelled(folder.path().join("cat"), Some(&labels)).unwrap().labels(), [0, 1]);
    assert!(matches!(read_labelled(folder.path(), Some(&labels)), Err(Error::LabelsTwice(..))));
    assert!(matches!(read_labelled(folder.path().join("cat"), None), Err(Error::NoLabels(..))));
}

#[test]
fn one_colour_picture_makes_all_of_them_colour() {
    for name in ["cat/0.png", "eel/0.png"] {
        let folder = grey_folder();
        save(colour(50), &folder.path().join(name));
        let labelled = read_class_folders(folder.path()).unwrap();
        let (images, place) = (labelled.images(), if name.starts_with("cat") { 0 } else { 3 });
        assert_eq!((images.channels(), images.len()), (3, 4));
        assert_eq!(images.image(place)[..9], [50, 0, 0, 50, 1, 0, 50, 2, 0]);
        assert_eq!(images.image(1)[..3], if place == 0 { [1, 1, 1] } else { [2, 2, 2] });
    }
}

#[test]
fn alpha_is_dropped_if_opaque_and_refused_otherwise() {
    let folder = grey_folder();
    let mut picture = RgbaImage::from_pixel(3, 2, image::Rgba([9, 8, 7, 255]));
    save(picture.clone(), &folder.path().join("cat/3.png"));
    assert_eq!(read_class_folders(folder.path()).unwrap().images().image(2)[..3], [9, 8, 7]);
    picture.put_pixel(2, 1, image::Rgba([9, 8, 7, 254]));
    save(picture, &folder.path().join("cat/3.png"));
    let error = read_class_folders(folder.path()).unwrap_err();
    assert!(matches!(&error, Error::Transparent(file) if file.ends_with("3.png")), "{error}");
}

#[test]
fn jpeg_is_recognised_by_content_and_nearly_exact_on_flat_colour() {
    let folder = tempfile::tempdir().unwrap();
    let flat = RgbImage::from_pixel(16, 16, image::Rgb([200, 100, 50]));
    save(flat, &folder.path().join("a/1.jpg"));
    fs::rename(folder.path().join("a/1.jpg"), folder.path().join("a/1.png")).unwrap();
    let images = read_images(folder.path()).unwrap();
    for pixel in images.image(0).chunks_exact(3) {
        assert!(pixel.iter().zip([200u8, 100, 50]).all(|(got, expected)| got.abs_diff(expected) <= 3), "{pixel:?}");
    }
}

#[test]
fn a_picture_of_another_size_is_named_with_both_sizes() {
    let folder = grey_folder();
    save(GrayImage::new(4, 2), &folder.path().join("dog/2.png"));
    let message = read_class_folders(folder.path()).unwrap_err().to_string();
    assert!(message.contains("2.png` is 2 x 4 pixels (height x width)"), "{message}");
    assert!(message.contains("1.png` is 2 x 3: bring all pictures to one size"), "{message}");
}

#[test]
fn a_picture_cut_anywhere_is_an_error_that_names_it() {
    for name in ["cat/1.png", "cat/1.jpg"] {
        let folder = grey_folder();
        let path = folder.path().join(name);
        save(GrayImage::from_fn(3, 2, |column, row| image::Luma([(90 * column + 31 * row) as u8])), &path);
        let whole = fs::read(&path).unwrap();
        read_class_folders(folder.path()).unwrap();
        // The last chunk of PNG holds nothing, and the decoder does not ask for it.
        let needed = if name.ends_with("png") { whole.len() - 12 } else { whole.len() };
        for length in 0..needed {
            fs::write(&path, &whole[..length]).unwrap();
            let outcome = read_class_folders(folder.path());
            let message = outcome.err().map(|error| error.to_string()).unwrap_or_default();
            assert!(message.contains(name), "{length} of {}: {message}", whole.len());
        }
    }
}

#[test]
fn pictures_with_damaged_bytes_never_panic() {
    for name in ["cat/1.png", "cat/1.jpg"] {
        let folder = grey_folder();
        let path = folder.path().join(name);
        save(grey(7), &path);
        let whole = fs::read(&path).unwrap();
        for index in 0..whole.len() {
            let mut bytes = whole.clone();
            bytes[index] ^= 0x24;
            fs::write(&path, bytes).unwrap();
            if let Err(error) = read_class_folders(folder.path()) {
                assert!(error.to_string().contains("cat"), "{error}");
            }
        }
    }
}

#[test]
fn a_small_file_of_a_huge_picture_is_refused() {
    let folder = grey_folder();
    let path = folder.path().join("cat/0.png");
    let whole = fs::read(folder.path().join("cat/1.png")).unwrap();
    let crc = |bytes: &[u8]| {
        let step = |crc: u32, _| if crc & 1 == 1 { 0xedb8_8320 ^ (crc >> 1) } else { crc >> 1 };
        !bytes.iter().fold(u32::MAX, |crc, &byte| (0..8).fold(crc ^ u32::from(byte), step))
    };
    for (width, height) in [(0x7fff_ffff_u32, 0x7fff_ffff_u32), (20_000, 1), (16_384, 16_384), (0, 2)] {
        let mut bytes = whole.clone();
        bytes[16..20].copy_from_slice(&width.to_be_bytes());
        bytes[20..24].copy_from_slice(&height.to_be_bytes());
        let check = crc(&bytes[12..29]);
        bytes[29..33].copy_from_slice(&check.to_be_bytes());
        fs::write(&path, bytes).unwrap();
        let error = read_class_folders(folder.path()).unwrap_err();
        assert!(matches!(&error, Error::Picture { file, .. } if file.ends_with("0.png")), "{error}");
    }
}

#[test]
fn folders_that_are_no_set_of_images_say_why() {
    let problem = |folder: &Path| match read_class_folders(folder).unwrap_err() {
        Error::Folder { problem, .. } => problem,
        other => unreachable!("{other}"),
    };
    let empty = tempfile::tempdir().unwrap();
    assert_eq!(problem(empty.path()), FolderProblem::NoImages);
    assert!(matches!(read_images(empty.path()), Err(Error::Folder { problem: FolderProblem::NoImages, .. })));
    let folder = grey_folder();
    assert_eq!(problem(&folder.path().join("cat")), FolderProblem::NoClasses);
    fs::create_dir(folder.path().join("eel")).unwrap();
    fs::write(folder.path().join("eel/1.bmp"), "BM").unwrap();
    assert_eq!(problem(folder.path()), FolderProblem::EmptyClass);
    fs::create_dir(folder.path().join("eel/inner")).unwrap();
    assert_eq!(problem(folder.path()), FolderProblem::Nested);
    save(grey(0), &folder.path().join("loose.png"));
    assert_eq!(problem(folder.path()), FolderProblem::Loose);
    assert!(matches!(read_class_folders("/no/such/folder"), Err(Error::Open { .. })));
    let folder = grey_folder();
    fs::create_dir(folder.path().join("cat/3.png")).unwrap();
    assert_eq!(problem(folder.path()), FolderProblem::Nested);
}

#[cfg(unix)]
#[test]
fn names_that_are_not_text_and_links_that_lead_nowhere_are_errors() {
    use std::os::unix::ffi::OsStrExt;
    let folder = grey_folder();
    std::os::unix::fs::symlink(folder.path().join("cat/1.png"), folder.path().join("dog/2.png")).unwrap();
    assert_eq!(read_class_folders(folder.path()).unwrap().labels(), [0, 0, 1, 1]);
    std::os::unix::fs::symlink("/no/such/file", folder.path().join("dog/3.png")).unwrap();
    assert!(matches!(read_class_folders(folder.path()), Err(Error::Open { file, .. }) if file.ends_with("3.png")));
    for name in [&b"a\xff"[..], b"a\nb"] {
        let folder = grey_folder();
        save(grey(0), &folder.path().join(std::ffi::OsStr::from_bytes(name)).join("1.png"));
        let error = read_class_folders(folder.path()).unwrap_err();
        assert!(matches!(error, Error::Folder { problem: FolderProblem::Name, .. }), "{error}");
        assert!(!error.to_string().contains('\n'));
    }
}
