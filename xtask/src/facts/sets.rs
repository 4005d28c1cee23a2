//! Data sets of the table of facts, laid out as the program reads them.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use flate2::read::GzDecoder;

/// How the files of a set are laid out.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Layout {
    /// `gue/NAME.{train,dev,test}.csv.gz` with the columns `sequence` and `label`; `dev` is trained on, too.
    Gue,
    /// `fastsk/NAME.{train,test}.fasta.gz`, the label as the first letter of each name.
    FastSk,
    /// Training and test positives, then training and test negatives.
    Four([&'static str; 4]),
}

/// A data set, and the best that others publish on it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Set {
    pub(crate) name: &'static str,
    pub(crate) layout: Layout,
    pub(crate) alphabet: &'static str,
    pub(crate) published: &'static str,
}

const PUM2: [&str; 4] = [
    "rna/pum2.train.positive.fa.gz",
    "rna/pum2.test.positive.fa.gz",
    "rna/pum2.train.negative.fa.gz",
    "rna/pum2.test.negative.fa.gz",
];
const AMP: [&str; 4] = [
    "protein/AMP_train_common.fa.gz",
    "protein/AMP_test_common.fa.gz",
    "protein/non_AMP_train_balanced.fa.gz",
    "protein/non_AMP_test_balanced.fa.gz",
];

const fn set(name: &'static str, layout: Layout, alphabet: &'static str, published: &'static str) -> Set {
    Set { name, layout, alphabet, published }
}

/// GUE: Matthews correlations of fine-tuned DNABERT-2 (117 million parameters) or NT-2500M-multi, the better (Zhou et al. 2023);
/// FastSK: the best AUROC of seven methods (Blakely et al. 2020).
pub(crate) const SETS: [Set; 12] = [
    set("mouse_0", Layout::Gue, "dna", "MCC 0.633 (NT-2500M-multi)"),
    set("mouse_3", Layout::Gue, "dna", "MCC 0.694 (NT-2500M-multi)"),
    set("tf_2", Layout::Gue, "dna", "MCC 0.665 (DNABERT-2)"),
    set("prom_core_tata", Layout::Gue, "dna", "MCC 0.742 (DNABERT-2)"),
    set("CTCF", Layout::FastSk, "dna", "AUROC 0.9714"),
    set("SIN3A", Layout::FastSk, "dna", "AUROC 0.9114"),
    set("KAT2B", Layout::FastSk, "dna", "AUROC 0.9216"),
    set("1.1", Layout::FastSk, "protein", "AUROC 0.9373"),
    set("2.31", Layout::FastSk, "protein", "AUROC 0.9998"),
    set("3.25", Layout::FastSk, "protein", "AUROC 0.9629"),
    set("PUM2", Layout::Four(PUM2), "rna", "–"),
    set("AMP", Layout::Four(AMP), "protein", "–"),
];

/// Options that give training and test data.
#[derive(Debug)]
pub(crate) struct Laid {
    pub(crate) train: Vec<String>,
    pub(crate) test: Vec<String>,
}

impl Set {
    /// Lays out the set in a folder of its own.
    pub(crate) fn lay_out(&self, data: &Path, folder: &Path) -> anyhow::Result<Laid> {
        let words = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect::<Vec<_>>();
        let shown = |path: PathBuf| path.display().to_string();
        let two = |files: [String; 2]| {
            let [positive, negative] = files;
            [words(&["--pos"]), vec![positive], words(&["--neg"]), vec![negative], words(&["--allow-duplicates"])]
                .concat()
        };
        let (mut train, test) = match self.layout {
            Layout::Gue => {
                let table = |parts: &[&str], out: &str| -> anyhow::Result<Vec<String>> {
                    let path = folder.join(out);
                    let mut file = fs::File::create(&path)?;
                    for (number, part) in parts.iter().enumerate() {
                        let lines = lines(&data.join(format!("gue/{}.{part}.csv.gz", self.name)))?;
                        for line in lines.iter().skip(usize::from(number > 0)) {
                            writeln!(file, "{line}")?;
                        }
                    }
                    Ok(vec!["--tsv".to_owned(), shown(path)])
                };
                (table(&["train", "dev"], "train.csv")?, table(&["test"], "test.csv")?)
            }
            Layout::FastSk => {
                let classes = |part: &str| -> anyhow::Result<Vec<String>> {
                    let lines = lines(&data.join(format!("fastsk/{}.{part}.fasta.gz", self.name)))?;
                    let paths = ["1", "0"].map(|class| folder.join(format!("{part}.{class}.fa")));
                    for (path, class) in paths.iter().zip([">1", ">0"]) {
                        let mut file = fs::File::create(path)?;
                        let mut inside = false;
                        for (number, line) in lines.iter().enumerate() {
                            if line.starts_with('>') {
                                inside = line.starts_with(class);
                                if inside {
                                    writeln!(file, ">record_{number}")?;
                                }
                            } else if inside {
                                writeln!(file, "{line}")?;
                            }
                        }
                    }
                    Ok(two(paths.map(shown)))
                };
                (classes("train")?, classes("test")?)
            }
            Layout::Four(files) => {
                let [train, test, train_negative, test_negative] = files.map(|file| shown(data.join(file)));
                (two([train, train_negative]), two([test, test_negative]))
            }
        };
        train.extend(words(&["--alphabet", self.alphabet]));
        Ok(Laid { train, test })
    }
}

fn lines(path: &Path) -> anyhow::Result<Vec<String>> {
    if !path.is_file() {
        bail!("{} does not exist: --data names the folder that holds it", path.display());
    }
    let file = fs::File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
    let lines = BufReader::new(GzDecoder::new(file)).lines().collect::<Result<_, _>>();
    lines.with_context(|| format!("cannot read {}", path.display()))
}
