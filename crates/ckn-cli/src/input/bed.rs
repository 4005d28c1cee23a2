//! Sequences cut from a genome, where the command line names intervals.

use std::path::{Path, PathBuf};

use ckn::bio::Alphabet;
use ckn::bio::io::{Bed, CutSequences, Genome, Unfit, cut, read_bed};
use clap::Args;

use super::check_names;
use crate::command::given::{Given, effects};
use crate::exit::Usage;

/// Intervals, and the genome they lie in.
#[derive(Debug, Clone, Args)]
pub struct BedArguments {
    /// Intervals of the sequences (of two classes: of the positives): BED or narrowPeak, plain or gzipped; `-` is standard input
    #[arg(long, value_name = "FILE", requires = "genome")]
    pub bed: Option<PathBuf>,
    /// Genome of the intervals: FASTA, plain or gzipped, with or without `.fai`, or 2bit
    #[arg(long, value_name = "FASTA|2BIT", requires = "bed")]
    pub genome: Option<PathBuf>,
    /// Letters around each summit, or around the centre where there is none [default: the intervals as they are]
    #[arg(long, value_name = "LETTERS", requires = "bed", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub window: Option<u32>,
    /// Leave out intervals that are empty, run past an end of their chromosome, or lie on none of the genome
    #[arg(long, requires = "bed")]
    pub drop_unfit: bool,
}

/// Positives that were cut from a genome, and what their negatives can be drawn from.
#[derive(Debug)]
pub struct Peaks {
    pub genome: Genome,
    pub bed: Bed,
    pub cut: CutSequences,
}

impl BedArguments {
    /// Says when each option has an effect: what goes with what is said where they are declared.
    pub fn check_effects(&self, given: &Given) -> Result<(), Usage> {
        effects!(given, self; bed, genome, window, drop_unfit)
    }

    /// The files, by their roles.
    pub fn files(&self) -> impl Iterator<Item = (&'static str, &Path)> {
        let roles = [("bed", &self.bed), ("genome", &self.genome)];
        roles.into_iter().filter_map(|(role, path)| Some((role, path.as_deref()?)))
    }

    /// Cuts the intervals, if there are any, and appends what there is to say about them.
    pub fn read(
        &self,
        alphabet: Alphabet,
        allow_duplicates: bool,
        notes: &mut Vec<String>,
    ) -> anyhow::Result<Option<Peaks>> {
        let (Some(bed), Some(genome)) = (&self.bed, &self.genome) else { return Ok(None) };
        if bed == Path::new("-") && genome == Path::new("-") {
            return Err(Usage("standard input can be read only once: give one of the files by name".into()).into());
        }
        let genome = Genome::open(genome, alphabet)?;
        let (bed, cut) = self.cut(bed, &genome, allow_duplicates, notes)?;
        Ok(Some(Peaks { genome, bed, cut }))
    }

    /// Cuts the intervals of one file.
    pub fn cut(
        &self,
        path: &Path,
        genome: &Genome,
        allow_duplicates: bool,
        notes: &mut Vec<String>,
    ) -> anyhow::Result<(Bed, CutSequences)> {
        let bed = read_bed(path)?;
        let unfit = if self.drop_unfit { Unfit::Drop } else { Unfit::Refuse };
        let cut = cut(genome, &bed, self.window.map(|letters| letters as usize), unfit)?;
        check_names(&cut.sequences, allow_duplicates)?;
        let dropped = cut.dropped;
        if dropped.total() > 0 {
            notes.push(format!(
                "{}: left out {} of {} intervals: {} past an end of their chromosome, {} on chromosomes that the genome \
                 lacks, {} empty",
                bed.file(),
                dropped.total(),
                bed.records().len(),
                dropped.outside,
                dropped.no_chromosome,
                dropped.empty
            ));
        }
        Ok((bed, cut))
    }
}
