//! Models of LS-GKM and weights of words: what is read, and what is refused.

use ckn_bio::io::{ForeignModel, GkmKernel, GkmModel, Source, WordWeights, read_foreign_model};
use ckn_bio::{Error, MachineError};

const HEAD: &str = "svm_type c_svc\nkernel_type gkm_esttrunc\nL 4\nk 3\nd 2\nnr_class 2\ntotal_sv 2\nrho 0.25\nlabel 1 -1\nnr_sv 1 1\nSV\n";

fn gkm(text: impl AsRef<[u8]>) -> Result<GkmModel, Error> {
    GkmModel::read(Source::new("m.txt", std::io::Cursor::new(text.as_ref().to_vec()))?)
}

fn words(text: &str) -> Result<WordWeights, Error> {
    WordWeights::read(Source::new("w.txt", std::io::Cursor::new(text.as_bytes().to_vec()))?)
}

#[test]
fn vectors_are_read_as_ls_gkm_reads_them() {
    let model = gkm(format!("{HEAD}0.5 acgtNA\r\n-0.5 TTRTT\n\n")).unwrap();
    assert_eq!((model.rho, model.other_letters, model.turned), (0.25, 2, false));
    assert_eq!(model.coefficients, [0.5, -0.5]);
    assert_eq!((model.vectors.decode(0), model.vectors.decode(1)), ("ACGTAA".into(), "TTATT".into()));
    let head = model.head;
    assert_eq!((head.kernel, head.width, head.informative, head.mismatches), (GkmKernel::Truncated, 4, 3, 2));
    assert!(head.both_strands && !head.regression && head.gamma.is_none() && head.centre.is_none());
    assert_eq!(model.vectors.place(1).line, Some(13));
}

#[test]
fn heads_say_kernel_strands_and_sign() {
    let with = |from: &str, to: &str| gkm(format!("{}1 ACGT\n-1 CCCC\n", HEAD.replace(from, to))).unwrap();
    let turned = with("label 1 -1", "label -1 1");
    assert_eq!((turned.rho, &turned.coefficients[..], turned.turned), (-0.25, &[-1.0, 1.0][..], true));
    assert!(!with("L 4", "norc 1\nL 4").head.both_strands && with("L 4", "norc 0\nL 4").head.both_strands);
    assert_eq!(with("gkm_esttrunc", "gkm_cnt").head.kernel, GkmKernel::Counts);
    assert_eq!(with("gkm_esttrunc", "1").head.kernel, GkmKernel::Estimated);
    assert_eq!(with("gkm_esttrunc", "gkmrbf\ngamma 2").head.gamma, Some(2.0));
    let weighted = with("gkm_esttrunc", "wgkmrbf\ngamma 1.5\nM 50\nH 25").head;
    assert_eq!((weighted.centre, weighted.gamma), (Some((50.0, 25.0)), Some(1.5)));
    assert_eq!(with("gkm_esttrunc", "wgkm\nM 50\nH 25").head.gamma, None);
    // A regression has neither labels nor classes to count.
    let regression = with("c_svc", "epsilon_svr").head.regression;
    assert!(regression && with("label 1 -1\nnr_sv 1 1\n", "").rho == 0.25);
}

