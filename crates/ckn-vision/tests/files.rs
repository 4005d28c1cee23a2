//! Binary files of images and labels: hand-written specimens, and all the ways in which they can lie.

#![expect(clippy::unwrap_used, reason = "helpers of tests may fail")]

use std::io::Write;
use std::path::{Path, PathBuf};

use ckn_vision::io::{
    Cifar100Labels, read_cifar10, read_cifar10_folder, read_cifar100, read_idx_images, read_idx_labels, read_images,
    read_labelled, read_labels, read_stl10_images, read_stl10_labels,
};
use ckn_vision::{Error, FolderProblem};
use flate2::{Compression, write::GzEncoder};
use proptest::prelude::*;

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A folder, and a file of that name in it.
fn specimen(name: &str, bytes: &[u8]) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    (folder, path)
}

fn idx(sizes: &[u32], content: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0, 0, 8, u8::try_from(sizes.len()).unwrap()];
    sizes.iter().for_each(|size| bytes.extend(size.to_be_bytes()));
    bytes.extend_from_slice(content);
    bytes
}

/// Two grey images of two rows and three columns.
const TWO_IMAGES: &[u8] = b"\0\0\x08\x03\0\0\0\x02\0\0\0\x02\0\0\0\x03abcdefghijkl";
const TWO_LABELS: &[u8] = b"\0\0\x08\x01\0\0\0\x02\x07\x02";

#[test]
fn idx_images_are_read_plain_and_compressed_whatever_their_name() {
    for (name, bytes) in [("a.gz", TWO_IMAGES.to_vec()), ("a", gzip(TWO_IMAGES)), ("a.bin", TWO_IMAGES.to_vec())] {
        let (_folder, path) = specimen(name, &bytes);
        let images = read_images(&path).unwrap();
        assert_eq!(images, read_idx_images(&path).unwrap());
        assert_eq!((images.len(), images.height(), images.width(), images.channels()), (2, 2, 3, 1));
        assert_eq!(images.image(1), b"ghijkl");
        assert!(matches!(read_labelled(&path, None), Err(Error::NoLabels(..))));
        assert!(matches!(read_labels(&path), Err(Error::IdxMagic { got: 0x803, what: "labels", .. })));
    }
    let (_folder, path) = specimen("rgb", &idx(&[1, 2, 1, 3], b"abcdef"));
    let images = read_images(&path).unwrap();
    assert_eq!((images.len(), images.height(), images.width(), images.channels()), (1, 2, 1, 3));
}

#[test]
fn labels_beside_idx_images_are_found() {
    let (folder, path) = specimen("train-images-idx3-ubyte.gz", &gzip(TWO_IMAGES));
    std::fs::write(folder.path().join("train-labels-idx1-ubyte"), TWO_LABELS).unwrap();
    let labelled = read_labelled(&path, None).unwrap();
    assert_eq!((labelled.labels(), labelled.classes().len()), (&[7, 2][..], 8));
    assert_eq!(labelled.classes()[7], "7");

    let labels = folder.path().join("labels");
    std::fs::write(&labels, idx(&[3], &[1, 2, 3])).unwrap();
    let error = read_labelled(&path, Some(&labels)).unwrap_err();
    assert_eq!(error.to_string(), "2 images but 3 labels: give the label file that belongs to these images");
    assert!(matches!(read_images(&labels), Err(Error::IdxMagic { got: 0x801, what: "images", .. })));
    assert_eq!(read_idx_labels(&labels).unwrap().values(), [1, 2, 3]);
}

#[test]
fn an_idx_file_cut_or_lengthened_anywhere_is_refused() {
    for whole in [TWO_IMAGES, TWO_LABELS] {
        let read = |bytes: &[u8]| {
            let (_folder, path) = specimen("a", bytes);
            let outcome =
                if whole == TWO_IMAGES { read_idx_images(&path).map(drop) } else { read_idx_labels(&path).map(drop) };
            outcome.unwrap_err()
        };
        assert!(matches!(read(b""), Error::EmptyFile(..)));
        for length in 1..whole.len() {
            let error = read(&whole[..length]);
            assert!(matches!(error, Error::FileLength { got, .. } if got == length as u64), "{length}: {error}");
        }
        assert!(matches!(read(&[whole, b"x"].concat()), Error::FileLength { .. }));
        let compressed = gzip(whole);
        for length in 2..compressed.len() {
            assert!(matches!(read(&compressed[..length]), Error::Decompress { .. }), "{length}");
        }
        assert!(matches!(read(&[&compressed[..], b"garbage"].concat()), Error::Decompress { .. }));
        assert!(matches!(read(&gzip(&compressed)), Error::Compressed { format: "gzip within gzip", .. }));
    }
}

