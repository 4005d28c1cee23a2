//! `ckn image`, from files to classes.

use std::fs;

use crate::support::{Bench, letters, read};

const SIDE: usize = 10;

/// Images of lying and standing bars in noise, and their classes.
fn bars(count: usize, seed: u64) -> (Vec<u8>, Vec<u8>) {
    let noise = letters(seed, count * (SIDE * SIDE + 3));
    let mut noise = noise.bytes().map(|letter| usize::from(letter) % 7);
    let mut next = || noise.next().unwrap();
    let (mut pixels, mut labels) = (Vec::new(), Vec::new());
    for image in 0..count {
        let class = image % 2;
        let (along, across) = (2 + next(), 1 + next());
        let mut bytes: Vec<u8> = (0..SIDE * SIDE).map(|_| 8 * next() as u8).collect();
        for step in 0..4 {
            let (y, x) = if class == 0 { (across, along - 2 + step) } else { (along - 2 + step, across) };
            bytes[y * SIDE + x] = 250;
        }
        pixels.extend(bytes);
        labels.push(class as u8);
    }
    (pixels, labels)
}

fn idx(magic: u32, sizes: &[usize], bytes: &[u8]) -> Vec<u8> {
    let mut file = magic.to_be_bytes().to_vec();
    sizes.iter().for_each(|&size| file.extend((size as u32).to_be_bytes()));
    file.extend(bytes);
    file
}

/// 200 training images and 100 others, and two networks of two layers, the second an expansion or anchor points.
pub(crate) fn bench() -> Bench {
    let bench = Bench { folder: tempfile::TempDir::new().unwrap() };
    for (name, count, seed) in [("train", 200, 1), ("test", 100, 2)] {
        let (pixels, labels) = bars(count, seed);
        bench.write(&format!("{name}-images"), idx(0x803, &[count, SIDE, SIDE], &pixels));
        bench.write(&format!("{name}-labels"), idx(0x801, &[count], &labels));
    }
    let expansion = "[[branch]]\ninput = \"pixels\"\n[[branch.layer]]\npatch = 3\nfilters = 8\n\
         encoding = { nystrom = { kernel = { type = \"exponential\", sigma = 0.6 } } }\npooling = { by = 2.0 }\n\
         [[branch.layer]]\npatch = 2\nfilters = 12\nencoding = { expansion = {} }\npooling = { to = 2 }\n";
    let kernel = "{ nystrom = { kernel = { type = \"exponential\", sigma = 0.6 } } }";
    bench.write("small.toml", expansion);
    bench.write("points.toml", expansion.replace("{ expansion = {} }", kernel));
    bench
}

const TRAIN: &str = "image train --images train-images --labels train-labels --patches 4000 --iterations 30";

#[test]
fn a_model_is_trained_evaluated_and_used() {
    let bench = bench();
    let run = bench.run(&format!("{TRAIN} --network small.toml --out bars.ckn")).ok();
    let rows: Vec<Vec<&str>> = run.stdout.lines().map(|line| line.split('\t').collect()).collect();
    assert_eq!(rows[0], ["model", "images", "classes", "dimension", "parameters", "cost", "held_out_error", "seconds"]);
    // 8 filters of 9 numbers, 12 of 32; 2 x 2 x 12 numbers an image.
    assert_eq!(rows[1][..5], ["bars.ckn", "200", "2", "48", "456"]);
    assert!(run.stderr.contains("layer 2") && run.stderr.contains("best so far"), "{}", run.stderr);
    let record: serde_json::Value = serde_json::from_slice(&read(bench.path("bars.ckn.run.json"))).unwrap();
    assert_eq!(record["data"]["images"].as_str().unwrap().len(), 64);
    assert!(!record["trials"].as_array().unwrap().is_empty());

    let run = bench.run("image evaluate bars.ckn --images test-images --labels test-labels").ok();
    let (header, row) = run.stdout.split_once('\n').unwrap();
    assert_eq!(header, "model\timages\twrong\terror\terror_low\terror_high");
    let cells: Vec<&str> = row.trim().split('\t').collect();
    let (wrong, error): (usize, f64) = (cells[2].parse().unwrap(), cells[3].parse().unwrap());
    assert!(error < 8.0 && (error - wrong as f64).abs() < 1e-9, "{row}");

    // Predicted classes make as many errors.
    let run = bench.run("image predict bars.ckn --images test-images --scores").ok();
    let classes: Vec<&str> = run.stdout.lines().skip(1).map(|line| line.split('\t').nth(1).unwrap()).collect();
    let different = classes.iter().enumerate().filter(|(image, class)| (image % 2).to_string() != **class);
    assert_eq!(different.count(), wrong);
    assert!(run.stdout.starts_with("image\tclass\tscore\tscore_0\tscore_1\n"));

    bench.run("image features bars.ckn --images test-images --out features.npy").ok();
    let npy = read(bench.path("features.npy"));
    assert!(npy.starts_with(b"\x93NUMPY") && npy.len().is_multiple_of(64));
    let table = bench.run("image features bars.ckn --images test-images").ok().stdout;
    let first: f32 = table.lines().nth(1).unwrap().split('\t').nth(1).unwrap().parse().unwrap();
    let start = npy.len() - 100 * 48 * 4;
    assert_eq!(first, f32::from_le_bytes(npy[start..start + 4].try_into().unwrap()));

    bench.run("image filters bars.ckn --out filters.png").ok();
    assert!(read(bench.path("filters.png")).starts_with(b"\x89PNG"));
    bench.run("image filters bars.ckn --layer 2 --out filters.svg").ok();
    roxmltree::Document::parse(&String::from_utf8(read(bench.path("filters.svg"))).unwrap()).unwrap();
    bench.run("image filters bars.ckn --layer 3 --out more.png").refused(2, &["has 2 layers"]);
    bench.run("image filters bars.ckn --out filters.gif").refused(2, &[".png"]);

    // Other commands say what it is.
    bench.run("predict bars.ckn test-images").refused(3, &["ckn image"]);
}