#[test]
fn files_that_are_no_models_are_refused_with_their_place() {
    let vectors = "1 ACGT\n-1 CCCC\n";
    let with = |from: &str, to: &str| format!("{}{vectors}", HEAD.replace(from, to));
    let cases: [(String, &str); 28] = [
        (with("gkm_esttrunc", "rbf"), "m.txt, line 2: kernel_type is `rbf`"),
        (with("gkm_esttrunc", "6"), "kernel_type is `6`"),
        (with("c_svc", "one_class"), "svm_type is `one_class`"),
        (with("L 4", "L 13"), "L is `13`: it must be a number of letters between 1 and 12"),
        (with("L 4", "L 0"), "L is `0`"),
        (with("L 4", "L 99999999999999999999999"), "L is `9999"),
        (with("k 3", "k 5"), "k is `5`"),
        (with("d 2", "d -1"), "d is `-1`"),
        (with("d 2\n", ""), "no line `d`"),
        (with("rho 0.25", "rho nan"), "rho is `nan`"),
        (with("rho 0.25", "rho 1e999"), "rho is `1e999`"),
        (with("nr_class 2", "nr_class 3"), "nr_class is `3`"),
        (with("label 1 -1", "label 2 3"), "label is `2 3`"),
        (with("nr_sv 1 1", "nr_sv 2 1"), "nr_sv is `2 1`"),
        (with("total_sv 2", "total_sv 3").replace("nr_sv 1 1\n", ""), "has 2 vectors, and its head says 3"),
        (with("total_sv 2", "total_sv 1").replace("nr_sv 1 1\n", ""), "has 2 vectors, and its head says 1"),
        (with("L 4", "L 4\nL 4"), "line 4: `L` is there twice"),
        (with("L 4", "degree 3"), "`degree 3` is no line of the head"),
        (with("gkm_esttrunc", "gkmrbf"), "no line `gamma`"),
        (with("gkm_esttrunc", "gkmrbf\ngamma 0"), "gamma is `0`"),
        (with("gkm_esttrunc", "wgkm\nM 256\nH 50"), "M is `256`"),
        (with("gkm_esttrunc", "wgkm\nM 50\nH inf"), "H is `inf`"),
        (HEAD.replace("SV\n", "").replace("nr_sv 1 1\n", ""), "no line `SV`"),
        (format!("{HEAD}1 ACGT\nNaN CCCC\n"), "m.txt, record 2, line 13: `NaN` is no finite number"),
        (format!("{HEAD}1 ACGT\n1e400 CCCC\n"), "`1e400`"),
        (format!("{HEAD}1 ACGT\n-1\n"), "a vector is a coefficient, a space and a sequence"),
        (format!("{HEAD}1 ACGT\n-1 CC4C\n"), "letter 3 is `4`"),
        (format!("{HEAD}1 ACGT\n-1 CCC\n"), "a sequence of 3 letters"),
    ];
    for (text, says) in cases {
        let error = gkm(&text).map(|_| ()).unwrap_err().to_string();
        assert!(error.contains(says) && error.contains("m.txt"), "`{says}` in: {error}");
    }
    assert!(matches!(gkm(""), Err(Error::EmptyFile(_))));
}

#[test]
fn weights_of_words_stand_for_both_strands_unless_they_differ() {
    let table = words("# made by hand\nkmer\tweight\nAC 1.5\ngt,1.5\nAA\t-2\n").unwrap();
    assert_eq!((table.width(), table.listed(), table.known(), table.is_symmetric()), (2, 3, 4, true));
    let weight = |code: usize| table.weights()[code];
    // AC, GT, AA, TT, CA.
    assert_eq!(
        [weight(0b0001), weight(0b1011), weight(0), weight(0b1111), weight(0b0100)],
        [1.5, 1.5, -2.0, -2.0, 0.0]
    );
    assert!(!words("AC 1\nGT 2\n").unwrap().is_symmetric());
    assert_eq!(words("kmer\treverse_complement\tweight\nAC\tGT\t1e-3\n").unwrap().weights()[1], 1e-3);
    for (text, says) in [
        ("AC 1\nACG 1\n", "line 2: the word has 3 letters"),
        ("ACGTACGTACGTA 1\n", "has 13 letters"),
        ("AC 1\nac 2\n", "`ac` is there twice"),
        ("AC inf\n", "`inf` is no finite number"),
        ("AN 1\n", "`AN 1` is neither"),
        ("AC\n", "`AC` is neither"),
        ("AC 1 2 3\n", "is neither"),
        ("AC CA 1\n", "`CA` is not the reverse complement of `AC`"),
        ("kmer weight\n", "no rows"),
    ] {
        let error = words(text).unwrap_err().to_string();
        assert!(error.contains(says) && error.contains("w.txt"), "`{says}` in: {error}");
    }
    assert!(matches!(words("kmer weight\nkmer weight\n"), Err(Error::Machine(MachineError::WordRow { .. }))));
}

#[test]
fn files_are_known_by_their_content() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("m");
    let read = |text: String| {
        std::fs::write(&path, text).unwrap();
        read_foreign_model(&path)
    };
    assert!(matches!(read(format!("\n{HEAD}1 ACGT\n-1 CCCC\n")), Ok(ForeignModel::Gkm(_))));
    assert!(matches!(read(format!("\u{feff}{HEAD}1 ACGT\n-1 CCCC\n")), Ok(ForeignModel::Gkm(_))));
    assert!(matches!(read("\nACG 1\n".into()), Ok(ForeignModel::Words(_))));
    assert!(matches!(read(">a\nACG\n".into()), Err(Error::Machine(MachineError::WordRow { .. }))));
    assert!(matches!(read("\n\n".into()), Err(Error::EmptyFile(_))));
}
