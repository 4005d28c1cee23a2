#[cfg(feature = "wgpu")]
mod card;
mod data;
mod layer;
mod learning;
mod roofline;
mod scanning;
mod stage;
mod stopwatch;
mod subject;
mod table;

use ckn::core::pooling::Pooling;
use clap::Args;

use self::data::{Data, SHORTEST};
use self::stage::Stage;
use self::subject::{Shape, Subject};
use self::table::Row;
use super::given::{Effects, Given, effects};
use crate::exit::{self, Usage};
use crate::names::{FAST_POOLINGS, named};
use crate::output::write_results;
use crate::run_record::Host;
use crate::tensors::Device;

/// Measure how fast this machine trains, encodes and scans, beside what it can do at most
#[derive(Debug, Args)]
#[command(after_help = "\
Prints a table of one row a stage, for each network of one layer. Data are simulated; all but the times follows from the seed.

  roofline   rows of a table that lives in the first-level cache, multiplied and added up in order
  encode     embeddings of all sequences
  backward   embeddings and the gradient by the anchor points, in minibatches
  epoch      a step of training: head, its validation, a pass of Adam over three quarters of the sequences
  head       logistic regression on the embeddings of all sequences, from zero
  k-means    anchor points from at most 100000 patches
  training   all of it, from letters to a network: k-means, epochs, heads
  scan       every window of a genome in memory, both strands

Columns: stage, filters, pooling, task (what a run did), sequences_per_s (a sequence of an epoch counts once an epoch, and
scan counts windows), mbp_per_s (letters, likewise), gb_per_s (table traffic, 10^9 bytes), roofline_ratio (its share of the
roofline's), seconds (of one run, the median of the repeats), seconds_min, seconds_max. NA where nothing is to be counted.

Table traffic is what the k-mer tables must move: a row of 16 filters (64 bytes) for each window and block of letters; in the
gradient of mean and sum pooling once more, and a row of the gradient read and one written. Codes, embeddings, heads and
the inverse root are not counted, nor, with max pooling, the gradient. A ratio below 1 is therefore not all waste: max
pooling multiplies every window by the inverse root, k-means compares centres, an epoch fits a head.

The roofline does the arithmetic of mean pooling, two multiplications and an addition for three rows, on as many threads,
but knows which row comes next, and its 12 KiB stay in any first-level cache (16 filters of width 12 have tables of 48
KiB). It bounds how fast rows can be read; rows of a gradient that are written count as if they were read. Stages of a repeat run one after the other, so that other work on the machine slows all
alike; compare ratios rather than times.

With --device, a row for each network and each of three ways through a pass of Adam over all sequences: kernels (on the card),
tensors (there, too, one-hot, of a few minibatches), cpu. Columns: way, filters, pooling, batch, sequences_per_s, seconds (of a
pass, the median of the repeats), ratio_to_cpu, and of the kernels launches_per_minibatch, waits (of the host, in a pass), uploaded and
downloaded (bytes in a pass) and device_bytes (held there).

Examples:
  ckn bench
  ckn bench --threads 1 --filters 16,64 --pooling mean,max
  ckn bench --device gpu --filters 16,128 --batch 512")]
pub struct Bench {
    /// Numbers of filters, a comma list [default: 16; if --pooling is not given either, 16 and 128 with mean, 16 with max]
    #[arg(long, value_delimiter = ',', value_parser = parse_count::<1, 4096>)]
    filters: Option<Vec<usize>>,
    /// Global pooling, a comma list; each is measured with every number of filters [default: mean]
    #[arg(long, value_delimiter = ',', value_parser = named::<Pooling>(FAST_POOLINGS))]
    pooling: Option<Vec<Pooling>>,
    /// Patch width, in letters
    #[arg(long, default_value_t = 12, value_parser = parse_count::<1, 1000>)]
    width: usize,
    /// Letters of a sequence, and of a window of the scan
    #[arg(long, default_value_t = 101, value_parser = parse_count::<SHORTEST, 1_000_000>)]
    length: usize,
    /// Sequences, half of them with a motif
    #[arg(long, default_value_t = 4096, value_parser = parse_count::<16, 10_000_000>)]
    records: usize,
    /// Letters of the genome
    #[arg(long, default_value_t = 4_000_000, value_parser = parse_count::<SHORTEST, 1_000_000_000>)]
    genome: usize,
    /// Measure a graphics card beside the CPU instead: gpu, gpu:N; ckn doctor lists what there is
    #[arg(long)]
    device: Option<String>,
    /// Records of a minibatch on a card
    #[arg(long, default_value_t = 128, value_parser = parse_count::<1, 1_000_000>)]
    batch: usize,
    /// Times that every stage is measured
    #[arg(long, default_value_t = 5, value_parser = parse_count::<1, 1000>)]
    repeats: usize,
    /// Root of every random stream
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Threads; all cores by default
    #[arg(long, value_parser = super::parse_threads)]
    threads: Option<usize>,
    /// No progress on standard error
    #[arg(long, short)]
    quiet: bool,
}

/// Parses a whole number within limits.
fn parse_count<const LEAST: usize, const MOST: usize>(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(number) if (LEAST..=MOST).contains(&number) => Ok(number),
        _ => Err(format!("give a whole number between {LEAST} and {MOST}")),
    }
}