#[test]
fn equal_seeds_give_equal_files_on_any_number_of_threads() {
    let bench = bench();
    bench.run(&format!("{TRAIN} --network small.toml --threads 1 --out one.ckn")).ok();
    bench.run(&format!("{TRAIN} --network small.toml --threads 3 --quiet --out three.ckn")).ok();
    assert_eq!(read(bench.path("one.ckn")), read(bench.path("three.ckn")));
    bench.run(&format!("{TRAIN} --network small.toml --seed 1 --out other.ckn")).ok();
    assert_ne!(read(bench.path("one.ckn")), read(bench.path("other.ckn")));
    bench.run(&format!("{TRAIN} --network small.toml --out one.ckn")).refused(2, &["--force"]);
}

#[test]
fn labels_train_anchor_points_and_nothing_else() {
    let bench = bench();
    let train = "image train --images train-images --labels train-labels --patches 4000";
    let run = bench.run(&format!("{train} --network points.toml --supervised --epochs 3 --out s.ckn")).ok();
    assert!(run.stderr.contains("pass 1: objective"), "{}", run.stderr);
    let record: serde_json::Value = serde_json::from_slice(&read(bench.path("s.ckn.run.json"))).unwrap();
    assert!(record["epochs"].as_array().unwrap().len() >= 2);
    bench.run(&format!("{TRAIN} --network small.toml --supervised --out t.ckn")).refused(2, &["anchor points"]);
    assert!(!bench.path("t.ckn").exists());
}

#[test]
fn bad_images_are_refused_with_their_reason() {
    let bench = bench();
    let out = "--network small.toml --out x.ckn";
    let train =
        |images: &str, labels: &str| bench.run(&format!("image train --images {images} --labels {labels} {out}"));
    let (pixels, labels) = bars(10, 3);
    bench.write("magic", idx(0x123, &[10, SIDE, SIDE], &pixels));
    train("magic", "train-labels").refused(3, &["magic"]);
    bench.write("short", idx(0x803, &[10, SIDE, SIDE], &pixels[..pixels.len() - 1]));
    train("short", "train-labels").refused(3, &["short"]);
    bench.write("ten", idx(0x803, &[10, SIDE, SIDE], &pixels));
    bench.write("nine-labels", idx(0x801, &[9], &labels[..9]));
    train("ten", "nine-labels").refused(3, &["10", "9"]);
    train("missing", "train-labels").refused(3, &["missing"]);
    bench.run(&format!("image train --images ten {out}")).refused(3, &["label"]);

    // A picture that is none, in a folder of classes.
    for class in ["a", "b"] {
        fs::create_dir_all(bench.path(&format!("folder/{class}"))).unwrap();
    }
    bench.write("folder/a/1.png", b"\x89PNG\r\n\x1a\nnothing more");
    bench.write("folder/b/1.png", b"\x89PNG\r\n\x1a\nnothing more");
    bench.run(&format!("image train --images folder {out}")).refused(3, &["1.png"]);

    bench.write("large.toml", fs::read_to_string(bench.path("small.toml")).unwrap().replace("patch = 3", "patch = 11"));
    bench
        .run(&format!("{TRAIN} --network large.toml --out x.ckn"))
        .refused(2, &["patches of 11 x 11 do not fit into a map of 10 x 10"]);
    bench.write("wrong.toml", "[[branch]]\ninput = \"pixels\"\nlayers = []\n");
    bench.run(&format!("{TRAIN} --network wrong.toml --out x.ckn")).refused(3, &["wrong.toml", "layers"]);
    bench.run(&format!("{TRAIN} --network gm7 --out x.ckn")).refused(2, &["gm7", "gm1"]);
    bench.run(&format!("{TRAIN} --network gm1 --cost 0 --out x.ckn")).refused(2, &["C = 0"]);
    assert!(!bench.path("x.ckn").exists());

    // Images of another size than the model's, and classes that it does not know.
    bench.run(&format!("{TRAIN} --network small.toml --out bars.ckn")).ok();
    bench.write("other", idx(0x803, &[10, 5, 20], &pixels));
    bench.run("image predict bars.ckn --images other").refused(3, &["5 x 20"]);
    let unknown: Vec<u8> = labels.iter().map(|label| label + 4).collect();
    bench.write("unknown-labels", idx(0x801, &[10], &unknown));
    bench.run("image evaluate bars.ckn --images ten --labels unknown-labels").refused(3, &["class"]);
    bench.run("image evaluate train-images --images ten --labels unknown-labels").refused(3, &["not a usable model"]);
}
