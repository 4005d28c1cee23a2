use std::path::{Path, PathBuf};

use ckn::bio::Alphabet;
use ckn::bio::motif::LogoColours;
use ckn::core::seed::Seed;
use ckn::interpret::{
    Distance, MAX_Q, MotifReading, MotifSequences, MotifSource, Neighbourhood, ProjectionSettings, ReadingSettings,
};
use ckn::model::Model;
use clap::{Args, ValueEnum};

use super::given::{Effects, Given, effects};
use crate::exit::{self, Usage};
use crate::input::{LabelledArguments, Unasked, hashes, in_classes_of, load_model};
use crate::motif_reading::{MotifFolder, output_of, read_known, table};
use crate::names::alphabet;
use crate::output::{check_folder, write_results};
use crate::talk::say;

/// Find motifs: those of a model, and all others that tell sequences apart
#[derive(Debug, Args)]
#[command(after_help = "\
Without a model, the motifs that stand in more of the positives than of the negatives are found: words that do begin matrices, sites \
make them what they are, and the sites of the best are masked before the next is looked for, until nothing is left. Then come those that \
stand in more of the negatives (direction: depleted), and in more of them than of their shuffles. With a model and sequences, those that \
the model does not show follow its own (found_in says which); --model-only leaves them out.

Networks are read by their anchor points; machines on exact kernels and models of --auto by what letters add to their scores.

Without sequences, anchor points are projected on matrices of probabilities in the kernel's space (CKN-seq, section 2.4). As an \
anchor is sharper or blurred for the sake of the score, words near each projection then count by what they add to the score \
(--by projection leaves that out, and also projects anchors that lower the score, as the paper does: direction depleted). Matrices that show the same site are laid over one another, and an anchor is shown if it \
raises the score and tells positives from negatives among the sequences that were held out from its training. Of other models, the \
words of letters that add most to the score begin the matrices, if they stand out of all words; alphabets of more than four letters \
and words of more than 12 have no table of words, and need sequences.

With sequences (--pos and --neg, --seq, --tsv or --bed; --pos alone is shuffled), half of each class is searched, the positives for the \
sites of every anchor, or for the stretches that carry their scores (--by contributions), wherever they stand and as wide as they \
are, and the other half is the evidence: a motif is shown if it is enriched there, once the sites of better motifs are masked, at a \
false discovery rate of --max-q. For honest p-values, give sequences that the model was not trained on.

