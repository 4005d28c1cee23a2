//! Reports of classes, tasks and measurements, and of models that a cross-validation chose.

use std::fmt::Write as _;

use crate::motif_files::{meme_of, words};
use crate::support::{Bench, letters, read};

/// A page, or another file.
pub(crate) fn text(bench: &Bench, name: &str) -> String {
    String::from_utf8(read(bench.path(name))).unwrap()
}

/// The words that tell classes apart.
const WORDS: [&str; 4] = ["CACGTGACTT", "GGATTACAGG", "TTCCGGAAGT", "AACTGTCCAT"];

/// A table of sequences of four classes, each with a word of its own.
pub(crate) fn classes(names: [&str; 4], records: u64) -> String {
    let mut table = String::from("id\tsequence\tlabel\n");
    for record in 0..records {
        let (random, class) = (letters(record + 1, 50), record as usize % 4);
        let at = 5 + record as usize % 30;
        writeln!(table, "r{record}\t{}{}{}\t{}", &random[..at], WORDS[class], &random[at + 10..], names[class])
            .unwrap();
    }
    table
}

/// A table of two tasks, each told by a word, the labels of the second known of every other sequence.
pub(crate) fn tasks(names: [&str; 2], records: u64) -> String {
    let mut table = format!("id\tsequence\tlabel:{}\tlabel:{}\n", names[0], names[1]);
    for record in 0..records {
        let (random, both) = (letters(record + 1, 60), [record % 2, record / 2 % 2]);
        let word = |task: usize, at: usize| if both[task] == 1 { WORDS[task] } else { &random[at..at + 10] };
        let second = if record % 3 == 0 { "NA".to_owned() } else { both[1].to_string() };
        let (one, other) = (word(0, 10), word(1, 35));
        let sequence = format!("{}{one}{}{other}{}", &random[..10], &random[20..35], &random[45..]);
        writeln!(table, "r{record}\t{sequence}\t{}\t{second}", both[0]).unwrap();
    }
    table
}

/// A table of measurements: the number of times that a word stands in a sequence, and a little more.
pub(crate) fn measurements(records: u64) -> String {
    let mut table = String::from("id\tsequence\tlabel\n");
    for record in 0..records {
        let (random, count) = (letters(record + 1, 60), record as usize % 4);
        let middle: String =
            (0..3).map(|at| if at < count { WORDS[0] } else { &random[10 * at..10 * at + 10] }).collect();
        let value = count as f64 + (record % 7) as f64 / 20.0;
        writeln!(table, "r{record}\t{}{middle}{}\t{value:.3}", &random[..15], &random[45..]).unwrap();
    }
    table
}

/// The files that a page holds, by their names.
fn downloads(page: &str) -> Vec<(String, String)> {
    let plain = |address: &str| {
        let mut bytes = Vec::new();
        let mut rest = address.bytes();
        while let Some(byte) = rest.next() {
            let mut digit = || (rest.next().unwrap() as char).to_digit(16).unwrap() as u8;
            bytes.push(if byte == b'%' { 16 * digit() + digit() } else { byte });
        }
        String::from_utf8(bytes).unwrap()
    };
    let links = page.split("<a href=\"data:text/plain;charset=utf-8,").skip(1);
    links
        .map(|link| {
            let (address, rest) = link.split_once("\" download=\"").unwrap();
            (rest.split('"').next().unwrap().to_owned(), plain(address))
        })
        .collect()
}

/// The cells of the matrix of a page, row by row.
fn matrix(page: &str) -> Vec<Vec<usize>> {
    let table = page.split("<table class=\"matrix").nth(1).unwrap().split("</table>").next().unwrap();
    let rows = table.split("<tbody>").nth(1).unwrap().split("<tr>").skip(1);
    let cell = |cell: &str| cell.split('>').nth(1).unwrap().split('<').next().unwrap().parse().unwrap();
    rows.map(|row| row.split("<td").skip(1).map(cell).collect()).collect()
}