#[test]
fn sizes_that_lie_are_refused_before_memory_is_asked_for() {
    let max = u32::MAX;
    for sizes in [[0, 2, 3], [2, 0, 3], [2, 2, 0], [max, max, max], [max, max, 1], [60_000, 3000, 3000]] {
        let (_folder, path) = specimen("a", &idx(&sizes, b"abc"));
        let error = read_idx_images(&path).unwrap_err();
        assert!(matches!(error, Error::Dimensions { .. }), "{sizes:?}: {error}");
    }
    // Within the limit, but the bytes are not there.
    let (_folder, path) = specimen("a", &idx(&[60_000, 300, 300], b"abc"));
    assert!(matches!(read_idx_images(&path), Err(Error::FileLength { got: 19, expected: 5_400_000_016, .. })));
    for magic in [0x0000_0802_u32, 0x0000_0805, 0x0000_08ff, 0x0000_0d03, 0x0803_0000, 0x0000_0800, 0xffff_ffff] {
        let bytes = [&magic.to_be_bytes()[..], &[0; 40]].concat();
        let (_folder, path) = specimen("a", &bytes);
        let error = read_idx_images(&path).unwrap_err();
        assert!(matches!(error, Error::IdxMagic { got, .. } if got == magic), "{error}");
        assert!(read_images(&path).is_err());
    }
}

#[test]
fn what_is_no_file_of_images_is_named() {
    let table: [(&[u8], &str); 5] = [
        (b"PK\x03\x04zip", "compressed as zip"),
        (b"\xfd7zXZ\0xz", "compressed as xz"),
        (b"\x28\xb5\x2f\xfdz", "compressed as zstd"),
        (b"BZh91AY&SYb", "compressed as bzip2"),
        (b"hello", "starts with the bytes 68 65 6c 6c 6f"),
    ];
    for (bytes, expected) in table {
        let (_folder, path) = specimen("a", bytes);
        let message = read_images(&path).unwrap_err().to_string();
        assert!(message.contains(expected), "{message}");
    }
    assert!(matches!(read_images("/no/such/file"), Err(Error::Open { .. })));
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(read_idx_images(folder.path()), Err(Error::NotAFile(..))));
}

#[test]
fn a_compressed_bomb_stops_at_its_limit() {
    let zeros = gzip(&vec![0; 64 << 20]);
    let (_folder, path) = specimen("bomb", &zeros);
    let error = read_images(&path).unwrap_err();
    assert!(matches!(error, Error::Expansion { limit, .. } if limit < 40 << 20), "{error}");
}

/// A CIFAR record whose pixel at a place has the red byte `place % 251`, one more for green, two more for blue.
fn cifar_record(labels: &[u8]) -> Vec<u8> {
    let pixels = (0..3u32).flat_map(|channel| (0..1024u32).map(move |place| (place % 251 + channel) as u8));
    labels.iter().copied().chain(pixels).collect()
}

#[test]
fn cifar_records_become_images_with_channels_last() {
    let (folder, first) = specimen("data_batch_1.bin", &[cifar_record(&[6]), cifar_record(&[9])].concat());
    let labelled = read_labelled(&first, None).unwrap();
    assert_eq!((labelled.labels(), labelled.classes()[6].as_str()), (&[6, 9][..], "frog"));
    let expected: Vec<u8> = (0..1024u32).flat_map(|place| (0..3).map(move |c| (place % 251 + c) as u8)).collect();
    assert_eq!(labelled.images().image(0), expected);
    assert_eq!(labelled.images().image(1), expected);

    let compressed = folder.path().join("data_batch_2.bin.gz");
    std::fs::write(&compressed, gzip(&cifar_record(&[0]))).unwrap();
    assert_eq!(read_cifar10(&[&first, &compressed]).unwrap().labels(), [6, 9, 0]);
    assert!(matches!(read_labelled(&first, Some(&compressed)), Err(Error::LabelsTwice(..))));

    std::fs::remove_file(compressed).unwrap();
    std::fs::write(folder.path().join("data_batch_2.bin"), cifar_record(&[3])).unwrap();
    assert!(read_cifar10_folder(folder.path()).unwrap().test.is_none());
    std::fs::write(folder.path().join("test_batch.bin"), cifar_record(&[1])).unwrap();
    let both = read_cifar10_folder(folder.path()).unwrap();
    assert_eq!((both.train.labels(), both.test.unwrap().labels()), (&[6, 9, 3][..], &[1][..]));
    assert_eq!(read_labelled(folder.path(), None).unwrap().labels(), [6, 9, 3]);
    let empty = tempfile::tempdir().unwrap();
    let error = read_cifar10_folder(empty.path()).unwrap_err();
    assert!(matches!(error, Error::Folder { problem: FolderProblem::NoImages, .. }));
    assert!(read_cifar10::<&Path>(&[]).is_err());
}

