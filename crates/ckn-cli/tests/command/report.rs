use std::fmt::Write as _;

use crate::support::{Bench, letters, read};

/// Text of a file.
fn text(bench: &Bench, name: &str) -> String {
    String::from_utf8(read(bench.path(name))).unwrap()
}

/// All files below the folder of a bench.
fn all_files(bench: &Bench) -> Vec<String> {
    let mut folders = vec![bench.folder.path().to_owned()];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.push(path.strip_prefix(bench.folder.path()).unwrap().to_string_lossy().into_owned());
            }
        }
    }
    files.sort();
    files
}

const MOTIFS: &str = "MEME version 5\n\nALPHABET= ACGT\n\nstrands: + -\n\n";

/// A motif that the bench's sequences hold, in MEME's format.
fn e_box(name: &str) -> String {
    let mut text = format!("MOTIF {name}\nletter-probability matrix: alength= 4 w= 8 nsites= 20 E= 0\n");
    for letter in "CACGTGAC".chars() {
        let row: Vec<&str> = "ACGT".chars().map(|other| if other == letter { "0.97" } else { "0.01" }).collect();
        writeln!(text, " {}", row.join(" ")).unwrap();
    }
    text.push('\n');
    text
}

#[test]
fn a_report_says_what_is_known_and_nothing_else() {
    let bench = Bench::new();
    bench.train("--out m").ok();
    let run = bench.run("report m --out r.html").ok();
    assert!(run.stdout.is_empty() && run.stderr.contains("report: r.html"), "{}", run.stderr);
    let page = text(&bench, "r.html");
    for known in ["4 anchor points of 8 letters", "Loss", "validation auroc", "60 (50\u{a0}%)", "--epochs", "SHA-256"] {
        assert!(page.contains(known), "{known}");
    }
    assert!(!page.contains("Performance") && !page.contains("NaN"));
    bench.run("report m --out r.html").refused(2, &["--force"]);
    // Without the record there are no curves, and no command.
    std::fs::remove_file(bench.path("m.run.json")).unwrap();
    bench.run("report m --out r.html --force -q").ok();
    let page = text(&bench, "r.html");
    assert!(!page.contains("Validation AUROC") && !page.contains("--epochs") && page.contains("validation auroc"));
    bench.write("m.run.json", "{]");
    let run = bench.run("report m --out r.html --force").ok();
    assert!(run.stderr.contains("no record of a training"), "{}", run.stderr);
    bench.run("report m --out m --force").refused(2, &["twice"]);
}

#[test]
fn a_report_measures_the_sequences_that_are_given() {
    let bench = Bench::new();
    bench.train("--out m").ok();
    let (mut pos, mut neg) = (String::new(), String::new());
    for i in 0..40 {
        let random = letters(i + 500, 60);
        writeln!(pos, ">p{i}\n{}CACGTGAC{}", &random[..30], &random[38..]).unwrap();
        writeln!(neg, ">n{i}\n{}", letters(i + 3_000, 60)).unwrap();
    }
    bench.write("test_pos.fa", &pos);
    bench.write("test_neg.fa", &neg);
    bench.write("known.meme", format!("{MOTIFS}{}", e_box("MA1 Ebox")));
    let words = "--pos test_pos.fa --neg test_neg.fa";
    let auroc = bench.run(&format!("evaluate m {words}")).ok().cell("auroc");
    bench.run(&format!("report m {words} --database known.meme --out r.html -q")).ok();
    let page = text(&bench, "r.html");
    for known in [
        "ROC curve",
        "Calibration",
        "40 positive and 40 negative",
        "test_pos.fa",
        &auroc[..5],
        "Ebox",
        "(<bdi>MA1</bdi>)",
    ] {
        assert!(page.contains(known), "{known}");
    }
    assert!(!page.contains("trained on"));
    // The same bytes at any number of threads.
    bench.run(&format!("report m {words} --database known.meme --out s.html -q --threads 1")).ok();
    assert_eq!(page, text(&bench, "s.html"));
    // Sequences of the training are recognised.
    let run = bench.run("report m --pos pos.fa --neg neg.fa --out t.html").ok();
    assert!(run.stderr.contains("too good") && text(&bench, "t.html").contains("that the model was trained on"));
    // Positives alone are shuffled, and the page says so.
    bench.run("report m --pos test_pos.fa --out u.html -q").ok();
    assert!(text(&bench, "u.html").contains("made 40 by shuffling"));
}

#[test]
fn measurements_and_classes_have_reports_of_their_own() {
    let bench = Bench::new();
    let (mut values, mut classes) = ("sequence\tlabel\n".to_owned(), "sequence\tlabel\n".to_owned());
    for i in 0..60 {
        let random = letters(i + 1, 40);
        writeln!(values, "{random}\t{}", i as f64 / 7.0).unwrap();
        writeln!(classes, "{random}\t{}", i % 3).unwrap();
    }
    bench.write("values.tsv", &values);
    bench.write("classes.tsv", &classes);
    let options = "--filters 4 --width 6 --epochs 2 -q";
    bench.run(&format!("train --tsv values.tsv --loss squared {options} --out v --report v_report")).ok();
    let page = text(&bench, "v_report/report.html");
    assert!(page.contains("Predicted and measured values") && page.contains("Spearman") && !page.contains("ROC"));
    bench.run(&format!("train --tsv classes.tsv --loss multinomial {options} --out c --report c_report")).ok();
    assert!(text(&bench, "c_report/report.html").contains("into 3 classes"));
    bench.run("report c --tsv classes.tsv --out c.html -q").ok();
    assert!(text(&bench, "c.html").contains("Log loss"));
    bench.run("train --pos pos.fa --model deepbind --calibrations 0 --epochs 2 -q --out d --report d_report").ok();
    // Sequences were held out to choose its epoch by.
    let page = text(&bench, "d_report/report.html");
    assert!(page.contains("after DeepBind") && page.contains("It chose its epoch by them"));
    assert!(bench.path("d_report/motifs.tsv").is_file());
    bench.run("report d --pos pos.fa --neg neg.fa --out d.html -q").ok();
    assert!(text(&bench, "d.html").contains("ROC curve"));
}

