//! Tables of labels for several tasks.

#![expect(clippy::unwrap_used, reason = "helpers of tests may fail")]

use ckn_bio::{Alphabet, EncodedSequences, Error, LabelledSequences, TaskError, io};

fn read(content: impl AsRef<[u8]>) -> Result<LabelledSequences, Error> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("table.tsv");
    std::fs::write(&path, content).unwrap();
    io::read_multitask(path, Alphabet::Dna)
}

fn known(data: &LabelledSequences) -> Vec<Vec<Option<f64>>> {
    (0..data.len()).map(|record| data.labels_of(record).collect()).collect()
}

const WIDE: &str =
    "id\tsequence\tlabel:CTCF\tnote\tLabel:YY1\na\tACGT\t1\tx\tNA\nb\tGGNN\t\ty\t0\nc\tTTTT\t.\tz\t-2.5e-1\n";

#[test]
fn wide_tables_have_a_column_for_each_task() {
    let data = read(WIDE).unwrap();
    assert_eq!(data.tasks(), ["CTCF", "YY1"]);
    assert_eq!(data.sequences().ids(), ["a", "b", "c"]);
    assert_eq!(known(&data), [[Some(1.0), None], [None, Some(0.0)], [None, Some(-0.25)]]);
    assert!(data.labels()[1].is_nan() && data.labels().len() == 6);
    assert!(data.groups().is_none());
    // Line ends, delimiters, and a last line without an end make no difference.
    for other in [WIDE.replace('\n', "\r\n"), WIDE.replace('\t', ","), WIDE.replace('\t', ";"), WIDE.trim().to_owned()]
    {
        assert_eq!(known(&read(other).unwrap()), known(&data));
    }
}

#[test]
fn long_tables_have_a_row_for_each_label() {
    let data =
        read("sequence,task,label,id,group\nACGT,CTCF,1,a,g1\nGG,YY1,0,b,g2\nacgt,YY1,NA,a,g1\nGG,CTCF,2,b,g2\n");
    let data = data.unwrap();
    assert_eq!(
        (data.tasks(), data.sequences().ids()),
        (&["CTCF".into(), "YY1".into()][..], &["a".into(), "b".into()][..])
    );
    assert_eq!(known(&data), [[Some(1.0), None], [Some(2.0), Some(0.0)]]);
    assert_eq!(data.groups().unwrap(), ["g1", "g2"]);
    // Without names, the letters say which rows belong together.
    let data = read("seq,task,label\nACGT,CTCF,1\nGG,YY1,0\nacgt,YY1,1\n").unwrap();
    assert_eq!(data.sequences().ids(), ["sequence_1", "sequence_2"]);
    assert_eq!(known(&data), [[Some(1.0), Some(1.0)], [None, Some(0.0)]]);
}

