mod table;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use ckn::bio::motif::compare::{Database, best_alignment};
use ckn::bio::motif::{Background, LogoColours, LogoOptions, Motif, logo_svg, read_motifs, write_meme};
use ckn::bio::{Alphabet, EncodedSequences};
use ckn::core::seed::Seed;
use ckn::interpret::{
    Distance, HeldOut, ModelMotif, ProjectionSettings, ReadingSettings, combinations, count_motifs, detector_motifs,
    evidence, project_motifs,
};
use ckn::model::{AnyModel, DeepBindModel, Model, ModelCard};
use clap::{Args, ValueEnum};
use rand::seq::SliceRandom;

use self::table::{Known, Row};
use crate::exit::{self, Input, Usage};
use crate::input::{Mode, NegativesArguments, Source, Unasked, hashes};
use crate::output::write_results;
use crate::talk::say;

/// Read the motifs of a model
#[derive(Debug, Args)]
#[command(after_help = "\
Without sequences, anchor points are projected on matrices of probabilities in the kernel's space (CKN-seq, section 2.4). As an \
anchor is sharper or blurred for the sake of the score, words near each projection then count by what they add to the score \
(--by projection leaves that out). Matrices that show the same site are laid over one another, and an anchor is shown if it \
raises the score and tells positives from negatives among the sequences that were held out from its training.

With sequences (--pos and --neg, --seq, --tsv or --bed; --pos alone is shuffled), half of the positives are searched for the \
sites of every anchor, wherever they stand and as wide as they are, and the other half are the evidence: a motif is shown if it \
is enriched in them, once the sites of better motifs are masked, at a false discovery rate of --max-q. For honest p-values, give \
sequences that the model was not trained on.

