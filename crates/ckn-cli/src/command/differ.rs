use ckn::bio::Alphabet;
use ckn::interpret::{DependenceSettings, dependence};
use ckn::model::SequenceKernel;
use ckn::train::default_kernel;
use clap::Args;

use super::given::{Effects, Given, effects};
use super::table_arguments::TableArguments;
use crate::exit::{self, Input, Usage};
use crate::input::{LabelledArguments, Unasked, alike};
use crate::names::{StrandsChoice, alphabet, profile, profile_name};
use crate::talk::say;

/// Test whether two sets of sequences differ at all, or whether sequences and measurements have to do with each other
#[derive(Debug, Args)]
#[command(after_help = "\
The mean of all sequences of a class, as a point of the space of the kernel, is compared with that of the other class; labels that \
are numbers are compared likewise. How far apart they would be by chance is seen by permuting the labels, so that the p-value is \
valid at any number of sequences. A small one says that the sets differ, and not in what: a difference of composition or of length \
is one. Negatives that are shuffled or drawn differ from positives in more than motifs.

Prints a table of one row:
  sequences, positives, negatives (NA where labels are numbers), kernel
  mmd            squared maximum mean discrepancy of the classes, without bias: around 0 where they do not differ, at most 2
  hsic           Hilbert-Schmidt independence criterion: labels scaled to mean 0 (with --given-gc: of each share) and variance 1
  z              standard deviations of hsic above its mean under permutations (NA where those do not differ)
  permutations, p_value

Examples:
  ckn differ --pos bound.fa --neg unbound.fa
  ckn differ --pos bound.fa --neg elsewhere.fa --given-gc
  ckn differ --tsv affinities.tsv --permutations 9999")]
pub struct Differ {
    #[command(flatten, next_help_heading = "Sequences")]
    sequences: LabelledArguments,
    /// The alphabet of the sequences
    #[arg(long, default_value = "dna", value_parser = alphabet(), help_heading = "Sequences")]
    alphabet: Alphabet,
    /// What two windows are worth: gapped:WIDTH,LETTERS[,MISMATCHES] or exponential:WIDTH,SIGMA [default: gapped:10,6, of protein
    /// exponential:4,0.5; narrower for shorter sequences]
    #[arg(long, value_name = "PROFILE", value_parser = profile, help_heading = "Test")]
    profile: Option<SequenceKernel>,
    /// Strands that are compared [default: both of DNA]
    #[arg(long, value_enum, help_heading = "Test")]
    strands: Option<StrandsChoice>,
    /// Ask what labels have to do with beside the share of C and G: they are permuted among sequences of the same share alone
    #[arg(long, help_heading = "Test")]
    given_gc: bool,
    /// Permutations of the labels: the smallest p-value is one over one more
    #[arg(long, default_value_t = 999, value_parser = permutations, help_heading = "Test")]
    permutations: usize,
    /// Root of the random streams: permutations, shuffles, windows of the genome
    #[arg(long, default_value_t = 0)]
    seed: u64,
    #[command(flatten)]
    table: TableArguments,
}

/// Letters of the windows that are compared by default.
const WIDTH: usize = 10;

fn permutations(text: &str) -> Result<usize, String> {
    let within = text.parse().ok().filter(|number| (1..=1_000_000).contains(number));
    within.ok_or_else(|| "a number of permutations is between 1 and 1000000".to_owned())
}

impl Effects for Differ {
    fn check(&self, given: &Given) -> Result<(), Usage> {
        effects!(given, self; sequences, alphabet, profile, strands, given_gc, permutations, seed, table)?;
        self.table.check_effects(given)?;
        self.sequences.check_effects(given)
    }
}

impl Differ {
    pub fn run(self) -> anyhow::Result<u8> {
        self.table.prepare(self.sequences.paths())?;
        let alphabet = self.alphabet;
        let both_strands = StrandsChoice::both(self.strands, alphabet)?.unwrap_or(alphabet == Alphabet::Dna);
        let loaded = self.sequences.read(alphabet, Unasked::Shuffle, self.seed, Ok)?;
        if !self.table.quiet {
            loaded.notes.iter().for_each(say);
        }
        let (sequences, labels) = (loaded.data.sequences(), loaded.data.labels());
        if let Some(label) = labels.first().filter(|label| labels.iter().all(|other| other == *label)) {
            let message =
                format!("all {} sequences have the label {label}: there is nothing to tell apart", labels.len());
            return Err(Input(message).into());
        }
        let kernel = self.profile.unwrap_or_else(|| narrowed(default_kernel(sequences.view())));
        if kernel.places.is_some() {
            return Err(Usage("--profile: places are not compared here: drop @PLACES".into()).into());
        }
        let longest = sequences.iter().map(<[u8]>::len).max().unwrap_or(0);
        if kernel.width > longest {
            let (name, width) = (profile_name(&kernel), kernel.width);
            let message =
                format!("--profile {name} compares windows of {width} letters, and the longest sequence has {longest}");
            return Err(Usage(message).into());
        }
        let settings = DependenceSettings {
            width: kernel.width,
            profile: kernel.profile,
            both_strands,
            permutations: self.permutations,
            seed: self.seed,
        };
        let (given, note) = alike(sequences, labels, self.given_gc)?;
        note.filter(|_| !self.table.quiet).iter().for_each(say);
        let found = dependence(sequences.view(), labels, &given, &settings)?;
        let count = |label: f64| labels.iter().filter(|&&other| other == label).count();
        let classes = found.mmd.map(|mmd| (count(1.0).to_string(), count(0.0).to_string(), format!("{mmd:.6e}")));
        let (positives, negatives, mmd) = classes.unwrap_or_else(|| ("NA".into(), "NA".into(), "NA".into()));
        self.table.write(|out| {
            writeln!(out, "sequences\tpositives\tnegatives\tkernel\tmmd\thsic\tz\tpermutations\tp_value")?;
            let (all, kernel, drawn) = (labels.len(), profile_name(&kernel), self.permutations);
            let z = found.z.map_or_else(|| "NA".to_owned(), |z| format!("{z:.2}"));
            let (hsic, p) = (found.hsic, found.p_value);
            writeln!(out, "{all}\t{positives}\t{negatives}\t{kernel}\t{mmd}\t{hsic:.6e}\t{z}\t{drawn}\t{p:.6}")?;
            Ok(())
        })?;
        Ok(exit::DONE)
    }
}

/// A default kernel of windows that are no wider than those of this test.
fn narrowed(kernel: SequenceKernel) -> SequenceKernel {
    use ckn::core::mismatch::Profile::GappedKmer;
    match kernel.profile {
        GappedKmer { .. } if kernel.width > WIDTH => {
            let profile = GappedKmer { informative: 6, mismatches: WIDTH - 6 };
            SequenceKernel::new(WIDTH, profile, true)
        }
        _ => kernel,
    }
}
