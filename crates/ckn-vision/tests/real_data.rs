//! Published files, where there are any: `CKN_DATA`, or `../shared/data` beside the workspace.

#![expect(clippy::print_stdout, reason = "a skipped test says so")]

use std::path::{Path, PathBuf};

use ckn_vision::io::{read_images, read_labelled};

fn mnist() -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let folder = std::env::var_os("CKN_DATA").map_or_else(beside, PathBuf::from).join("mnist");
    if folder.is_dir() {
        return Some(folder);
    }
    println!("skipped: {} does not exist (set CKN_DATA)", folder.display());
    None
}

#[test]
fn mnist_has_the_counts_and_the_mean_that_are_published() {
    let Some(folder) = mnist() else { return };
    let train = read_labelled(folder.join("train-images-idx3-ubyte.gz"), None).unwrap();
    let test = read_labelled(folder.join("t10k-images-idx3-ubyte.gz"), None).unwrap();
    assert_eq!((train.len(), test.len()), (60_000, 10_000));
    let images = train.images();
    assert_eq!((images.height(), images.width(), images.channels()), (28, 28, 1));
    let mut counts = [0; 10];
    train.labels().iter().for_each(|&label| counts[label as usize] += 1);
    assert_eq!(counts, [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]);
    assert_eq!((&train.labels()[..5], &test.labels()[..5]), (&[5, 0, 4, 1, 9][..], &[7, 2, 1, 0, 4][..]));
    let mean = images.bytes().iter().map(|&byte| f64::from(byte)).sum::<f64>() / images.bytes().len() as f64 / 255.0;
    assert!((mean - 0.1307).abs() < 5e-5, "{mean}");
    let error =
        read_labelled(folder.join("train-images-idx3-ubyte.gz"), Some(&folder.join("t10k-labels-idx1-ubyte.gz")));
    assert!(error.unwrap_err().to_string().starts_with("60000 images but 10000 labels"));
    assert!(read_images(folder.join("train-labels-idx1-ubyte.gz")).is_err());
}
