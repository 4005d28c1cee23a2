mod table;

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use ckn::bio::{Division, LabelledSequences, chromosomes, io};
use ckn::core::seed::Seed;
use ckn::train::StopReason;
use clap::Args;

use self::table::Row;
use super::given::{Effects, Given, effects};
use super::recipe::{Checkpoint, Recipe};
use super::score_table;
use super::split::{By, shown};
use crate::exit::{self, Input, Usage};
use crate::input::check_classes;
use crate::output::{check_apart, check_free, check_replaceable, save_model, write_results};
use crate::progress::Progress;
use crate::talk::say;

/// Train on all folds but one and test on that one, for every fold
#[derive(Debug, Args)]
#[command(
    name = "cv",
    allow_negative_numbers = true,
    after_help = "\
Takes every option of `ckn train`; each training chooses its epoch on a part of its own sequences, never on those of the fold \
that is left out.

  --by fold         at random, with as much of each label in each fold
  --by chromosome   by the chromosome in names such as chr1:100-201: none is divided
  --by group        by the column `group` of a table (--tsv): none is divided

Prints a table of one row for each fold (and task): fold, records, positives and negatives left out and scored, what `ckn \
evaluate` measures, and the seconds of the training; then rows `mean` and `sd`, over the folds that define the measure. \
--scores has the score of every sequence by the model that had not seen it. Scores of different folds come from different \
models: join their measures, not the scores.

Examples:
  ckn cv --pos bound.fa --neg unbound.fa
  ckn cv --bed peaks.narrowPeak --genome hg38.2bit --window 200 --negatives genome --by chromosome --strands max
  ckn cv --tsv families.tsv --by group --folds 10 --scores left_out.tsv --out family"
)]
pub struct CrossValidate {
    #[command(flatten)]
    pub recipe: Recipe,
    /// Number of folds, each of which is left out once
    #[arg(long, help_heading = "Division", value_name = "NUMBER", default_value_t = 5,
        value_parser = clap::value_parser!(u32).range(2..=1000))]
    folds: u32,
    /// What decides in which fold a sequence is
    #[arg(long, help_heading = "Division", value_enum, default_value_t = By::Fold)]
    by: By,
    /// Also write id, fold, label and score of every sequence, scored where it was left out
    #[arg(long, value_name = "TSV", help_heading = "Output")]
    scores: Option<PathBuf>,
    /// Also keep the models: PREFIX.fold1.ckn and so on
    #[arg(long, value_name = "PREFIX", help_heading = "Output")]
    out: Option<PathBuf>,
    /// Overwrite existing files
    #[arg(long, help_heading = "Output")]
    force: bool,
}

impl Effects for CrossValidate {
    fn check(&self, given: &Given) -> Result<(), Usage> {
        effects!(given, self; recipe, folds, by, scores, out, force)?;
        self.recipe.check(given, self.recipe.way())
    }
}

impl CrossValidate {
    pub fn run(self) -> anyhow::Result<u8> {
        self.check()?;
        let mut plan = self.recipe.plan()?;
        let hashes = self.recipe.hashes()?;
        let (data, _) = self.recipe.read(&mut plan)?;
        let groups = self.groups(&data)?;
        let strata = data.strata();
        let divisions = Division::of_folds(&strata, groups.as_deref(), self.folds as usize, Seed(self.recipe.seed))?;
        if !self.recipe.quiet {
            warn_of_leaks(&data, &divisions)?;
        }
        let mut progress = Progress::new(self.recipe.quiet);
        let (mut rows, mut status) = (Vec::new(), exit::DONE);
        let (mut fold_of, mut scores, mut outputs) = (vec![0; data.sequences().len()], Vec::new(), Vec::new());
        for (number, division) in divisions.iter().enumerate() {
            let fold = number + 1;
            if !self.recipe.quiet {
                say(format_args!("fold {fold} of {}", self.folds));
            }
            let (training, test) = (data.select(&division.training)?, data.select(&division.test)?);
            check_classes(&training, plan.loss())?;
            let start = std::time::Instant::now();
            let trained = plan.fit(&training, hashes.clone(), &mut progress, &mut Checkpoint::none())?;
            let seconds = start.elapsed().as_secs_f64();
            if trained.reason == StopReason::Interrupted {
                say(format_args!("interrupted in fold {fold}: the table has the folds before it"));
                table::write(plan.loss(), &rows)?;
                return Ok(exit::INTERRUPTED);
            }
            status = status.max(trained.status);
            if let Some(path) = self.model_path(fold) {
                save_model(&path, self.force, |path, overwrite| trained.model.save(path, overwrite))?;
            }
            let left_out = super::predict::scores(&trained.model, test.sequences())?;
            outputs.clone_from(&trained.model.card().outputs);
            let width = outputs.len().max(1);
            if fold > 1 && scores.len() != data.sequences().len() * width {
                let message = format!(
                    "without fold {fold} there are other classes than without the folds before it: divide otherwise"
                );
                return Err(Input(message).into());
            }
            scores.resize(data.sequences().len() * width, f64::NAN);
            for (&record, values) in division.test.iter().zip(left_out.chunks_exact(width)) {
                fold_of[record] = fold;
                scores[record * width..][..width].copy_from_slice(values);
            }
            rows.extend(Row::of_fold(fold, plan.loss(), &test, &left_out, seconds));
        }
        if let Some(path) = &self.scores {
            write_results(Some(path), self.force, |out| {
                score_table::write(out, &data, &outputs, &scores, Some(&fold_of))
            })?;
        }
        table::write(plan.loss(), &rows)?;
        Ok(status)
    }