impl Effects for Bench {
    fn check(&self, given: &Given) -> Result<(), Usage> {
        let card =
            self.device.as_ref().map(|_| "has no effect on a card, where passes of trainings are measured: drop it");
        let no_card = card.is_none().then_some("is of minibatches on a card: drop it, or add --device gpu");
        effects!(given, self; filters, pooling, width, length, records, repeats, device, seed, threads, quiet;
            genome => card;
            batch => no_card)
    }
}

impl Bench {
    pub fn run(self) -> anyhow::Result<u8> {
        super::set_threads(self.threads)?;
        for (name, letters, least, of) in
            [("--length", self.length, self.width, "--width"), ("--genome", self.genome, self.length, "--length")]
        {
            if letters < least {
                return Err(Usage(format!("{name} {letters} is below {of} {least}: make it at least that")).into());
            }
        }
        self.say(|| {
            let threads = rayon::current_num_threads();
            format!("host {}, threads {threads}, seed {}", Host::of_this_run(), self.seed)
        });
        if let Some(device) = &self.device {
            return self.run_on(device);
        }
        let data = Data::simulate(self.records, self.length, self.genome, self.seed)?;
        let mut rows = Vec::new();
        for shape in self.shapes() {
            let mut subject = Subject::new(&data, shape, self.seed)?;
            let mut measured = Stage::ALL.map(|stage| Row::new(stage, shape));
            for repeat in 1..=self.repeats {
                for row in &mut measured {
                    row.add(row.stage.measure(&mut subject)?);
                }
                self.say(|| format!("{shape}: repeat {repeat} of {}", self.repeats));
            }
            rows.extend(measured);
        }
        write_results(None, false, |out| table::write(out, &rows))?;
        Ok(exit::DONE)
    }

    /// Measures passes on a graphics card.
    #[cfg(feature = "wgpu")]
    fn run_on(&self, device: &str) -> anyhow::Result<u8> {
        let device = Device::find(device, "--device")?;
        let data = Data::simulate(self.records, self.length, SHORTEST, self.seed)?;
        let mut rows = Vec::new();
        for shape in self.shapes() {
            rows.extend(card::measure(&device, &data, shape, (self.batch, self.repeats, self.seed))?);
            self.say(|| format!("{shape}: measured on {}", device.description()));
        }
        write_results(None, false, |out| Ok(card::write(out, &rows)?))?;
        Ok(exit::DONE)
    }

    /// Refuses a device: there is none in this build.
    #[cfg(not(feature = "wgpu"))]
    fn run_on(&self, device: &str) -> anyhow::Result<u8> {
        let device = Device::find(device, "--device")?;
        let message = format!("--device {}: passes are measured on graphics cards only", device.description());
        Err(Usage(message).into())
    }

    /// The networks to measure.
    fn shapes(&self) -> Vec<Shape> {
        let shape = |filters, pooling| Shape { filters, width: self.width, pooling };
        if self.filters.is_none() && self.pooling.is_none() {
            return vec![shape(16, Pooling::Mean), shape(128, Pooling::Mean), shape(16, Pooling::Max)];
        }
        let filters = self.filters.as_deref().unwrap_or(&[16]);
        let pooling = self.pooling.as_deref().unwrap_or(&[Pooling::Mean]);
        pooling.iter().flat_map(|&pooling| filters.iter().map(move |&filters| shape(filters, pooling))).collect()
    }

    fn say(&self, message: impl FnOnce() -> String) {
        if !self.quiet {
            crate::talk::say(message());
        }
    }
}
