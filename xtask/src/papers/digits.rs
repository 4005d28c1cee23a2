//! Test errors of image networks on few training images of MNIST, drawn several times.

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use anyhow::Context;

use super::cache::Entry;
use super::measure::Subject;
use crate::compare::runs::{Program, column};
use crate::reproduce::job::check;

/// One draw of training images.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Draw {
    pub(crate) network: &'static str,
    pub(crate) images: usize,
    pub(crate) seed: u64,
}

impl Subject for Draw {
    fn part(&self) -> String {
        self.images.to_string()
    }

    fn sets(&self) -> String {
        "MNIST".to_owned()
    }

    fn options(&self) -> String {
        format!("--network {}", self.network)
    }

    fn seed(&self) -> u64 {
        self.seed
    }
}

/// Trains on the draw and tests: the error in per cent.
pub(crate) fn measure(draw: &Draw, program: &Program, data: &Path) -> anyhow::Result<Entry> {
    let scratch = tempfile::tempdir().context("cannot make a temporary folder")?;
    let model = scratch.path().join("digits.ckn");
    let file = |name: &str| data.join("mnist").join(format!("{name}-ubyte.gz"));
    let mut train = Command::new(&program.path);
    train.args(["image", "train", "--quiet", "--network", draw.network, "--limit", &draw.images.to_string()]);
    train.args(["--seed", &draw.seed.to_string(), "--threads", &program.threads.to_string(), "--out"]).arg(&model);
    train.arg("--images").arg(file("train-images-idx3")).arg("--labels").arg(file("train-labels-idx1"));
    let started = Instant::now();
    check(&train.output()?).context("training on digits")?;
    let seconds = started.elapsed().as_secs_f64();
    let mut evaluate = Command::new(&program.path);
    evaluate.args(["image", "evaluate"]).arg(&model);
    let tested = evaluate.arg("--images").arg(file("t10k-images-idx3")).arg("--labels").arg(file("t10k-labels-idx1"));
    let tested = tested.output()?;
    check(&tested).context("test on digits")?;
    let table = String::from_utf8_lossy(&tested.stdout);
    let values = column(&table, "error").with_context(|| format!("no error in\n{table}"))?;
    Ok(Entry { seconds, values })
}
