//! Specimens of images: bars of three directions as IDX and PNG, coloured noise as CIFAR-10, and networks for them.

use std::fs;
use std::fs::File;
use std::io::Write as _;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use image::{Rgb, RgbImage};

use super::specimens::Stream;

/// Pixels of a side of a digit.
const SIDE: usize = 28;
/// Pixels of a side of an object.
const OBJECT: usize = 32;
const DIGITS: usize = 45;

/// Writes all images and networks into a folder.
pub(super) fn write(folder: &Path) -> anyhow::Result<()> {
    let mut stream = Stream(11);
    let classes: Vec<u8> = (0..DIGITS).map(|number| (number % 3) as u8).collect();
    let digits: Vec<u8> = classes.iter().flat_map(|&class| bar(class, SIDE, &mut stream)).collect();
    fs::write(folder.join("digits.idx"), idx(0x803, &[DIGITS, SIDE, SIDE], &digits))?;
    let mut labels = GzEncoder::new(File::create(folder.join("digits_labels.idx.gz"))?, Compression::default());
    labels.write_all(&idx(0x801, &[DIGITS], &classes))?;
    labels.finish()?;
    let lines: String = classes.iter().map(|class| format!("{class}\n")).collect();
    fs::write(folder.join("digits_labels.txt"), lines)?;
    // CIFAR-10: a class, then a plane of red, of green and of blue.
    let object = |number: usize| {
        let class = (number % 3) as u8;
        let plane = move |plane| bar(class, OBJECT, &mut Stream(3 * number as u64 + plane));
        std::iter::once(class).chain((0..3).flat_map(plane))
    };
    fs::write(folder.join("objects.bin"), (0..30).flat_map(object).collect::<Vec<u8>>())?;
    for (class, name) in ["across", "along", "aslant"].into_iter().enumerate() {
        let pictures = folder.join("pictures").join(name);
        fs::create_dir_all(&pictures)?;
        for number in 0..12 {
            let planes: Vec<Vec<u8>> = (0..3).map(|_| bar(class as u8, 16, &mut stream)).collect();
            let picture = RgbImage::from_fn(16, 16, |x, y| {
                let place = (y * 16 + x) as usize;
                Rgb([planes[0][place], planes[1][place], planes[2][place]])
            });
            picture.save(pictures.join(format!("{number:02}.png")))?;
        }
    }
    fs::write(folder.join("pixels.toml"), PIXELS)?;
    fs::write(folder.join("colour.toml"), COLOUR)?;
    Ok(())
}

/// A noisy square with a bar: across, along or aslant.
fn bar(class: u8, side: usize, stream: &mut Stream) -> Vec<u8> {
    let mut pixels: Vec<u8> = (0..side * side).map(|_| stream.below(60) as u8).collect();
    let (start, beside) = (stream.below(side / 2), stream.below(side / 2));
    for step in 0..side / 2 {
        let (row, column) = match class {
            0 => (beside, start + step),
            1 => (start + step, beside),
            _ => (start + step, step),
        };
        pixels[row * side + column] = 200 + stream.below(50) as u8;
    }
    pixels
}

fn idx(magic: u32, sizes: &[usize], bytes: &[u8]) -> Vec<u8> {
    let mut file = magic.to_be_bytes().to_vec();
    sizes.iter().for_each(|&size| file.extend((size as u32).to_be_bytes()));
    file.extend(bytes);
    file
}

const PIXELS: &str = r#"[[branch]]
input = "pixels"
[[branch.layer]]
patch = 3
filters = 6
encoding = { nystrom = { kernel = { type = "exponential", sigma = 0.6 } } }
pooling = { by = 2.0 }
[[branch.layer]]
patch = 2
filters = 8
encoding = { nystrom = { kernel = { type = "exponential", sigma = 0.6 } } }
pooling = { to = 4 }
"#;

const COLOUR: &str = r#"[[branch]]
input = { local-whitening = { patch = 3, power = 0.25 } }
[[branch.layer]]
patch = 3
filters = 6
centred = true
encoding = { nystrom = { kernel = { type = "exponential", sigma = 0.6 } } }
pooling = { stride = 2 }
[[branch]]
input = "pixels"
[[branch.layer]]
patch = 4
filters = 6
encoding = { expansion = {} }
pooling = { to = 3 }
"#;
