//! Tables of sequences and labels.

#![expect(clippy::unwrap_used, reason = "helpers of tests may fail")]

use std::fs;

use ckn_bio::{Alphabet, Error, LabelledSequences, io};

fn in_file<T>(content: &str, read: impl FnOnce(&std::path::Path) -> T) -> T {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("table.tsv");
    fs::write(&path, content).unwrap();
    read(&path)
}

fn labels(content: &str) -> Result<LabelledSequences, Error> {
    in_file(content, |path| io::read_labelled(path, Alphabet::Dna))
}

fn seq_table(content: &str) -> Result<LabelledSequences, Error> {
    in_file(content, |path| io::delimited::read_labelled(path, Alphabet::Dna, &io::Columns::seq_table()))
}

#[test]
fn a_seq_table_gives_names_sequences_and_labels() {
    let table = "FoldID\tEventID\tseq\tBound\nA\tseq_1\tACGT\t1\nB\tseq_2\tnnac\t0\n";
    let labelled = seq_table(table).unwrap();
    assert_eq!(labelled.labels(), [1.0, 0.0]);
    assert_eq!(labelled.sequences().ids(), ["seq_1", "seq_2"]);
    assert_eq!(labelled.sequences().decode(1), "NNAC");
    assert_eq!(labels(table).unwrap(), labelled);
}

#[test]
fn a_seq_table_may_hold_one_class_other_columns_and_any_order() {
    let table = "Bound\textra\tseq\tEventID\n1\tx\tAC\ta\n1\ty\tGT\tb";
    let labelled = seq_table(table).unwrap();
    assert_eq!(labelled.labels(), [1.0, 1.0]);
    assert_eq!(labelled.sequences().ids(), ["a", "b"]);
}

#[test]
fn labels_that_are_no_finite_numbers_are_refused_with_their_line() {
    for label in ["", "NaN", "inf", "-Infinity", "1e999", "yes", "0,5", "0x1"] {
        let error = labels(&format!("seq\tlabel\nAC\t1\nGT\t{label}\n")).unwrap_err();
        let message = error.to_string();
        assert!(matches!(error, Error::Label { .. }), "{message}");
        assert!(message.contains("record 2, line 3): column `label` holds `"), "{message}");
        assert!(message.ends_with("write a finite number, or remove the row"), "{message}");
    }
    for (label, value) in [("1", 1.0), ("-0.25", -0.25), ("1e3", 1000.0), (" 2 ", 2.0)] {
        assert_eq!(labels(&format!("seq\tlabel\nGT\t{label}\n")).unwrap().labels(), [value]);
    }
}

#[test]
fn a_missing_column_is_named_with_those_that_are_there() {
    let message = labels("id\tseq\tscore\nx\tAC\t1\n").unwrap_err().to_string();
    assert!(
        message.ends_with("no column `label` or `Bound`, only `id`, `seq`, `score`: rename the column that holds it")
    );
    let table = "FoldID\tEventID\tBound\nA\tx\t1\n";
    let error = seq_table(table).unwrap_err();
    assert!(error.to_string().contains("line 1: no column `seq`, only `FoldID`, `EventID`, `Bound`"), "{error}");
    let columns = io::Columns::default().sequence("probe");
    let error = in_file("seq\tlabel\nA\t1\n", |path| io::delimited::read(path, Alphabet::Dna, &columns)).unwrap_err();
    assert!(error.to_string().contains("no column `probe`"), "{error}");
}

#[test]
fn several_label_columns_are_read_in_the_order_asked_for() {
    let columns = io::Columns::default().sequence("probe").id("key").labels(["second", "first"]);
    let table = "key,first,probe,second\nx,1,ACG,-1\ny,2,TT,-2\n";
    let table = in_file(table, |path| io::delimited::read(path, Alphabet::Dna, &columns)).unwrap();
    assert_eq!(table.label_names, ["second", "first"]);
    assert_eq!(table.labels, [[-1.0, -2.0], [1.0, 2.0]]);
    assert_eq!(table.sequences.ids(), ["x", "y"]);
}

#[test]
fn fasta_has_no_labels() {
    let message = labels(">a\nACGT\n").unwrap_err().to_string();
    assert!(message.contains("holds sequences without labels: give a table with a label column"), "{message}");
}

#[test]
fn names_of_classes_become_their_numbers() {
    let two = labels("seq\tlabel\nAC\tenhancer\nGT\tother\nGG\tenhancer\n").unwrap();
    assert_eq!((two.labels(), two.classes()), (&[1.0, 0.0, 1.0][..], &["other".to_owned(), "enhancer".to_owned()][..]));
    assert_eq!(two.select(&[1]).unwrap().classes(), two.classes());
    let three = labels("seq,label\nAC,liver\nGT,brain\nGG,skin\n").unwrap();
    assert_eq!((three.labels(), three.classes()[2].as_str()), (&[1.0, 0.0, 2.0][..], "skin"));
    let known: Vec<String> = ["skin", "brain", "liver", "bone"].map(str::to_owned).to_vec();
    assert_eq!(three.clone().in_classes(&known).unwrap().labels(), [2.0, 1.0, 0.0]);
    let message = three.in_classes(&known[1..]).unwrap_err().to_string();
    assert!(message.ends_with("line 4) is of the class `skin`: known are `brain`, `liver`, `bone`"), "{message}");
    assert!(labels("seq\tlabel\nAC\t0\nGT\t1\n").unwrap().classes().is_empty());
}

#[test]
fn names_numbers_and_missing_labels_do_not_mix() {
    for (table, says) in [
        ("seq\tlabel\nAC\tliver\nGT\t1\n", "line 3): column `label` holds `1`, and before it names such as `liver`"),
        ("seq\tlabel\nAC\tliver\nGT\tNA\n", "line 3): column `label` holds `NA`: write a finite number"),
        ("seq\tlabel\nAC\t0,5\nGT\t0,7\n", "line 2): column `label` holds `0,5`: write a finite number"),
        ("seq\tlabel\nAC\t\n", "line 2): column `label` holds ``: write a finite number"),
        (
            "seq\ttask\tlabel\nAC\ta\t1\nGT\tb\t0\n",
            "column `task` holds `b`, and before it `a`: this is a table of several",
        ),
    ] {
        let message = labels(table).unwrap_err().to_string();
        assert!(message.contains(says), "{message}");
    }
    assert_eq!(labels("seq\ttask\tlabel\nAC\ta\t1\nGT\ta\t0\n").unwrap().labels(), [1.0, 0.0]);
}
