use std::collections::BTreeSet;
use std::fs;

use crate::motif_files::{HEAD, meme, motif, refuse_bad_files};
use crate::support::{Bench, read};

fn bench() -> Bench {
    let bench = Bench { folder: tempfile::TempDir::new().unwrap() };
    bench.write("motifs.meme", meme(&[("MA1.1 First", "ACGTT"), ("MA2.1 Second", "GGGCC"), ("MA3.1 Second", "TTTAA")]));
    bench
}

fn names(folder: &std::path::Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn all_motifs_are_drawn_into_a_folder() {
    let bench = bench();
    let run = bench.run("logo motifs.meme --out logos").ok();
    let expected = "motif\tname\tfile\nMA1.1\tFirst\tlogos/MA1.1.svg\nMA2.1\tSecond\tlogos/MA2.1.svg\nMA3.1\tSecond\tlogos/MA3.1.svg\n";
    assert_eq!(run.stdout.replace('\\', "/"), expected);
    assert_eq!(names(&bench.path("logos")), ["MA1.1.svg", "MA2.1.svg", "MA3.1.svg"]);
    let svg = String::from_utf8(read(bench.path("logos/MA1.1.svg"))).unwrap();
    assert!(svg.starts_with("<svg ") && svg.contains("<title>MA1.1 First</title>"), "{svg}");
    bench.run("logo motifs.meme --out logos").refused(2, &["MA1.1.svg exists already", "--force"]);
    fs::remove_file(bench.path("logos/MA1.1.svg")).unwrap();
    // Nothing is drawn if one of the files is there.
    bench.run("logo motifs.meme --out logos").refused(2, &["MA2.1.svg exists already"]);
    assert_eq!(names(&bench.path("logos")), ["MA2.1.svg", "MA3.1.svg"]);
    bench.run("logo motifs.meme --out logos --force").ok();
    assert_eq!(read(bench.path("logos/MA1.1.svg")), svg.as_bytes());
}

#[test]
fn one_motif_is_drawn_to_a_file_or_standard_output() {
    let bench = bench();
    let svg = bench.run("logo motifs.meme --motif MA1.1").ok().stdout;
    assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>\n"));
    assert_eq!(bench.run("logo motifs.meme --motif First").ok().stdout, svg);
    assert!(bench.run("logo motifs.meme --motif MA1.1 --out one.svg").ok().stdout.is_empty());
    assert_eq!(read(bench.path("one.svg")), svg.as_bytes());
    bench.run("logo motifs.meme --motif MA1.1 --out one.svg").refused(2, &["--force"]);
    bench.run("logo motifs.meme --motif Second").refused(3, &["2 motifs `Second`"]);
    bench.run("logo motifs.meme --motif Third").refused(2, &["no motif `Third`", "MA1.1"]);
    bench.run("logo motifs.meme --motif MA1.1 --out motifs.meme --force").refused(2, &["twice"]);
}

#[test]
fn options_change_the_drawing() {
    let bench = bench();
    let flanked = format!(
        "{HEAD}{}",
        motif("wide", "ACGT")
            .replace(" w= 4", " w= 6")
            .replace("E= 0\n", "E= 0\n 0.25 0.25 0.25 0.25\n 0.25 0.25 0.25 0.25\n",)
    );
    bench.write("wide.meme", flanked);
    let draw = |more: &str| bench.run(&format!("logo wide.meme --motif wide {more}")).ok().stdout;
    let plain = draw("");
    assert_eq!((draw("--height information"), draw("--palette classic")), (plain.clone(), plain.clone()));
    assert!(plain.contains("bits") && plain.contains("#f2a200"), "{plain}");
    assert!(!draw("--height probability").contains(">bits<"));
    let safe = draw("--palette colour-blind");
    assert!(safe.contains("#e69f00") && !safe.contains("#f2a200"));
    let trimmed = draw("--trim 0.5");
    // Positions keep their numbers: the first of six columns that is left is the third.
    let has = |svg: &str, position: u8| svg.contains(&format!("text-anchor=\"middle\">{position}<"));
    assert!(has(&plain, 1) && has(&plain, 6) && !has(&trimmed, 2) && has(&trimmed, 3), "{trimmed}");
    assert_ne!(draw("--reverse-complement"), plain);
    let turned = draw("--reverse-complement --trim 0.5");
    assert!(has(&turned, 1) && has(&turned, 4) && !has(&turned, 5), "{turned}");
    for (more, says) in [
        ("--height bits", "information"),
        ("--palette red", "colour-blind"),
        ("--trim -1", "between 0 and 10"),
        ("--trim NaN", "between 0 and 10"),
    ] {
        bench.run(&format!("logo wide.meme --motif wide {more}")).refused(2, &[says]);
    }
}

#[test]
fn hostile_names_stay_in_the_folder() {
    let bench = bench();
    let mut hostile: Vec<String> = [
        "../escape",
        "/etc/passwd",
        "..",
        ".",
        "....",
        "a/../../b",
        "C:\\evil",
        "\\\\host\\share",
        "~/home",
        "$(id)",
        "`id`",
        "-rf",
        "--force",
        ".hidden",
        "CON",
        "con",
        "nul",
        "COM1",
        "lpt9.x",
        "AUX.svg",
        "a:b",
        "a*b",
        "a?b",
        "a|b",
        "a<b>",
        "a\"b",
        "a'b",
        "%2e%2e%2f",
        "&amp;",
        "]]>",
        "<script>",
        "\u{202e}gvs",
        "\u{feff}",
        "π",
        "ﬁ",
        "É",
        "E\u{301}",
        "name.",
        "x;y",
        "#",
        "-",
        "_",
        "+",
    ]
    .map(str::to_owned)
    .to_vec();
    hostile.push("x".repeat(60_000));
    hostile.push("y/".repeat(30_000));
    hostile.extend((0..30).map(|at| if at % 2 == 0 { "same".to_owned() } else { "SAME".to_owned() }));
    hostile.extend((0..25).map(|at| format!("n/{at}")));
    assert_eq!(hostile.len(), 100);
    let text: String = hostile.iter().map(|name| motif(name, "ACG")).collect();
    fs::create_dir(bench.path("in")).unwrap();
    bench.write("in/hostile.meme", format!("{HEAD}{text}"));
    let before = bench.files();
    let run = bench.run("logo in/hostile.meme --out in/logos").ok();
    assert_eq!(bench.files(), before);
    assert_eq!(names(&bench.path("in")), ["hostile.meme", "logos"]);
    let drawn = names(&bench.path("in/logos"));
    assert_eq!((drawn.len(), run.stdout.lines().count()), (100, 101));
    let folded: BTreeSet<String> = drawn.iter().map(|name| name.to_lowercase()).collect();
    assert_eq!(folded.len(), 100);
    for name in &drawn {
        let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_+.".contains(&byte));
        assert!(plain && name.len() <= 120 && !name.starts_with(['.', '-']) && name.ends_with(".svg"), "{name}");
    }
    // Control characters do not even become motifs.
    bench.write("bell.meme", format!("{HEAD}{}", motif("a\u{7}b", "ACG")));
    bench.run("logo bell.meme --out bells").refused(3, &["bell.meme, line 7", "control"]);
}

#[test]
fn what_cannot_be_drawn_is_refused_and_nothing_is_written() {
    let bench = bench();
    refuse_bad_files(&bench, &["logo BAD --out logos", "logo BAD --motif bad --out o.svg"]);
    bench.write("file", "precious");
    for (more, says) in [
        ("", "--out"),
        ("--out missing/logos", "missing"),
        ("--out file", "is a file"),
        ("--out file/logos", "file"),
        ("--out all.svg", "give a folder"),
        ("--motif MA1.1 --out missing/one.svg", "missing"),
        ("--motif MA1.1 --out .", "folder"),
    ] {
        bench.run(&format!("logo motifs.meme {more}")).refused(2, &[says]);
    }
    let row = "0.05 ".repeat(20);
    bench.write(
        "protein.meme",
        format!("MEME version 5\n\nALPHABET= ACDEFGHIKLMNPQRSTVWY\n\nMOTIF p\nletter-probability matrix: alength= 20 w= 1\n{row}\n"),
    );
    bench.run("logo protein.meme --out logos --reverse-complement").refused(3, &["protein has no opposite strand"]);
    assert!(!bench.path("logos").exists());
    bench.run("logo protein.meme --out logos").ok();
}