#[test]
fn classes_have_a_matrix_curves_motifs_and_mistakes() {
    let bench = Bench::new();
    let names = ["<b>bold</b>", "two words", "α/β", "../x"];
    bench.write("classes.tsv", classes(names, 160));
    bench.write("test.tsv", classes(names, 300));
    bench.run("train --tsv classes.tsv --loss multinomial --model network --filters 8 --width 8 --epochs 8 -q --out c --report r").ok();
    let tested = bench.run("evaluate c --tsv test.tsv").ok();
    bench.run("report c --tsv test.tsv --out c.html -q").ok();
    let page = text(&bench, "c.html");
    // Rows are the classes in the order of the model, and all sequences are in them; the diagonal is what evaluate says.
    let cells = matrix(&page);
    assert_eq!(cells.iter().map(|row| row.iter().sum::<usize>()).collect::<Vec<_>>(), [75; 4]);
    let right: usize = (0..4).map(|class| cells[class][class]).sum();
    assert_eq!(format!("{:.6}", right as f64 / 300.0), tested.cell("accuracy"));
    assert_eq!(page.matches("Receiver operating characteristic of").count(), 4);
    assert_eq!(page.matches("Precision and recall of").count(), 4);
    let area = tested.cell("auroc:two words").parse::<f64>().unwrap();
    assert!(page.contains(&format!("<td class=\"number\">{area:.3}</td>")), "{area}");
    for part in
        ["Surest of each class", "Worst mistakes", "Mean AUROC", "the largest class every time", "&#60;b&#62;bold"]
    {
        assert!(page.contains(part), "{part}");
    }
    assert!(!page.contains("<b>") && page.contains("Positives are the sequences of the class"));
    // Each class has files of its own.
    let files: Vec<String> = downloads(&page).into_iter().map(|(name, _)| name).collect();
    for class in 1..=4 {
        assert!(
            files.contains(&format!("motifs_{class}.meme")) && files.contains(&format!("sites_{class}.bed")),
            "{files:?}"
        );
    }
    // The page of the training is as complete.
    let own = text(&bench, "r/report.html");
    assert_eq!((matrix(&own).len(), own.matches("Receiver operating").count()), (4, 4));
    assert!(own.contains("Worst mistakes") && own.contains("held out from the training"));
    bench.run("report c --tasks test.tsv --out d.html").refused(2, &["no tasks", "--tsv"]);
}

#[test]
fn very_many_classes_are_a_list_of_pairs() {
    let bench = Bench::new();
    let mut table = String::from("sequence\tlabel\n");
    (0..200u64).for_each(|record| writeln!(table, "{}\tclass{}", letters(record + 1, 30), record % 40).unwrap());
    bench.write("many.tsv", &table);
    bench
        .run("train --tsv many.tsv --loss multinomial --model network --filters 4 --width 6 --epochs 1 -q --out m")
        .ok();
    bench.run("report m --tsv many.tsv --out m.html -q").ok();
    let page = text(&bench, "m.html");
    assert!(!page.contains("class=\"matrix") && page.contains("Classes that are taken for others most often"));
    assert!(page.contains("the 30 classes of the lowest AUROC; 10 more are not shown") && page.len() < 3_000_000);
}

#[test]
fn tasks_of_a_report_are_found_by_their_names() {
    let bench = Bench::new();
    bench.write("tasks.tsv", tasks(["one", "two"], 160));
    bench.run("train --tasks tasks.tsv --model network --filters 8 --width 8 --epochs 6 -q --out t").ok();
    // In the other order.
    let rows = tasks(["one", "two"], 240);
    let turned: String = rows
        .lines()
        .map(|row| row.split('\t').collect::<Vec<_>>())
        .map(|cells| format!("{}\t{}\t{}\t{}\n", cells[0], cells[1], cells[3], cells[2]))
        .collect();
    bench.write("turned.tsv", turned);
    let tested = bench.run("evaluate t --tasks turned.tsv").ok();
    assert_eq!(tested.cell_of(0, "task"), "two");
    bench.run("report t --tasks turned.tsv --out t.html -q").ok();
    let page = text(&bench, "t.html");
    let first = page.split("id=\"task-1\"").nth(1).unwrap().split("id=\"task-2\"").next().unwrap();
    let area = |row: usize| format!("{:.3}", tested.cell_of(row, "auroc").parse::<f64>().unwrap());
    assert!(first.contains("two") && first.contains(&area(0)), "{}", area(0));
    assert_eq!(page.matches("Receiver operating characteristic of").count(), 2);
    for part in ["All tasks", "on average over 2 tasks", "Worst mistakes of <bdi>one", "Worst mistakes of <bdi>two"] {
        assert!(page.contains(part), "{part}");
    }
    assert!(downloads(&page).iter().any(|(name, _)| name == "motifs_2.meme"));
    bench.write("other.tsv", rows.replace("label:two", "label:three"));
    bench.run("report t --tasks other.tsv --out u.html").refused(2, &["no output three", "one, two"]);
    bench.run("report t --pos pos.fa --neg neg.fa --output two --out v.html -q").ok();
    assert!(text(&bench, "v.html").contains("Task <bdi>two"));
}