#[test]
fn cifar_100_has_two_labels() {
    let (_folder, path) = specimen("train.bin", &cifar_record(&[19, 99]));
    assert_eq!(read_cifar100(&path, Cifar100Labels::Coarse).unwrap().labels(), [19]);
    assert_eq!(read_cifar100(&path, Cifar100Labels::Fine).unwrap().labels(), [99]);
    let labelled = read_labelled(&path, None).unwrap();
    assert_eq!((labelled.labels(), labelled.classes().len()), (&[99][..], 100));
    assert_eq!(labelled.images().image(0)[..6], [0, 1, 2, 1, 2, 3]);
}

#[test]
fn damaged_cifar_files_are_refused() {
    let whole = [cifar_record(&[6]), cifar_record(&[9])].concat();
    for length in (1..whole.len()).filter(|length| length % 3073 != 0).step_by(97).chain([1, 3072, 3074, 6145]) {
        let (_folder, path) = specimen("data_batch_1.bin", &whole[..length]);
        assert!(matches!(read_images(&path), Err(Error::RecordLength { record: 3073, .. })), "{length}");
    }
    let (_folder, path) = specimen("test_batch.bin", &[cifar_record(&[6]), cifar_record(&[10])].concat());
    let error = read_labelled(&path, None).unwrap_err();
    assert!(matches!(error, Error::Label { record: 2, got: 10, highest: 9, .. }), "{error}");
    let (_folder, path) = specimen("test.bin", &cifar_record(&[20, 100]));
    assert!(matches!(read_cifar100(&path, Cifar100Labels::Coarse), Err(Error::Label { highest: 19, .. })));
    assert!(matches!(read_cifar100(&path, Cifar100Labels::Fine), Err(Error::Label { highest: 99, .. })));
}

#[test]
fn binary_files_of_other_names_are_told_apart_by_length() {
    for (length, channels) in [(3073, 3), (3074, 3), (27_648, 3)] {
        let (_folder, path) = specimen("mine.bin", &vec![1; length]);
        assert_eq!(read_images(&path).unwrap().channels(), channels, "{length}");
    }
    // The names of CIFAR-100 say it where the length does not.
    for (length, highest) in [(3073, 9), (3074, 99), (3073 * 3074, 99)] {
        let (_folder, path) = specimen("train.bin", &vec![1; length]);
        assert_eq!(read_labelled(&path, None).unwrap().classes().len(), highest + 1, "{length}");
    }
    for (length, fits) in [(3075, 0), (3073 * 3074, 2)] {
        let (_folder, path) = specimen("mine.bin", &vec![1; length]);
        assert!(matches!(read_images(&path), Err(Error::Ambiguous { fitting, .. }) if fitting == fits), "{length}");
    }
    // A CIFAR record may start like IDX.
    let mut record = cifar_record(&[0]);
    record[1..4].copy_from_slice(&[0, 8, 3]);
    let (_folder, path) = specimen("data_batch_1.bin", &record);
    assert_eq!(read_labelled(&path, None).unwrap().labels(), [0]);
}