#[test]
fn a_training_ends_with_its_report() {
    let bench = Bench::new();
    bench.write("known.meme", format!("{MOTIFS}{}", e_box("Ebox")));
    let run = bench.run(
        "train --pos pos.fa --neg neg.fa --filters 4 --width 8 --epochs 4 --strands max --out m --report r --database known.meme",
    );
    let run = run.ok();
    assert!(run.stderr.ends_with("ckn: report: r/report.html\n"), "{}", run.stderr);
    let page = text(&bench, "r/report.html");
    assert!(page.contains("chose its epoch by them") && page.contains("Ebox"));
    for name in ["r/motifs.meme", "r/motifs.tsv", "r/logos/motif_1.svg", "r/ckn_mqc.tsv"] {
        assert!(bench.path(name).is_file(), "{name}");
    }
    let table = text(&bench, "r/ckn_mqc.tsv");
    let rows: Vec<&str> = table.lines().filter(|line| !line.starts_with('#')).collect();
    assert!(rows.len() == 2 && rows.iter().all(|row| row.split('\t').count() == 8), "{table}");
    let train = "train --pos pos.fa --neg neg.fa --filters 4 --width 8 --epochs 2 -q --out n";
    bench.run(&format!("{train} --report r")).refused(2, &["r exists already", "--force"]);
    bench.run(&format!("{train} --report pos.fa")).refused(2, &["no folder"]);
    bench.run(&format!("{train} --database known.meme")).refused(2, &["--report"]);
    std::fs::create_dir(bench.path("d")).unwrap();
    bench.write("d/report.html", "precious");
    let clash = "train --pos pos.fa --neg neg.fa --out d/report.html --report d --force";
    bench.run(clash).refused(2, &["twice"]);
    assert_eq!(text(&bench, "d/report.html"), "precious");
}

#[test]
#[cfg(unix)]
fn hostile_names_stay_text_and_inside_the_folder() {
    let bench = Bench::new();
    let before = all_files(&bench).len();
    // As file names, tasks and motifs; a slash or a NUL cannot be in a file name, nor white space in a motif's.
    let files =
        ["<script>alert(1)</script>".replace('/', "|"), "\"><img src=x>\t\n\u{202e}.fa".to_owned(), "x".repeat(250)];
    let (pos, neg) = (text(&bench, "pos.fa").replace(">p", "><b>../../p\u{202e}"), text(&bench, "neg.fa"));
    bench.write("n.fa", &neg);
    let motifs =
        ["<script>alert(2)</script>", "\"><img/src=x>", "../../x", "\u{202e}evil\u{2066}", &"<i>".repeat(20_000)];
    let database: String = motifs.iter().map(|name| e_box(&format!("{name} ../{name}"))).collect();
    bench.write("known.meme", format!("{MOTIFS}{database}"));
    for (at, file) in files.iter().enumerate() {
        bench.write(file, &pos);
        let mut command =
            bench.command("train --neg n.fa --filters 4 --width 8 --epochs 2 -q --strands max --database known.meme");
        let (model, folder) = (format!("m{at}"), format!("r{at}"));
        let output = command.arg("--pos").arg(file).args(["--out", &model, "--report", &folder]).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        check_page(&text(&bench, &format!("{folder}/report.html")));
        let table = text(&bench, &format!("{folder}/motifs.tsv"));
        assert!(table.lines().all(|line| line.split('\t').count() == 31), "{table}");
    }
    let mut table = "sequence\tlabel:<script>alert(3)</script>\tlabel:../../x\u{202e}\n".to_owned();
    for i in 0..60 {
        writeln!(table, "{}\t{}\t{}", letters(i + 1, 40), i % 2, i / 2 % 2).unwrap();
    }
    bench.write("tasks.tsv", &table);
    bench.run("train --tasks tasks.tsv --filters 4 --width 8 --epochs 2 -q --out t --report rt").ok();
    let page = text(&bench, "rt/report.html");
    check_page(&page);
    assert!(page.contains("&#60;script&#62;alert(3)") && page.contains("../../x\u{fffd}"));
    // Two inputs, three sequence files and the table; a model, its record and the files of its report for each of four.
    let after = all_files(&bench);
    let reports =
        after.iter().filter(|name| name.starts_with("r0/") || name.starts_with("r1/") || name.starts_with("r2/"));
    let of_reports = reports.count() + 2;
    assert_eq!(after.len(), before + 6 + 4 * 2 + of_reports, "{after:?}");
    assert!(!bench.folder.path().join("../x").exists() && !bench.folder.path().join("../../x").exists());
}

/// Checks that no name has become markup, an address or a turn of direction.
fn check_page(page: &str) {
    for bad in ["<script", "<img", "<i>", "<b>", "\u{202e}", "\u{2066}", "http:", "https:"] {
        assert!(!page.contains(bad), "{bad}");
    }
    assert!(page.len() < 3_000_000);
}