#[test]
fn measurements_have_intervals_and_the_largest_errors() {
    let bench = Bench::new();
    bench.write("values.tsv", measurements(200));
    bench.run("train --tsv values.tsv --loss squared --filters 8 --width 8 --epochs 8 -q --out v").ok();
    bench.run("report v --tsv values.tsv --out v.html -q").ok();
    let page = text(&bench, "v.html");
    for measure in ["Pearson", "Spearman", "Mean squared error"] {
        let row = page.split(&format!("<th scope=\"row\">{measure}<span")).nth(1).unwrap();
        let row = row.split("</tr>").next().unwrap();
        let numbers: Vec<f64> = row
            .split(['>', '<', ' '])
            .filter_map(|word| word.parse().ok())
            .filter(|number: &f64| number.fract() != 0.0)
            .collect();
        assert!(numbers.len() == 3 && numbers[1] <= numbers[0] && numbers[0] <= numbers[2], "{measure} {numbers:?}");
        assert!(numbers[1] < numbers[2], "{measure} {numbers:?}");
    }
    for part in ["bootstrap", "Highest predictions", "furthest from what was measured", "the third measured lowest"] {
        assert!(page.contains(part), "{part}");
    }
    assert!(page.contains("motifs.meme") && !page.contains("ROC curve"));
}

#[test]
fn models_of_a_cross_validation_are_shown_by_what_was_left_out() {
    let bench = Bench::of(120);
    let auto = bench.run("train --pos pos.fa --neg neg.fa --auto -q --out a --report ra").ok();
    let page = text(&bench, "ra/report.html");
    for part in [
        "cross-validation that had not seen it",
        "ROC curve",
        "Calibration",
        "Worst mistakes",
        "p-values of motifs that it shows are too small",
    ] {
        assert!(page.contains(part), "{part}");
    }
    // Folds together are ranked about as well as each by itself.
    let shown = page.split("its AUROC is <strong>").nth(1).unwrap().split('<').next().unwrap().parse::<f64>().unwrap();
    assert!((shown - auto.cell("validation_auroc").parse::<f64>().unwrap()).abs() < 0.05, "{shown} {}", auto.stdout);
    for file in ["ra/motifs.meme", "ra/sites.bed", "ra/motifs.tsv"] {
        assert!(bench.path(file).is_file(), "{file}");
    }
    // The files of the page are those of the folder.
    let files = downloads(&page);
    for (name, content) in &files {
        if name.starts_with("motifs") {
            assert_eq!(*content, text(&bench, &format!("ra/{name}")), "{name}");
        }
    }
    assert_eq!(files.len(), 3);
    // Exact machines of classes and of tasks, which choose their penalty so.
    bench.write("classes.tsv", classes(["a", "b", "c", "d"], 120));
    bench.run("train --tsv classes.tsv --loss multinomial --model exact -q --out c --report rc").ok();
    let page = text(&bench, "rc/report.html");
    assert!(page.contains("cross-validation that had not seen it") && matrix(&page).len() == 4);
    assert_eq!(matrix(&page).iter().flatten().sum::<usize>(), 120);
    bench.write("tasks.tsv", tasks(["one", "two"], 120));
    bench.run("train --tasks tasks.tsv --model exact -q --out t --report rt").ok();
    let page = text(&bench, "rt/report.html");
    assert!(page.contains("on average over 2 tasks") && page.matches("id=\"task-").count() == 2);
    // A given penalty leaves nothing out.
    bench.run("train --pos pos.fa --neg neg.fa --model exact --l2 0.1 -q --out l --report rl").ok();
    let page = text(&bench, "rl/report.html");
    assert!(!page.contains("id=\"performance\"") && page.contains("Highest scores"));
}

/// Every name of a database in a text.
fn named(text: &str, known: &[(String, String)]) -> Vec<String> {
    let words: Vec<&str> = text.split(|letter: char| !letter.is_alphanumeric() && letter != '_').collect();
    known.iter().map(|(name, _)| name.clone()).filter(|name| words.contains(&name.as_str())).collect()
}