Writes DIR/motifs.meme, DIR/motifs.tsv and DIR/logos/*.svg, and for networks of several layers DIR/combinations.tsv, what the \
second layer's anchors combine. Prints motifs.tsv. Its columns, NA where not known:
  motif, consensus, width (bp), information (bits)
  anchors (numbers from 0), weight w_i and function f(z_i) of the first, its distance from the projection
  anchor_auroc   how well that anchor alone tells sequences apart that were held out from the training
  sites, share   expected number of sites, and the share of the searched sequences that hold one
  positives, positives_with_hit, negatives, negatives_with_hit, log2_ratio, fisher_p
                 held-out sequences with a hit; a random sequence has one with probability 0.1
  auroc, rank_sum_p  of the best hit's score
  q_value        false discovery rate, by the better test, doubled
  central_p, central_bp  are hits near the middle, and the window in which they gather
  uniqueness     what the model's AUROC loses without the motif's anchors
  restarts       models of --restart that have it, too
  match, match_name, match_q  the closest motif of --database

Examples:
  ckn motifs model.ckn --out motifs
  ckn motifs model.ckn --pos test_bound.fa --neg test_unbound.fa --out motifs
  ckn motifs model.ckn --seq ELK1_B.seq.gz --database JASPAR.meme --out motifs")]
pub struct Motifs {
    /// The model, as `ckn train` wrote it
    model: PathBuf,
    #[command(flatten, next_help_heading = "Sequences")]
    source: Source,
    #[command(flatten, next_help_heading = "Sequences")]
    negatives: NegativesArguments,
    /// Accept several sequences of the same name in a file
    #[arg(long, help_heading = "Sequences")]
    allow_duplicates: bool,
    /// The output that is read, of a model of several tasks or classes
    #[arg(long, value_name = "NAME", help_heading = "Motifs")]
    output: Option<String>,
    /// How motifs are found [default: sites with sequences, function without]
    #[arg(long, value_enum, help_heading = "Motifs")]
    by: Option<Way>,
    /// Distance of the projection; literal is that of the paper's formula, which blurs
    #[arg(long, value_enum, default_value_t = DistanceChoice::Normalised, help_heading = "Motifs")]
    distance: DistanceChoice,
    /// Information that the first and last column of a motif have, in bits
    #[arg(long, value_name = "BITS", default_value_t = 0.25, value_parser = parse_bits, help_heading = "Motifs")]
    information: f64,
    /// False discovery rate up to which a motif is shown
    #[arg(long, value_name = "Q", default_value_t = 0.01, value_parser = parse_rate, help_heading = "Motifs")]
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
    /// Sites in sequences
    Sites,
    /// Projection of the anchor points, each made as sharp as the function around it
    Function,
    /// Projection of the anchor points
    Projection,
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

/// Sequences, and which half each positive is in.
struct Halves {
    searched: EncodedSequences,
    positives: EncodedSequences,
    negatives: EncodedSequences,
}

impl Motifs {
    pub fn run(self) -> anyhow::Result<u8> {
        super::set_threads(self.threads)?;
        let given = self.source.paths().next().is_some();
        if !given && self.by == Some(Way::Sites) {
            return Err(Usage("--by sites searches sequences: give --pos, --seq, --tsv or --bed".into()).into());
        }
        if !given && self.negatives.is_asked() {
            return Err(Usage("negatives go with positives: give --pos, --seq, --tsv or --bed".into()).into());
        }
        self.check_folder()?;
        let model = load(&self.model)?;
        if matches!(model, Subject::Detectors(_))
            && (!given || matches!(self.by, Some(Way::Function | Way::Projection)))
        {
            let message = "the detectors of a network after DeepBind are read from sequences only: give --pos, --seq, --tsv or --bed";
            return Err(Usage(message.into()).into());
        }
        let output = self.output_of(model.card())?;
        let alphabet = super::predict::alphabet_of(model.card())?;
        let restarts = self.restart.iter().map(|path| load(path)).collect::<anyhow::Result<Vec<_>>>()?;
        for (restart, path) in restarts.iter().zip(&self.restart) {
            let (card, of_restart) = (model.card(), restart.card());
            if of_restart.alphabet != card.alphabet || of_restart.outputs != card.outputs {
                let message = format!("{} has another alphabet or other outputs than the model", path.display());
                return Err(Usage(message).into());
            }
        }
        let database = self.database.as_deref().map(|path| self.read_database(path, alphabet)).transpose()?;
        let halves = if given { Some(self.read(&model, alphabet)?) } else { None };
        let settings = self.settings(output, alphabet);

        let motifs = self.find(&model, halves.as_ref(), &settings)?;
        let mut rows = self.judge(&model, &motifs, halves.as_ref(), &settings)?;
        self.count_restarts(&mut rows, &restarts, halves.as_ref(), &settings)?;
        if let Some((database, targets)) = &database {
            for row in &mut rows {
                let matches = database.search(&row.found.motif.probabilities)?;
                row.known = matches.first().map(|best| Known::new(&targets[best.target], best.q_value));
            }
        }
        self.write(&model, output, &rows, alphabet)?;
        if rows.is_empty() && !self.quiet {
            say(match &halves {
                Some(_) if motifs.is_empty() => "no motif: no anchor point of the model has sites in the sequences",
                Some(_) => "no motif: none is enriched in the sequences held out from the search",
                None => {
                    "no motif: no anchor point raises the score, lies near a matrix and tells held-out sequences apart"
                }
            });
        }
        Ok(exit::DONE)
    }

    fn settings(&self, output: usize, alphabet: Alphabet) -> ReadingSettings {
        let distance = match self.distance {
            DistanceChoice::Normalised => Distance::Normalised,
            DistanceChoice::Literal => Distance::Literal,
        };
        ReadingSettings {
            output,
            both_strands: alphabet == Alphabet::Dna,
            information: self.information,
            by_function: self.by != Some(Way::Projection),
            projection: ProjectionSettings { distance, seed: Seed(self.seed), ..ProjectionSettings::default() },
            ..ReadingSettings::default()
        }
    }

    fn output_of(&self, card: &ModelCard) -> anyhow::Result<usize> {
        let outputs = &card.outputs;
        match &self.output {
            None if outputs.is_empty() => Ok(0),
            None => {
                Err(Usage(format!("the model has several outputs ({}): choose one by --output", outputs.join(", ")))
                    .into())
            }
            Some(name) => outputs
                .iter()
                .position(|output| output == name)
                .ok_or_else(|| Usage(format!("the model has no output `{name}`, only: {}", outputs.join(", "))).into()),
        }
    }

    /// Reads the sequences; half of the positives are searched, the other half are evidence.
    fn read(&self, model: &Subject, alphabet: Alphabet) -> anyhow::Result<Halves> {
        self.source.check()?;
        self.negatives.check(Unasked::Shuffle, self.source.intervals.genome.is_some())?;
        let loaded = self.source.read(alphabet, Mode::All, self.allow_duplicates)?;
        let loaded = self.negatives.add(loaded, self.seed, Unasked::Shuffle)?;
        if !self.quiet {
            loaded.notes.iter().for_each(say);
            let known = |hash: &String| model.card().data.values().any(|other| other == hash);
            if hashes(self.source.paths().map(|path| (path.display().to_string(), path)))?.values().any(known) {
                say("these are sequences of the model's training: p-values are too small; give others");
            }
        }
        let labels = loaded.data.labels();
        let shortest = model.width();
        let long = |record: &usize| loaded.data.sequences().sequence(*record).len() >= shortest;
        let of =
            |class: bool| (0..labels.len()).filter(|&record| (labels[record] > 0.0) == class).filter(long).collect();
        let (mut positives, negatives): (Vec<usize>, Vec<usize>) = (of(true), of(false));
        if positives.len() < 4 || negatives.is_empty() {
            let message = format!(
                "{} positives and {} negatives are as long as the filters: motifs need at least 4 and 1",
                positives.len(),
                negatives.len()
            );
            return Err(Input(message).into());
        }
        positives.shuffle(&mut Seed(self.seed).stream("motifs"));
        let (searched, held_out) = positives.split_at(positives.len().div_ceil(2));
        let select = |records: &[usize]| -> anyhow::Result<EncodedSequences> {
            let mut records = records.to_vec();
            records.sort_unstable();
            Ok(loaded.data.sequences().select(&records)?)
        };
        Ok(Halves { searched: select(searched)?, positives: select(held_out)?, negatives: select(&negatives)? })
    }

    fn find(
        &self,
        model: &Subject,
        halves: Option<&Halves>,
        settings: &ReadingSettings,
    ) -> anyhow::Result<Vec<ModelMotif>> {
        Ok(match (model, halves) {
            (Subject::Network(model), Some(halves)) if matches!(self.by, None | Some(Way::Sites)) => {
                count_motifs(model, &halves.searched, settings)?
            }
            (Subject::Network(model), _) => project_motifs(model, settings)?,
            (Subject::Detectors(model), Some(halves)) => detector_motifs(model, &halves.searched, settings)?,
            (Subject::Detectors(_), None) => Vec::new(),
        })
    }

    /// The motifs that have evidence, where there are sequences to judge them by.
    fn judge(
        &self,
        model: &Subject,
        motifs: &[ModelMotif],
        halves: Option<&Halves>,
        settings: &ReadingSettings,
    ) -> anyhow::Result<Vec<Row>> {
        let Some(halves) = halves else {
            return Ok(motifs.iter().map(|motif| Row::new(motif, model.card(), None)).collect());
        };
        let held_out = HeldOut { positives: &halves.positives, negatives: &halves.negatives };
        let network = model.network().map(|model| (model, settings.output));
        let found = evidence(network, motifs, held_out, settings.both_strands)?;
        let rows = motifs.iter().zip(found).filter(|(_, evidence)| evidence.q_value <= self.max_q);
        let mut rows: Vec<Row> = rows.map(|(motif, evidence)| Row::new(motif, model.card(), Some(evidence))).collect();
        rows.sort_by(|a, b| a.p_value().total_cmp(&b.p_value()));
        for (number, row) in rows.iter_mut().enumerate() {
            row.found.motif.name = format!("motif_{}", number + 1);
        }
        Ok(rows)
    }

    /// How many other models have each motif.
    fn count_restarts(
        &self,
        rows: &mut [Row],
        restarts: &[Subject],
        halves: Option<&Halves>,
        settings: &ReadingSettings,
    ) -> anyhow::Result<()> {
        for restart in restarts {
            let others = self.find(restart, halves, settings)?;
            for row in rows.iter_mut() {
                let mut there = false;
                for other in &others {
                    let (first, second) = (&row.found.motif.probabilities, &other.motif.probabilities);
                    let overlap = first.width().min(second.width()).min(6);
                    let best = best_alignment(first, second, overlap, settings.both_strands)?;
                    there |= best.is_some_and(|alignment| alignment.correlation >= 0.8);
                }
                row.restarts = Some((row.restarts.map_or(0, |(with, _)| with) + usize::from(there), restarts.len()));
            }
        }
        Ok(())
    }

    fn read_database(&self, path: &Path, alphabet: Alphabet) -> anyhow::Result<(Database, Vec<Motif>)> {
        let file = read_motifs(path)?;
        if file.alphabet != alphabet {
            let (got, path) = (file.alphabet, path.display());
            return Err(Input(format!("{path} holds motifs of {got}, the model reads {alphabet}: give others")).into());
        }
        Ok((Database::new(&file.motifs, alphabet == Alphabet::Dna)?, file.motifs))
    }

    /// Checks, before any work, that the folder can be made or is one of an earlier run.
    fn check_folder(&self) -> anyhow::Result<()> {
        let name = self.out.display();
        if fs::symlink_metadata(&self.out).is_err() {
            return Ok(());
        }
        if !self.out.is_dir() {
            return Err(Usage(format!("{name} is there and no folder: choose another name for --out")).into());
        }
        let filled = fs::read_dir(&self.out).map(|mut entries| entries.next().is_some());
        if filled.with_context(|| format!("{name} cannot be read"))? && !self.force {
            let message = format!("{name} exists already: choose another folder, or overwrite it with --force");
            return Err(Usage(message).into());
        }
        Ok(())
    }

    fn write(&self, model: &Subject, output: usize, rows: &[Row], alphabet: Alphabet) -> anyhow::Result<()> {
        let logos = self.out.join("logos");
        fs::create_dir_all(&logos).map_err(|cause| Usage(format!("{} cannot be made: {cause}", logos.display())))?;
        self.remove_old_logos(&logos)?;
        let colours = match self.palette {
            Palette::Classic => LogoColours::Classic,
            Palette::ColourBlind => LogoColours::ColourBlindSafe,
        };
        for row in rows {
            let motif = &row.found.motif;
            let title = row.known.as_ref().map(|known| format!("{} ({})", motif.name, known.label()));
            let title = Some(title.unwrap_or_else(|| motif.name.clone()));
            let svg = logo_svg(&motif.probabilities, &LogoOptions { title, colours, ..LogoOptions::default() })?;
            let path = logos.join(format!("{}.svg", motif.name));
            write_results(Some(&path), self.force, |out| Ok(out.write_all(svg.as_bytes())?))?;
        }
        let motifs: Vec<Motif> = rows.iter().map(Row::named).collect();
        let file = |name: &str| self.out.join(name);
        write_results(Some(&file("motifs.meme")), self.force, |out| {
            Ok(write_meme(&motifs, &Background::uniform(alphabet), alphabet == Alphabet::Dna, out)?)
        })?;
        let combined = match model.network() {
            Some(model) => combinations(model, output)?,
            None => Vec::new(),
        };
        if !combined.is_empty() {
            write_results(Some(&file("combinations.tsv")), self.force, |out| {
                table::write_combinations(out, &combined, rows)
            })?;
        }
        write_results(Some(&file("motifs.tsv")), self.force, |out| table::write(out, rows))?;
        write_results(None, false, |out| table::write(out, rows))
    }

    /// Logos of an earlier run must not stand beside those of this one.
    fn remove_old_logos(&self, folder: &Path) -> anyhow::Result<()> {
        let failed = |cause| Usage(format!("{} cannot be emptied: {cause}", folder.display()));
        for entry in fs::read_dir(folder).map_err(failed)? {
            let path = entry.map_err(failed)?.path();
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            if name.starts_with("motif_") && name.ends_with(".svg") {
                fs::remove_file(&path).map_err(failed)?;
            }
        }
        Ok(())
    }
}

/// A model that motifs are read from.
enum Subject {
    Network(Model),
    Detectors(DeepBindModel),
}

impl Subject {
    fn card(&self) -> &ModelCard {
        match self {
            Self::Network(model) => model.card(),
            Self::Detectors(model) => model.card(),
        }
    }

    fn network(&self) -> Option<&Model> {
        match self {
            Self::Network(model) => Some(model),
            Self::Detectors(_) => None,
        }
    }

    /// Letters of a filter.
    fn width(&self) -> usize {
        match self {
            Self::Network(model) => model.network().layers()[0].width(),
            Self::Detectors(model) => model.network().config().width,
        }
    }
}

fn load(path: &Path) -> anyhow::Result<Subject> {
    match AnyModel::load(path)? {
        AnyModel::Ckn(model) => Ok(Subject::Network(model)),
        AnyModel::DeepBind(model) => Ok(Subject::Detectors(model)),
        _ => {
            let path = path.display();
            let message = format!(
                "{path} is a machine on the exact kernel, or several models as one, and has no anchor points: give the network \
                 of a few that `ckn train --auto` wrote beside it, {path}.few.ckn"
            );
            Err(Usage(message).into())
        }
    }
}