/// Content, and what the message must say.
#[test]
fn broken_tables_are_refused_with_place_and_remedy() {
    let cases: &[(&[u8], &[&str])] = &[
        (b"sequence\tlabel:A\nAC\tx\n", &["record 1, line 2", "`label:A` holds `x`", "NA where"]),
        (b"sequence\tlabel:A\nAC\tNaN\n", &["line 2", "holds `NaN`"]),
        (b"sequence\tlabel:A\nAC\t1e999\n", &["line 2", "holds `1e999`", "finite"]),
        (b"sequence\tlabel:A\nAC\t\xff\n", &["line 2", "label:A"]),
        (b"sequence\tlabel:A\nAC\tNA\n", &["table.tsv: task `A` has no label"]),
        (b"sequence\tlabel:A\tlabel:A\nAC\t1\t1\n", &["line 1: task `A` is there twice"]),
        (b"sequence\tlabel:\nAC\t1\n", &["line 1", "name of a task is empty"]),
        (b"sequence\tlabel:A\nAC\n", &["line 2", "1 cells, its header has 2"]),
        (b"sequence\tlabel:A\n\t1\n", &["line 2", "no letters"]),
        (b"sequence\tlabel:A\nAC!\t1\n", &["line 2", "letter 3 is `!`"]),
        (b"sequence\tlabel:A\n", &["no rows"]),
        (b"sequence\tlabel\nAC\t1\n", &["line 1", "no column `label:TASK`", "only `sequence`, `label`"]),
        (b"sequence\ttask\nAC\t1\n", &["no column `label:TASK`"]),
        (b"letters\tlabel:A\nAC\t1\n", &["neither FASTA"]),
        (b"", &["empty"]),
        (b"\x00\x01\x02", &["not text"]),
        (b"sequence\tid\tlabel:A\nAC\t\t1\n", &["line 2", "no name"]),
        (b"sequence\tgroup\tlabel:A\nAC\t\t1\n", &["line 2", "name of the group is empty"]),
        (b"seq\ttask\tlabel\nAC\tA\t1\nAC\tA\t1\n", &["line 3", "second label for task `A`"]),
        (b"seq\ttask\tlabel\nAC\t\t1\n", &["line 2", "name of a task is empty"]),
        (b"seq\ttask\tlabel\nAC\tA\tNA\n", &["task `A` has no label"]),
        (b"id\tseq\ttask\tlabel\na\tAC\tA\t1\na\tAG\tB\t1\n", &["`a` (", "line 3", "another sequence than"]),
        (b"id\tseq\ttask\tgroup\tlabel\na\tAC\tA\tg\t1\na\tAC\tB\th\t1\n", &["line 3", "another group than"]),
    ];
    for (content, says) in cases {
        let message = read(content).unwrap_err().to_string();
        for word in *says {
            assert!(message.contains(word), "no `{word}` in: {message}");
        }
        assert!(message.contains("table.tsv"), "{message}");
    }
}

#[test]
fn a_small_table_cannot_ask_for_much_memory() {
    let mut table = String::from("id\tseq\ttask\tlabel\n");
    for row in 0..20_000 {
        table.push_str(&format!("r{row}\tA\tt{row}\t1\n"));
    }
    let message = read(table).unwrap_err().to_string();
    assert!(message.contains("line 16386: more than 268435456 labels"), "{message}");
}

#[test]
fn parts_that_do_not_fit_are_refused() {
    let mut sequences = EncodedSequences::new(Alphabet::Dna);
    sequences.push("a", b"ACGT").unwrap();
    let make = |tasks: &[&str], labels: &[f64]| {
        let tasks = tasks.iter().map(|&task| task.to_owned()).collect();
        LabelledSequences::of_tasks(sequences.clone(), tasks, labels.to_vec())
    };
    assert!(matches!(
        make(&["A"], &[]),
        Err(Error::Task(TaskError::TaskLabelCount { sequences: 1, tasks: 1, labels: 0 }))
    ));
    assert!(matches!(make(&[], &[]), Err(Error::Task(TaskError::TaskLabelCount { .. }))));
    assert!(matches!(make(&["A", "A"], &[1.0, 1.0]), Err(Error::Task(TaskError::DuplicateTask { .. }))));
    assert!(matches!(make(&["A\n"], &[1.0]), Err(Error::Task(TaskError::TaskName(..)))));
    assert!(matches!(make(&["A"], &[f64::INFINITY]), Err(Error::Task(TaskError::TaskLabel { .. }))));
    assert!(matches!(make(&["A", "B"], &[1.0, f64::NAN]), Err(Error::Task(TaskError::TaskWithoutLabels { .. }))));
    let good = make(&["A"], &[1.0]).unwrap();
    assert!(matches!(good.clone().with_groups(vec![]), Err(Error::GroupCount { .. })));
    assert!(matches!(good.clone().with_groups(vec![String::new()]), Err(Error::GroupName(..))));
    assert_eq!(good.with_groups(vec!["g".into()]).unwrap().groups().unwrap(), ["g"]);
}