#[test]
fn nothing_is_named_above_the_limit_of_q_anywhere() {
    let bench = Bench::of(120);
    // Sixty names that no other word of a page is, for words that nothing was planted of.
    let known: Vec<(String, String)> =
        words(60).into_iter().map(|(name, word)| (format!("unlike_{name}"), word)).collect();
    bench.write("classes.tsv", classes(["a", "b", "c", "d"], 200));
    bench.write("tasks.tsv", tasks(["one", "two"], 200));
    bench.write("values.tsv", measurements(200));
    let network = "--model network --filters 8 --width 8 --epochs 6 -q";
    for data in [
        "--tsv classes.tsv --loss multinomial",
        "--tasks tasks.tsv",
        "--tsv values.tsv --loss squared",
        "--pos pos.fa --neg neg.fa",
    ] {
        // With a motif that is there, and without.
        let mut with = known.clone();
        with.extend(
            ["CACGTGACTT", "CACGTGAC"].iter().enumerate().map(|(at, word)| (format!("alike_{at}"), (*word).to_owned())),
        );
        for (database, is_there) in [(&known, false), (&with, true), (&known[..10].to_vec(), false)] {
            bench.write("known.meme", meme_of(database));
            let run = bench.run(&format!("train {data} {network} --force --out m --report r --database known.meme"));
            run.ok();
            let page = text(&bench, "r/report.html");
            assert!(page.contains("class=\"motif\""), "{data}");
            let mut places = vec![page.clone()];
            places.extend(downloads(&page).into_iter().map(|(_, content)| content));
            for file in ["motifs.tsv", "motifs.meme", "matches.tsv", "ckn_mqc.tsv"] {
                if bench.path("r").join(file).exists() {
                    places.push(text(&bench, &format!("r/{file}")));
                }
            }
            let logos = bench.path("r/logos");
            for logo in std::fs::read_dir(logos).into_iter().flatten() {
                places.push(String::from_utf8(read(logo.unwrap().path())).unwrap());
            }
            let names: Vec<String> = places.iter().flat_map(|place| named(place, database)).collect();
            assert_eq!(names.iter().any(|name| name.starts_with("alike")), is_there, "{data} {}", database.len());
            assert!(all_below(&places, 0.05), "{data} {}", database.len());
        }
    }
}

/// Whether no q-value of a match is above a limit, in pages and in tables.
fn all_below(places: &[String], limit: f64) -> bool {
    places.iter().all(|place| {
        let in_page = place.split("<bdi>").filter_map(|part| part.split("<span class=\"quiet nowrap\">q ").nth(1));
        let in_page = in_page.filter_map(|part| part.split('<').next().and_then(|number| number.parse::<f64>().ok()));
        let header: Vec<&str> = place.lines().next().unwrap_or_default().split('\t').collect();
        let column = header.iter().position(|name| {
            *name == "match_q" || (header[0] == "motif" && header.contains(&"rank") && *name == "q_value")
        });
        let in_table = place.lines().skip(1).filter_map(|line| line.split('\t').nth(column?)?.parse::<f64>().ok());
        in_page.chain(in_table).all(|q_value| q_value <= limit)
    })
}

#[test]
fn rna_is_written_in_its_own_letters() {
    let bench = Bench::of(100);
    for class in ["pos", "neg"] {
        let rna = text(&bench, &format!("{class}.fa"));
        let rna: String = rna
            .lines()
            .map(
                |line| {
                    if line.starts_with('>') { format!("{line}\n") } else { format!("{}\n", line.replace('T', "U")) }
                },
            )
            .collect();
        bench.write(&format!("{class}.rna.fa"), rna);
    }
    let options = "--alphabet rna --model network --filters 8 --width 8 --epochs 6 -q";
    bench.run(&format!("train --pos pos.rna.fa --neg neg.rna.fa {options} --out m --report r")).ok();
    let page = text(&bench, "r/report.html");
    let consensus: Vec<&str> =
        page.split("<td class=\"letters\">").skip(1).filter_map(|cell| cell.split('<').next()).collect();
    assert!(!consensus.is_empty() && consensus.iter().all(|letters| !letters.contains('T')), "{consensus:?}");
    assert!(consensus.iter().any(|letters| letters.contains('U')) && page.contains("RNA sequences"));
    assert!(!page.contains("on the other strand"));
    let meme = downloads(&page).into_iter().find(|(name, _)| name == "motifs.meme").unwrap().1;
    assert!(meme.contains("ALPHABET= ACGU") && !meme.contains("strands: + -"), "{meme}");
}