Writes DIR/motifs.meme, DIR/motifs.tsv, DIR/logos/*.svg (of both strands of DNA), with sequences DIR/sites.bed, the sites in the held-out \
positives (of depleted motifs, negatives), with --database DIR/matches.tsv, up to five known motifs that each is like, for networks DIR/anchors.tsv, what becomes of every anchor point of the first layer, and for those of several layers \
DIR/combinations.tsv, what the second layer's anchors combine. Prints motifs.tsv. Its columns, NA where not known:
  motif, consensus, width (bp), information (bits)
  anchors (numbers from 0), weight w_i and function f(z_i) of the first, its distance from the projection; without anchors, weight \
is what a site adds to the score on average, or the best word
  anchor_auroc   how well that anchor alone tells sequences apart that were held out from the training
  sites, share   expected number of sites, and the share of the searched sequences that hold one
  positives, positives_with_hit, negatives, negatives_with_hit, log2_ratio, fisher_p
                 held-out sequences with a hit; a random sequence has one with probability 0.1, or as the search chose
  auroc, rank_sum_p  of the best hit's score
  q_value        false discovery rate, by the better test, doubled
  central_p, central_bp  are hits near the middle, and the window in which they gather
  uniqueness     what the model's AUROC loses without the motif's anchors, or without the letters of its hits
  restarts       models of --restart that have it, too
  match, match_name, match_q  the motif of --database that is like it, at a false discovery rate of 0.05 (of fewer than 50, \
by correlation, too)
  found_in       the model, or the sequences alone
  direction      enriched or depleted in the positives; depleted ones come last
  shuffled_p     against shuffles of the sequences that have more of it, by the better test, doubled; q_value is by the larger of both
  e_value        the p-value behind q_value times the number of motifs that were tested

Examples:
  ckn motifs --pos bound.fa --neg unbound.fa --database JASPAR.meme --out motifs
  ckn motifs model.ckn --out motifs
  ckn motifs model.ckn --pos test_bound.fa --neg test_unbound.fa --out motifs
  ckn motifs model.ckn --seq ELK1_B.seq.gz --database JASPAR.meme --out motifs")]
pub struct Motifs {
    /// The model, as `ckn train` wrote it; without one, sequences alone are searched
    model: Option<PathBuf>,
    #[command(flatten, next_help_heading = "Sequences")]
    sequences: LabelledArguments,
    /// The output that is read, of a model of several tasks or classes
    #[arg(long, value_name = "NAME", help_heading = "Motifs")]
    output: Option<String>,
    /// Leave out motifs of the sequences that the model does not show
    #[arg(long, help_heading = "Motifs")]
    model_only: bool,
    /// Alphabet of the sequences, where there is no model
    #[arg(long, default_value = "dna", value_parser = alphabet(), help_heading = "Sequences")]
    alphabet: Alphabet,
    /// How motifs of the model are found [default: sites with sequences, or contributions where there are no anchor points; function without]
    #[arg(long, value_enum, help_heading = "Motifs")]
    by: Option<Way>,
    /// Distance of the projection; literal is that of the paper's formula, which blurs
    #[arg(long, value_enum, default_value_t = DistanceChoice::Normalised, help_heading = "Motifs")]
    distance: DistanceChoice,
    /// How far from an anchor its projection and first sites may be: the share of a Gaussian around it that lies closer, by the
    /// chi-squared law [default: three bandwidths]
    #[arg(long, value_name = "TAU", value_parser = parse_share, help_heading = "Motifs")]
    tau: Option<f64>,
    /// Information that the first and last column of a motif have, in bits
    #[arg(long, value_name = "BITS", default_value_t = 0.25, value_parser = parse_bits, help_heading = "Motifs")]
    information: f64,
    /// False discovery rate up to which a motif is shown
    #[arg(long, value_name = "Q", default_value_t = MAX_Q, value_parser = parse_rate, help_heading = "Motifs")]
    max_q: f64,
    /// Another model of the same data, with another seed; repeat for several
    #[arg(long, value_name = "MODEL", help_heading = "Motifs")]
    restart: Vec<PathBuf>,
    /// Known motifs to name those found by: MEME, JASPAR, TRANSFAC or HOMER
    #[arg(long, value_name = "FILE", help_heading = "Motifs")]
    database: Option<PathBuf>,
    /// Colours of the logos
    #[arg(long, value_enum, default_value_t = Palette::Classic, help_heading = "Output")]
    palette: Palette,
    /// Folder of the results, which is made
    #[arg(long, value_name = "DIR", help_heading = "Output")]
    out: PathBuf,
    /// Overwrite the files of an earlier run
    #[arg(long, help_heading = "Output")]
    force: bool,
    /// Root of the random streams: halves, shuffles, starts of projections
    #[arg(long, default_value_t = 0, help_heading = "Running")]
    seed: u64,
    /// Threads; all cores by default, and the result does not depend on it
    #[arg(long, value_parser = super::parse_threads, help_heading = "Running")]
    threads: Option<usize>,
    /// No messages on standard error
    #[arg(long, short, help_heading = "Output")]
    quiet: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Way {
    /// Sites of the anchor points in sequences
    Sites,
    /// Stretches of sequences that carry their scores, of any model
    Contributions,
    /// Projection of the anchor points, each made as sharp as the function around it; or the words that add most to the score
    Function,
    /// Projection of the anchor points
    Projection,
}

impl Way {
    fn name(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum DistanceChoice {
    Normalised,
    Literal,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Palette {
    Classic,
    /// Told apart with any colour vision
    ColourBlind,
}

fn parse_bits(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(bits) if (0.0..=4.0).contains(&bits) => Ok(bits),
        _ => Err("information is between 0 and 4 bits".into()),
    }
}

fn parse_rate(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(rate) if rate > 0.0 && rate <= 1.0 => Ok(rate),
        _ => Err("a false discovery rate is above 0, and at most 1".into()),
    }
}

fn parse_share(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(share) if share > 0.0 && share < 1.0 => Ok(share),
        _ => Err("a share lies between 0 and 1".into()),
    }
}

/// Why there is no motif.
fn nothing(model: Option<MotifSource<'_>>, judged: bool, nothing_found: bool) -> &'static str {
    let Some(model) = model else {
        return "no motif: none tells apart the sequences held out from the search";
    };
    match (model, judged) {
        (MotifSource::Scores(_), true) if nothing_found => "no motif: no stretch of the sequences adds to their scores",
        (_, true) if nothing_found => "no motif: no anchor point of the model has sites in the sequences",
        (_, true) => "no motif: none tells apart the sequences held out from the search",
        (MotifSource::Scores(_), false) => {
            "no motif: no word stands out of what words have by chance, or the model does not tell left-out sequences apart"
        }
        (_, false) => {
            "no motif: no anchor point raises the score, lies near a matrix and tells held-out sequences apart"
        }
    }
}

/// Letters of the shortest sequence that motifs are looked for in, where no model says.
const SHORTEST: usize = 8;

impl Effects for Motifs {
    fn check(&self, given: &Given) -> Result<(), Usage> {
        let modelless = self.model.is_none().then_some("is for motifs of a model: drop it, or give a model");
        let of_model = self.model.is_some().then_some("is that of the model: drop it");
        let unsearched = (!self.sequences.given() || matches!(self.by, Some(Way::Function | Way::Projection)))
            .then_some("has no effect where no sequences are searched: drop it");
        effects!(given, self;
            model, sequences, information, max_q, database, palette, out, force, seed, threads, quiet;
            output, by, distance, tau, restart => modelless;
            model_only => modelless.or(unsearched);
            alphabet => of_model)?;
        self.sequences.check_effects(given)
    }
}

impl Motifs {
    pub fn run(self) -> anyhow::Result<u8> {
        super::set_threads(self.threads)?;
        let given = self.sequences.given();
        if let (false, Some(way @ (Way::Sites | Way::Contributions))) = (given, self.by) {
            let message = format!("--by {} searches sequences: give --pos, --seq, --tsv or --bed", way.name());
            return Err(Usage(message).into());
        }
        if !given && self.model.is_none() {
            let message =
                "nothing to find motifs in: give a model, or sequences (--pos and --neg, --seq, --tsv or --bed)";
            return Err(Usage(message.into()).into());
        }
        check_folder(&self.out, self.force)?;
        let loaded = self.model.as_deref().map(|path| anyhow::Ok((load_model(path, [])?, path))).transpose()?;
        let model = match &loaded {
            Some((model, path)) => Some(self.source(model, path)?),
            None => None,
        };
        let output = model.map_or(Ok(0), |model| output_of(model.card(), self.output.as_deref()))?;
        let alphabet = model.map_or(Ok(self.alphabet), |model| super::predict::alphabet_of(model.card()))?;
        let network = model.and_then(MotifSource::network).map(|network| (network, output));
        if let (Some(_), None) =
            (self.tau, network.and_then(|(network, _)| network.network().layers()[0].kernel().sigma()))
        {
            let message = "--tau is for the anchor points of networks whose kernel has a bandwidth: drop it";
            return Err(Usage(message.into()).into());
        }
        let others = self.restart.iter().map(|path| Model::load(path)).collect::<Result<Vec<_>, _>>()?;
        let pairs = others.iter().zip(&self.restart);
        let restarts = pairs.map(|(other, path)| self.source(other, path)).collect::<anyhow::Result<Vec<_>>>()?;
        for (restart, path) in restarts.iter().zip(&self.restart) {
            let (card, of_restart) = (model.map(MotifSource::card), restart.card());
            if card.is_some_and(|card| of_restart.alphabet != card.alphabet || of_restart.outputs != card.outputs) {
                let message = format!("{} has another alphabet or other outputs than the model", path.display());
                return Err(Usage(message).into());
            }
        }
        let database = self.database.as_deref().map(|path| read_known(path, alphabet)).transpose()?;
        let halves = if given { Some(self.read(model, alphabet)?) } else { None };
        let reading = self.reading(output, alphabet);

        let motifs = reading.find(model, halves.as_ref())?;
        let mut rows = reading.judge(model, &motifs, halves.as_ref())?;
        reading.count_restarts(&mut rows, &restarts, halves.as_ref())?;
        if let Some(database) = &database {
            database.name(&mut rows)?;
        }
        let colours = match self.palette {
            Palette::Classic => LogoColours::Classic,
            Palette::ColourBlind => LogoColours::ColourBlindSafe,
        };
        let folder = MotifFolder {
            path: &self.out,
            force: self.force,
            colours,
            neighbourhood: self.neighbourhood(),
            compared: database.is_some(),
        };
        folder.write(&rows, network, halves.as_ref(), alphabet)?;
        write_results(None, false, |out| table::write(out, &rows))?;
        if rows.is_empty() && !self.quiet {
            say(nothing(model, halves.is_some(), motifs.is_empty()));
        }
        Ok(exit::DONE)
    }

    /// What the motifs of a model are read from.
    fn source<'a>(&self, model: &'a Model, path: &Path) -> anyhow::Result<MotifSource<'a>> {
        let source = match self.by {
            Some(Way::Contributions) => MotifSource::Scores(model),
            _ => MotifSource::of(model),
        };
        match (source, self.by) {
            (MotifSource::Detectors(..), None | Some(Way::Sites)) if self.sequences.given() => Ok(source),
            (MotifSource::Detectors(..), _) => {
                let message = "the detectors of a network after DeepBind are read from sequences only: give --pos, --seq, --tsv or --bed";
                Err(Usage(message.into()).into())
            }
            (MotifSource::Scores(_), Some(way @ (Way::Sites | Way::Projection))) => {
                let (path, kind, way) = (path.display(), model.kind(), way.name());
                let message = format!(
                    "{path} is a {kind} model, without anchor points for --by {way}: choose --by contributions or function"
                );
                Err(Usage(message).into())
            }
            _ => Ok(source),
        }
    }

    fn reading(&self, output: usize, alphabet: Alphabet) -> MotifReading {
        let distance = match self.distance {
            DistanceChoice::Normalised => Distance::Normalised,
            DistanceChoice::Literal => Distance::Literal,
        };
        let settings = ReadingSettings {
            information: self.information,
            by_function: self.by != Some(Way::Projection),
            neighbourhood: self.neighbourhood(),
            projection: ProjectionSettings { distance, seed: Seed(self.seed), ..ProjectionSettings::default() },
            ..ReadingSettings::of(output, alphabet)
        };
        let project = matches!(self.by, Some(Way::Function | Way::Projection));
        MotifReading { settings, project, discover: !self.model_only, max_q: self.max_q }
    }

    fn neighbourhood(&self) -> Neighbourhood {
        self.tau.map_or_else(Neighbourhood::default, |tau| Neighbourhood::ChiSquared { tau })
    }

    /// Reads the sequences; half of each class is searched, the other half is evidence.
    fn read(&self, model: Option<MotifSource<'_>>, alphabet: Alphabet) -> anyhow::Result<MotifSequences> {
        let card = model.map(MotifSource::card);
        let loaded = self.sequences.read(alphabet, Unasked::Shuffle, self.seed, |data| match card {
            Some(card) => in_classes_of(data, card),
            None => Ok(data),
        })?;
        if !self.quiet {
            loaded.notes.iter().for_each(say);
            let known = |hash: &String| card.is_some_and(|card| card.data.values().any(|other| other == hash));
            if hashes(self.sequences.paths().map(|path| (path.display().to_string(), path)))?.values().any(known) {
                say("these are sequences of the model's training: p-values are too small; give others");
            }
        }
        let shortest = model.map_or(SHORTEST, MotifSource::width);
        Ok(MotifSequences::split(&loaded.data, shortest, Seed(self.seed))?)
    }
}