    /// Checks, before any work, that everything can be written and that groups can be told.
    fn check(&self) -> anyhow::Result<()> {
        if self.by == By::Group {
            let Some(table) = &self.recipe.source.tsv else {
                let message = "--by group reads the column `group` of a table: it goes with --tsv";
                return Err(Usage(message.into()).into());
            };
            // What is missing is said when it is read.
            let is_read_once = std::fs::metadata(table).is_ok_and(|status| !status.is_file());
            if table == Path::new("-") || is_read_once {
                let name = if is_read_once { table.display().to_string() } else { "standard input".to_owned() };
                let message =
                    format!("--by group reads the table twice, and {name} can be read only once: give a file");
                return Err(Usage(message).into());
            }
        }
        for fold in 1..=self.folds as usize {
            if let Some(path) = self.model_path(fold) {
                check_replaceable(&path)?;
                check_free(&path, self.force)?;
                check_apart(&path, self.recipe.paths().chain(self.scores.as_deref()))?;
            }
        }
        if let Some(path) = &self.scores {
            check_free(path, self.force)?;
            check_apart(path, self.recipe.paths())?;
        }
        Ok(())
    }

    fn model_path(&self, fold: usize) -> Option<PathBuf> {
        let mut name = OsString::from(self.out.as_ref()?);
        name.push(format!(".fold{fold}.ckn"));
        Some(PathBuf::from(name))
    }

    /// The group of each sequence; none where folds are drawn at random.
    fn groups(&self, data: &LabelledSequences) -> anyhow::Result<Option<Vec<String>>> {
        match self.by {
            // Shuffles stay with their originals.
            By::Fold if data.has_families() => Ok(Some(data.families().iter().map(usize::to_string).collect())),
            By::Fold => Ok(None),
            By::Chromosome => Ok(Some(chromosomes(data.sequences())?)),
            By::Group => {
                let table = self.recipe.source.tsv.as_deref().unwrap_or(Path::new("-"));
                let grouped = io::read_grouped(table, self.recipe.alphabet)?;
                let groups = grouped.groups().ok_or_else(|| {
                    Input(format!("{} has no column `group`: add one, or use --by fold", table.display()))
                })?;
                // Shuffles stay with their originals.
                Ok(Some(data.families().iter().filter_map(|&original| groups.get(original).cloned()).collect()))
            }
        }
    }
}

/// Says how many training sequences are left out in the same fold, too.
fn warn_of_leaks(data: &LabelledSequences, divisions: &[Division]) -> anyhow::Result<()> {
    let mut first = None;
    let mut count = 0;
    for division in divisions {
        let leaks = division.leaks(data.sequences())?;
        count += leaks.len();
        first = first.or_else(|| leaks.first().map(|leak| shown(leak, data.sequences())));
    }
    if let Some(first) = first {
        say(format_args!(
            "{count} training sequences leak into the folds they are tested on, the first of them {first}: what is \
             measured is too good; remove doubles, or use --by chromosome or --by group"
        ));
    }
    Ok(())
}
