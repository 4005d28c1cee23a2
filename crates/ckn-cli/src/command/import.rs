use std::collections::BTreeMap;
use std::path::PathBuf;

use ckn::bio::Alphabet;
use ckn::bio::io::{ForeignModel, GkmHead, GkmKernel, GkmModel, WordWeights, read_foreign_model};
use ckn::core::TokenView;
use ckn::core::loss::Loss;
use ckn::core::mismatch::Profile;
use ckn::model::{CentreWeight, KernelMachine, Lengths, Model, ModelCard, SequenceKernel};
use clap::Args;
use serde_json::json;

use super::given::effects;
use crate::exit;
use crate::input::hashes;
use crate::output::{check_apart, check_free, check_replaceable, save_model};
use crate::talk::{counted, say};

/// Make a model of one of LS-GKM or of weights of deltaSVM
#[derive(Debug, Args)]
#[command(
    after_help = "Reads models of LS-GKM (gkmtrain's `.model.txt`: all six kernels, classes and measurements) and tables of the \
weights of words (`ACGTTGCAAC 0.25`, as deltaSVM has them), plain or gzipped, known by their content. The model scores as gkmpredict \
does, class 1 above zero; of a table of words, the score is the sum over all windows. All that reads kernel machines works with it: \
predict, evaluate, scan, mutagenesis, variants, info.

LS-GKM reads letters other than A, C, G and T as A. So does the import, of the model's vectors, and says how many; of the sequences \
that are scored, windows with such letters are left out. Models of the older gkmSVM, whose constant has the opposite sign, are not read.

Examples:
  gkmtrain bound.fa unbound.fa bound && ckn import bound.model.txt --out bound.ckn
  ckn import nfe2.model.txt.gz --out nfe2.ckn && ckn predict nfe2.ckn test.fa     # as gkmpredict test.fa nfe2.model.txt
  ckn import weights.txt --out delta.ckn && ckn variants delta.ckn --vcf calls.vcf --genome hg38.fa"
)]
pub struct Import {
    /// The model of another program; `-` is standard input
    #[arg(value_name = "MODEL")]
    file: PathBuf,
    /// File to write
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Overwrite the file
    #[arg(long)]
    force: bool,
}

effects!(for Import: file, out, force);

impl Import {
    pub fn run(self) -> anyhow::Result<u8> {
        check_replaceable(&self.out)?;
        check_free(&self.out, self.force)?;
        check_apart(&self.out, [self.file.as_path()])?;
        let data = hashes([("imported".to_owned(), self.file.as_path())].into_iter())?;
        let model = match read_foreign_model(&self.file)? {
            ForeignModel::Gkm(model) => of_gkm(&model, data)?,
            ForeignModel::Words(words) => of_words(&words, data)?,
            _ => return Err(exit::Input(format!("{}: no model that is known here", self.file.display())).into()),
        };
        save_model(&self.out, self.force, |path, overwrite| model.save(path, overwrite))?;
        Ok(exit::DONE)
    }
}

/// The name that LS-GKM gives a kernel.
fn name_of(kernel: GkmKernel) -> &'static str {
    match kernel {
        GkmKernel::Counts => "gkm_cnt",
        GkmKernel::Estimated => "gkm_estfull",
        GkmKernel::Truncated => "gkm_esttrunc",
        GkmKernel::Radial => "gkmrbf",
        GkmKernel::Weighted => "wgkm",
        GkmKernel::WeightedRadial => "wgkmrbf",
        _ => "unknown",
    }
}

fn kernel_of(head: &GkmHead) -> SequenceKernel {
    let GkmHead { kernel, width, informative, mismatches, gamma, centre, .. } = *head;
    let profile = match kernel {
        GkmKernel::Counts => Profile::GappedKmer { informative, mismatches },
        _ => Profile::EstimatedWords { informative, mismatches, truncated: kernel != GkmKernel::Estimated },
    };
    let centre = centre.map(|(maximum, half_life)| CentreWeight { maximum, half_life });
    SequenceKernel { centre, gamma, ..SequenceKernel::new(width, profile, true) }
}

fn of_gkm(model: &GkmModel, data: BTreeMap<String, String>) -> anyhow::Result<Model> {
    let head = &model.head;
    let view = model.vectors.view();
    let machine =
        KernelMachine::of_vectors(view, head.both_strands, kernel_of(head), model.coefficients.clone(), -model.rho)?;
    let strands = if head.both_strands { "both strands" } else { "one strand" };
    say(format_args!(
        "{} of {} (words of {} letters, {} of them informative, at most {} different), {strands}",
        counted(model.vectors.len(), "vector"),
        name_of(head.kernel),
        head.width,
        head.informative,
        head.mismatches,
    ));
    if model.other_letters > 0 {
        say(format_args!(
            "{} other than A, C, G and T in the vectors: read as A, as LS-GKM does",
            counted(model.other_letters, "letter")
        ));
    }
    if model.turned {
        say(
            "the model names class -1 first: scores have the opposite sign of gkmpredict's, so that class 1 is above zero",
        );
    }
    if head.centre.is_some() {
        say("weights of windows follow LS-GKM's documentation, and were not compared with scores of gkmpredict");
    }
    let loss = if head.regression { Loss::Squared } else { Loss::SquaredHinge };
    let training = json!({
        "imported_from": "LS-GKM",
        "kernel": name_of(head.kernel),
        "letters_read_as_a": model.other_letters,
        "sign_turned": model.turned,
    });
    Ok(Model::new(machine, ModelCard { lengths: Lengths::of(view), ..card(loss, data, training) })?)
}

fn of_words(words: &WordWeights, data: BTreeMap<String, String>) -> anyhow::Result<Model> {
    let (mut tokens, mut offsets, mut coefficients) = (Vec::new(), vec![0], Vec::new());
    let both_strands = words.is_symmetric();
    for (code, &weight) in words.weights().iter().enumerate() {
        let other = words.reverse_complement(code);
        // A machine of both strands compares a window with a vector and with its reverse complement.
        let is_vector = !both_strands || code <= other;
        let is_last = code + 1 == words.weights().len() && coefficients.is_empty();
        if is_last || (is_vector && weight != 0.0) {
            tokens.extend((0..words.width()).rev().map(|place| (code >> (2 * place) & 3) as u8));
            offsets.push(tokens.len());
            coefficients.push(if both_strands && code == other { 0.5 * weight } else { weight });
        }
    }
    let profile = Profile::GappedKmer { informative: words.width(), mismatches: 0 };
    let kernel = SequenceKernel::new(words.width(), profile, false);
    let view = TokenView::new(&tokens, &offsets, Alphabet::Dna.table())?;
    let machine = KernelMachine::new(view, both_strands, vec![kernel], coefficients, 0.0)?;
    let strands = if both_strands { "the same on both strands" } else { "different on the two strands" };
    say(format_args!("weights of {} of {} letters, {strands}", counted(words.listed(), "word"), words.width()));
    let missing = words.weights().len() - words.known();
    if missing > 0 {
        say(format_args!("{} in no row, nor their reverse complements: they weigh nothing", counted(missing, "word")));
    }
    let training = json!({ "imported_from": "weights of words", "words": words.listed() });
    Ok(Model::new(machine, card(Loss::Squared, data, training))?)
}

fn card(loss: Loss, data: BTreeMap<String, String>, training: serde_json::Value) -> ModelCard {
    let alphabet = Alphabet::Dna;
    ModelCard { data, training, ..ModelCard::new(alphabet.name(), alphabet.letters(), loss) }
}
