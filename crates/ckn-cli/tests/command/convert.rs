use crate::motif_files::{meme_of, motif, refuse_bad_files, words};
use crate::support::{Bench, gzip, read};

fn bench() -> Bench {
    let bench = Bench { folder: tempfile::TempDir::new().unwrap() };
    bench.write("known.meme", meme_of(&words(5)));
    bench
}

#[test]
fn motifs_pass_through_every_format() {
    let bench = bench();
    let meme = bench.run("convert known.meme --to meme").ok().stdout;
    assert!(meme.starts_with("MEME version 5") && meme.matches("MOTIF ").count() == 5, "{meme}");
    assert_eq!(bench.run_with_input("convert - --to meme", meme.as_bytes()).ok().stdout, meme);
    bench.write("known.gz", gzip(meme.as_bytes()));
    assert_eq!(bench.run("convert known.gz --to meme").ok().stdout, meme);
    for (format, start) in [("jaspar", ">m0"), ("transfac", "AC"), ("homer", ">")] {
        let run = bench.run(&format!("convert known.meme --to {format} --out known.{format}")).ok();
        assert!(run.stdout.is_empty() && run.stderr.is_empty());
        let text = String::from_utf8(read(bench.path(&format!("known.{format}")))).unwrap();
        assert!(text.starts_with(start), "{text}");
        let back = bench.run(&format!("convert known.{format} --to meme")).ok().stdout;
        assert_eq!(back.matches("MOTIF m").count(), 5, "{format}");
        let rows = |text: &str| -> Vec<f64> {
            let rows = text.lines().filter(|line| line.starts_with(' '));
            rows.flat_map(|row| row.split_whitespace().map(|cell| cell.parse::<f64>().unwrap()).collect::<Vec<_>>())
                .collect()
        };
        assert!(rows(&back).iter().zip(rows(&meme)).all(|(a, b)| (a - b).abs() < 1e-12), "{format}");
    }
}

#[test]
fn the_head_of_a_meme_file_is_kept() {
    let bench = bench();
    let head =
        "MEME version 4\n\nALPHABET= ACGT\n\nstrands: +\n\nBackground letter frequencies\nA 0.4 C 0.1 G 0.2 T 0.3\n\n";
    bench.write("head.meme", format!("{head}{}", motif("a", "ACG")));
    let text = bench.run("convert head.meme --to meme").ok().stdout;
    assert!(text.contains("strands: +\n") && text.contains("A 0.4 C 0.1 G 0.2 T 0.3"), "{text}");
    bench.run("convert head.meme --to jaspar --out head.jaspar").ok();
    let text = bench.run("convert head.jaspar --to meme").ok().stdout;
    assert!(text.contains("strands: + -\n") && text.contains("A 0.25 C 0.25 G 0.25 T 0.25"), "{text}");
}

#[test]
fn what_cannot_be_converted_is_refused_and_nothing_is_written() {
    let bench = bench();
    refuse_bad_files(&bench, &["convert BAD --to jaspar --out o"]);
    bench.write("rna.meme", "MEME version 5\nALPHABET= ACGU\n".to_owned() + &motif("r", "ACG"));
    let run = bench.run("convert rna.meme --to homer --out o");
    run.refused(3, &["HOMER", "`r` is RNA"]);
    assert!(!bench.path("o").exists());
    bench.run("convert rna.meme --to jaspar").ok();
    bench.run("convert known.meme").refused(2, &["--to"]);
    bench.run("convert known.meme --to pwm").refused(2, &["meme, jaspar, transfac, homer"]);
    bench.run("convert known.meme --to meme --out known.meme --force").refused(2, &["twice"]);
    bench.run("convert known.meme --to meme --out missing/o").refused(2, &["missing"]);
    bench.write("o", "precious");
    bench.run("convert known.meme --to meme --out o").refused(2, &["--force"]);
    assert_eq!(read(bench.path("o")), b"precious");
    bench.run("convert known.meme --to meme --out o --force").ok();
}
