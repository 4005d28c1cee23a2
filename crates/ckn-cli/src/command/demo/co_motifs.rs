//! Sequences that differ only in how far two motifs stand from one another: what a second layer is for.

use std::collections::BTreeMap;
use std::time::Instant;

use ckn::bio::LabelledSequences;
use ckn::bio::motif::{MotifPair, PairSettings, motif_pairs};
use ckn::bio::simulate::{PlantedStrands, Positions, Simulation, demo_pair};
use ckn::interpret::{DiscoverySettings, discover_all};
use ckn::prelude::*;
use ckn::train::StopReason;

use super::Demo;
use crate::command::recipe::outcome;
use crate::exit;
use crate::input::positives_and_negatives;
use crate::output::{save_model, write_results};
use crate::progress::Progress;
use crate::talk::say;

const RECORDS: usize = 1000;
const LENGTH: usize = 101;
const GAP: usize = 12;

pub(super) fn run(demo: &Demo) -> anyhow::Result<u8> {
    let start = Instant::now();
    let (training, held_out) = (simulate(demo, "training")?, simulate(demo, "held-out")?);
    if !demo.quiet {
        say(format_args!("engine slices on CPU, threads {}, seed {}", rayon::current_num_threads(), demo.seed));
        say(format_args!(
            "simulated {RECORDS} positives and as many negatives of {LENGTH} bp: all hold two motifs, positives {GAP} bp apart"
        ));
    }
    let layer = |filters, width, sigma, subsampling| LayerConfig {
        filters,
        width,
        kernel: DotProductKernel::Exponential { sigma },
        subsampling,
    };
    let mut progress = Progress::new(demo.quiet);
    let networks = [vec![layer(64, 10, 0.3, 1)], vec![layer(16, 10, 0.3, 3), layer(64, 12, 0.6, 1)]];
    let mut aurocs = Vec::new();
    let mut status = exit::DONE;
    for layers in networks {
        let deepest = layers.len() == 2;
        let (fitted, checked) = demo.fit(&training, layers, &mut progress)?;
        // That one layer learns nothing is what is shown, and no doubt to tell of.
        let (files, validation) = (BTreeMap::new(), fitted.validation.clone());
        let model = fitted.clone().into_model(&checked, outcome::provenance(&training, &files))?;
        let model = outcome::with_evidence(model, &training, &validation)?;
        aurocs.push(auroc(&model.scores(held_out.sequences().view())?, held_out.labels()));
        if let Some(out) = demo.out.as_ref().filter(|_| deepest) {
            save_model(out, demo.force, |path, overwrite| model.save(path, overwrite))?;
        }
        // Of a network that learns nothing, how its head ended says nothing either.
        if deepest || fitted.reason == StopReason::Interrupted {
            status = outcome::status(&fitted);
        }
    }
    let motifs = discover_all(held_out.sequences(), &DiscoverySettings::new(true), Seed(demo.seed))?;
    let (positives, negatives) = positives_and_negatives(&held_out)?;
    let pairs = motif_pairs(&motifs, &positives, &negatives, &PairSettings::new(true))?;
    let found = pairs.first().filter(|pair| pair.q_value <= 0.05);
    write_results(None, false, |out| {
        writeln!(out, "quantity\tvalue")?;
        for (name, auroc) in ["one_layer_auroc", "two_layers_auroc"].iter().zip(&aurocs) {
            writeln!(out, "{name}\t{auroc:.4}")?;
        }
        let planted: Vec<String> = demo_pair().iter().map(|motif| motif.probabilities.consensus()).collect();
        writeln!(out, "planted_pair\t{} {GAP} bp {}", planted[0], planted[1])?;
        let name = |motif: usize| motifs[motif].probabilities.consensus();
        let shown = found.map_or_else(|| "NA".to_owned(), |pair| pair_of(pair, name));
        writeln!(out, "found_pair\t{shown}")?;
        if let Some(pair) = found {
            writeln!(out, "positives_arranged\t{}", pair.positives_arranged)?;
            writeln!(out, "expected\t{:.1}", pair.expected)?;
            writeln!(out, "q_value\t{:.1e}", pair.q_value)?;
            writeln!(out, "negatives_arranged\t{}", pair.negatives_arranged)?;
        }
        writeln!(out, "seconds\t{:.1}", start.elapsed().as_secs_f64())?;
        Ok(())
    })?;
    Ok(status)
}

/// Both motifs in letters, and what stands between them.
fn pair_of(pair: &MotifPair, name: impl Fn(usize) -> String) -> String {
    let [first, second] = pair.motifs.map(name);
    let gap =
        if pair.gap[0] == pair.gap[1] { pair.gap[0].to_string() } else { format!("{}-{}", pair.gap[0], pair.gap[1]) };
    format!("{first} {gap} bp {second} ({})", pair.arrangement)
}

fn simulate(demo: &Demo, name: &str) -> anyhow::Result<LabelledSequences> {
    let draw = |class: &str, positions: Positions| {
        // On either strand, the direction of both would tell the classes apart without the distance.
        let strands = PlantedStrands::Forward;
        let simulation =
            Simulation { motifs: demo_pair(), positions, strands, ..Simulation::new(class, RECORDS, LENGTH) };
        Ok::<_, anyhow::Error>(simulation.run(Seed(demo.seed))?.sequences)
    };
    let positives = draw(&format!("demo-pair-{name}"), Positions::Spaced(GAP))?;
    let negatives = draw(&format!("demo-apart-{name}"), Positions::Uniform)?;
    Ok(LabelledSequences::from_classes(&positives, &negatives)?)
}
