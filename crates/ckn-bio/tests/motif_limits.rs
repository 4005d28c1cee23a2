//! Files of motifs at the limits: wide matrices, long names, many motifs, compressed files that unpack without end.

#![expect(clippy::unwrap_used, reason = "helpers of tests may fail")]

use std::io::{Cursor, Write};

use ckn_bio::Error;
use ckn_bio::io::Source;
use ckn_bio::motif::{MotifFile, read_motifs};

fn read(text: impl AsRef<[u8]>) -> Result<MotifFile, Error> {
    MotifFile::read(Source::new("in.txt", Cursor::new(text.as_ref().to_vec()))?)
}

fn message(text: impl AsRef<[u8]>) -> String {
    read(text).unwrap_err().to_string()
}

const MEME: &str = "MEME version 4\nMOTIF m\nletter-probability matrix:\n1 0 0 0\n0 0 0 1\n";

#[test]
fn a_matrix_wider_than_any_site_is_refused_before_it_is_read() {
    let text = format!("MEME version 4\nMOTIF m\nletter-probability matrix:\n{}", "1 0 0 0\n".repeat(1001));
    assert!(message(text).contains("line 1004: the matrix has 1001 columns"));
    let text = format!("MEME version 4\nMOTIF m\nletter-probability matrix:\n{}", "1 0 0 0\n".repeat(1000));
    assert_eq!(read(text).unwrap().motifs[0].width(), 1000);
}

#[test]
fn long_names_letters_of_all_languages_and_repeated_names_are_kept() {
    let long = "n".repeat(64 << 10);
    let text = format!(">{long}\n1\n1\n1\n1\n>\u{202e}gnp\n1\n1\n1\n1\n>α\n1\n1\n1\n1\n>α\n1\n1\n1\n1\n");
    let names: Vec<String> = read(text).unwrap().motifs.into_iter().map(|motif| motif.name).collect();
    assert_eq!(names, [long.as_str(), "\u{202e}gnp", "α", "α"]);
    let message = message(">\u{202e}gnp\n");
    assert!(!message.contains('\u{202e}'), "{message}");
}

#[test]
fn compressed_files_are_read_and_bombs_stop() {
    let gzip = |pieces: &mut dyn Iterator<Item = Vec<u8>>| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        pieces.for_each(|piece| encoder.write_all(&piece).unwrap());
        encoder.finish().unwrap()
    };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("motifs.meme");
    std::fs::write(&path, gzip(&mut std::iter::once(MEME.into()))).unwrap();
    assert_eq!(read_motifs(&path).unwrap(), read(MEME).unwrap());
    let head = std::iter::once(format!("{MEME}\n\n").into_bytes());
    let mut line = vec![b' '; 1 << 20];
    line[(1 << 20) - 1] = b'\n';
    let bomb = gzip(&mut head.clone().chain(std::iter::repeat_n(line, 300)));
    assert!(bomb.len() < 4 << 20 && message(bomb).contains("more than 256 MiB"));
    let bomb = gzip(&mut head.chain(std::iter::repeat_n(vec![b'\n'; 1 << 20], 11)));
    assert!(message(bomb).contains("10,000,000 lines"));
}

#[test]
fn a_hundred_thousand_motifs_are_read() {
    let mut text = String::from("MEME version 4\n\nALPHABET= ACGT\n\n");
    for motif in 0..100_000 {
        text += &format!("MOTIF M{motif}\nletter-probability matrix: alength= 4 w= 12\n");
        text += &" 0.125000 0.333333 0.083333 0.458334\n".repeat(12);
        text += "\n";
    }
    let start = std::time::Instant::now();
    let file = read(text).unwrap();
    let seconds = start.elapsed().as_secs_f64();
    assert_eq!((file.motifs.len(), file.motifs[99_999].name.as_str()), (100_000, "M99999"));
    println!("{seconds:.2} s");
    assert!(cfg!(debug_assertions) || seconds < 2.0, "{seconds} s");
}
