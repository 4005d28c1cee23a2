//! Stages of the layer: embeddings and their gradient.

use std::hint::black_box;

use super::stage::Work;
use super::stopwatch::seconds_of;
use super::subject::Subject;

/// Records of a minibatch.
const BATCH: usize = 128;

impl Subject<'_> {
    /// Embeds all sequences.
    pub fn encode(&mut self) -> anyhow::Result<(f64, Work)> {
        let (seconds, ()) = seconds_of(|| {
            self.layer.embed(&self.index, &self.all, &mut self.embeddings)?;
            black_box(&self.embeddings);
            Ok(())
        })?;
        Ok((seconds, self.passes("embeddings", self.forward_bytes())))
    }

    /// Embeds all sequences and pulls a gradient back to the anchors, minibatch by minibatch.
    pub fn backward(&mut self) -> anyhow::Result<(f64, Work)> {
        let (seconds, ()) = seconds_of(|| {
            for batch in self.all.chunks(BATCH) {
                let upstream = |_: std::ops::Range<usize>, _: &[f32], gradient: &mut [f32]| gradient.fill(0.5);
                black_box(self.layer.pull_back(&self.index, batch, upstream, &mut self.buffers)?);
            }
            Ok(())
        })?;
        let task = format!("minibatches of {BATCH}");
        Ok((seconds, self.passes(&task, self.backward_factor() * self.forward_bytes())))
    }

    /// One pass over all sequences.
    fn passes(&self, task: &str, bytes: f64) -> Work {
        Work {
            task: task.to_owned(),
            sequences: Some(self.records()),
            letters: Some(self.letters()),
            bytes: Some(bytes),
        }
    }
}