#[test]
fn planes_of_stl_10_are_stored_column_by_column() {
    // The byte of a pixel is its row in the red plane, its column in the green one, and 200 in the blue one.
    let plane = |value: fn(usize, usize) -> usize| {
        (0..96).flat_map(move |column| (0..96).map(move |row| value(row, column) as u8)).collect::<Vec<u8>>()
    };
    let image = [plane(|row, _| row), plane(|_, column| column), plane(|_, _| 200)].concat();
    let (folder, path) = specimen("train_X.bin", &image.repeat(2));
    let images = read_stl10_images(&path).unwrap();
    assert_eq!((images.len(), images.height(), images.width(), images.channels()), (2, 96, 96, 3));
    for (place, pixel) in images.image(1).chunks_exact(3).enumerate() {
        assert_eq!(pixel, [(place / 96) as u8, (place % 96) as u8, 200]);
    }
    let labels = folder.path().join("train_y.bin");
    std::fs::write(&labels, [1, 10]).unwrap();
    let labelled = read_labelled(&path, None).unwrap();
    assert_eq!((labelled.labels(), labelled.classes()[9].as_str()), (&[0, 9][..], "truck"));
    assert_eq!(read_labels(&labels).unwrap(), read_stl10_labels(&labels).unwrap());
    for bad in [0, 11] {
        std::fs::write(&labels, [1, bad]).unwrap();
        let error = read_stl10_labels(&labels).unwrap_err();
        assert!(matches!(error, Error::Label { record: 2, lowest: 1, highest: 10, .. }), "{error}");
    }
    std::fs::write(&path, &image[1..]).unwrap();
    assert!(matches!(read_images(&path), Err(Error::RecordLength { record: 27_648, .. })));
}

#[test]
fn labels_as_text_are_numbers_or_names() {
    let table: [(&[u8], &[u32], &[&str]); 5] = [
        (b"10\n2\n10\n", &[1, 0, 1], &["2", "10"]),
        (b"label\r\n1\r\n0\r\n", &[1, 0], &["0", "1"]),
        (b"dog\ncat\ndog", &[1, 0, 1], &["cat", "dog"]),
        (b"class\ncat\n7", &[1, 0], &["7", "cat"]),
        (b"99999999999999999999\n1", &[1, 0], &["1", "99999999999999999999"]),
    ];
    for (text, values, classes) in table {
        for bytes in [text.to_vec(), gzip(text)] {
            let (_folder, path) = specimen("labels.txt", &bytes);
            let labels = read_labels(&path).unwrap();
            assert_eq!((labels.values(), labels.classes()), (values, &classes.map_to_owned()[..]));
        }
    }
    let bad: [(&[u8], usize); 6] =
        [(b"1\n\n2\n", 2), (b"1,2\n", 1), (b"a\tb\n", 1), (b"a\n\xff\n", 2), (b"label\n\n", 2), (b"a\nb\x1b\n", 2)];
    for (text, expected) in bad {
        let (_folder, path) = specimen("labels.csv", text);
        let error = read_labels(&path).unwrap_err();
        assert!(matches!(error, Error::LabelLine { line, .. } if line == expected), "{text:?}: {error}");
    }
    let (_folder, path) = specimen("labels.csv", b"label\n");
    assert!(matches!(read_labels(&path), Err(Error::EmptyFile(..))));
}

trait MapToOwned {
    fn map_to_owned(&self) -> Vec<String>;
}

impl MapToOwned for &[&str] {
    fn map_to_owned(&self) -> Vec<String> {
        self.iter().map(|&name| name.to_owned()).collect()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn written_idx_images_are_read_back(count in 1..5u32, height in 1..9u32, width in 1..9u32, colour: bool, first: u8) {
        let channels = if colour { 3 } else { 1 };
        let content: Vec<u8> = (0..count * height * width * channels).map(|k| first.wrapping_add((k * 37) as u8)).collect();
        let sizes = [count, height, width, channels];
        let bytes = idx(if colour { &sizes } else { &sizes[..3] }, &content);
        for bytes in [bytes.clone(), gzip(&bytes)] {
            let (_folder, path) = specimen("a", &bytes);
            let images = read_images(&path).unwrap();
            prop_assert_eq!((images.len(), images.height()), (count as usize, height as usize));
            prop_assert_eq!((images.width(), images.channels()), (width as usize, channels as usize));
            prop_assert_eq!(images.bytes(), &content[..]);
        }
    }

    #[test]
    fn no_bytes_make_a_reader_panic(mut bytes in proptest::collection::vec(any::<u8>(), 0..64), kind in 0..4usize) {
        let head: &[u8] = [&b"\0\0\x08\x03\0\0\0"[..], b"\0\0\x08\x04\0", b"\x1f\x8b\x08\0", b""][kind];
        bytes.splice(0..0, head.iter().copied());
        for name in ["a", "data_batch_1.bin", "x.bin", "train_X.bin"] {
            let (_folder, path) = specimen(name, &bytes);
            let _ = (read_images(&path).is_ok(), read_labels(&path).is_ok());
        }
    }
}
