//! A pass of Adam over minibatches, and the gradient of one.

use std::ops::ControlFlow;

use ckn_core::head::LinearHead;
use ckn_core::loss::Loss;
use ckn_core::pooling::Strands;
use ckn_model::Network;

use super::buffers::Buffer;
use super::kernels::head::{HeadShape, Join, Slope};
use super::kernels::update::{FIRST_DECAY, SECOND_DECAY};
use super::{Resident, guarded};
use crate::Error;
use crate::error::check_size;

/// Units of a cube of a head.
const HEAD_UNITS: u32 = 64;

/// A pass over minibatches as a device takes it: what anchors are moved by while the heads stand still.
#[derive(Debug, Clone, Copy)]
pub struct DevicePass<'a> {
    /// The records, minibatch after minibatch.
    pub order: &'a [usize],
    /// Records of a minibatch.
    pub batch: usize,
    /// One head an output.
    pub heads: &'a [LinearHead],
    /// Loss of a score and a label.
    pub loss: Loss,
    /// Labels in the order of the records, `[records, tasks]`; any number where the weight is 0.
    pub labels: &'a [f32],
    /// What the loss of each label counts, `[records, tasks]`; 0 where there is none.
    pub weights: &'a [f32],
    /// Learning rate of Adam.
    pub learning_rate: f64,
}

/// Moments of Adam, `[filters, letters, width]`, and the number of its steps.
#[derive(Debug, Clone, PartialEq)]
pub struct Moments {
    /// First moments.
    pub first: Vec<f32>,
    /// Second moments.
    pub second: Vec<f32>,
    /// Steps so far.
    pub steps: i32,
}

impl Resident {
    /// Moves the anchors of a network through all minibatches of a pass; `progress` is told the records that are done, and
    /// may end the pass.
    ///
    /// # Errors
    /// [`Error::Size`] if labels, weights or moments do not fit; [`Error::NotResident`] for other losses; those of [`Self::embed`];
    /// [`ckn_core::Error::NotFinite`] if anchors leave the sphere.
    pub fn descend(
        &mut self,
        network: &mut Network,
        moments: &mut Moments,
        pass: &DevicePass<'_>,
        progress: &mut dyn FnMut(usize) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>, Error> {
        let device = self.client.name();
        guarded(&device, || self.moved(network, moments, pass, progress))
    }

    fn moved(
        &mut self,
        network: &mut Network,
        moments: &mut Moments,
        pass: &DevicePass<'_>,
        progress: &mut dyn FnMut(usize) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>, Error> {
        let shape = self.head_shape(slope_of(pass.loss)?, pass.heads.len());
        let tasks = if pass.loss == Loss::Multinomial { 1 } else { pass.heads.len() };
        check_size("labels", pass.order.len() * tasks, pass.labels.len())?;
        check_size("weights of labels", pass.order.len() * tasks, pass.weights.len())?;
        check_size("first moments", self.cut.parameters(), moments.first.len())?;
        check_size("second moments", self.cut.parameters(), moments.second.len())?;
        self.check_turns(pass.batch.min(pass.order.len()))?;
        self.prepare(network)?;
        let order = self.upload_order(pass.order)?;
        let heads = self.upload_heads(pass.heads)?;
        let targets = self.upload("labels", &[pass.labels, pass.weights].concat())?;
        let turned = [self.filter_last(&moments.first), self.filter_last(&moments.second)].concat();
        let moving = self.upload("moments", &turned)?;
        let batch = pass.batch.min(pass.order.len()).max(1);
        let values = Buffer::empty(&self.client, "embeddings of a minibatch", self.cut.values(batch))?;
        let partials = Buffer::empty(&self.client, "gradients of a minibatch", self.cut.partials(batch))?;
        let mut flow = ControlFlow::Continue(());
        let mut first = 0;
        while first < pass.order.len() {
            let records = batch.min(pass.order.len() - first);
            if first > 0 {
                self.tables();
                self.inverse_root();
            }
            self.pool(&order, &values, first, records);
            self.head(&order, &heads, &targets, &values, [first, records, pass.order.len()], shape);
            self.backward(&order, &values, &partials, first, records);
            moments.steps = moments.steps.saturating_add(1);
            let rate = pass.learning_rate / (1.0 - FIRST_DECAY.powi(moments.steps));
            let second_scale = 1.0 / (1.0 - SECOND_DECAY.powi(moments.steps));
            self.step(&moving, rate as f32, second_scale as f32);
            // Tables and roots are those of the anchors before the step.
            self.ready = None;
            first += records;
            if progress(first).is_break() {
                flow = ControlFlow::Break(());
                break;
            }
        }
        let size = self.cut.parameters();
        let anchors = self.anchors[0].clone();
        let anchors = self.read(&anchors, 0, size)?;
        let turned = self.read(&moving, 0, 2 * size)?;
        moments.first = self.filter_first(&turned[..size]);
        moments.second = self.filter_first(&turned[size..]);
        network.set_anchors(0, &self.filter_first(&anchors))?;
        Ok(flow)
    }

    pub(super) fn gradient(
        &mut self,
        network: &Network,
        records: &[usize],
        upstream: &mut dyn FnMut(&[f32], &mut [f32]),
    ) -> Result<Vec<f32>, Error> {
        self.check_turns(records.len())?;
        self.prepare(network)?;
        let order = self.upload_order(records)?;
        let count = records.len();
        let (numbers, region) = (self.cut.values(count), count * self.cut.row());
        let values = Buffer::empty(&self.client, "embeddings", numbers)?;
        self.pool(&order, &values, 0, count);
        if !self.cut.maxima {
            self.apply_root(&values, count);
        }
        let mut host = self.read(&values, 0, numbers)?;
        let mut by_embeddings = vec![0.0; region];
        upstream(&host[region..2 * region], &mut by_embeddings);
        host[region..2 * region].copy_from_slice(&by_embeddings);
        let values = self.upload("embeddings", &host)?;
        if !self.cut.maxima {
            let none = self.upload("heads", &[])?;
            let shape = self.head_shape(Slope::Given, 1);
            self.head(&order, &none, &none, &values, [0, count, count], shape);
        }
        let partials = Buffer::empty(&self.client, "gradients", self.cut.partials(count))?;
        self.backward(&order, &values, &partials, 0, count);
        // The first moments after a first step are a tenth of the gradient.
        let size = self.cut.parameters();
        let moments = self.upload("moments", &vec![0.0; 2 * size])?;
        self.step(&moments, 0.0, 1.0);
        self.anchors.swap(0, 1);
        let first = self.read(&moments, 0, size)?;
        let mut gradient = self.filter_first(&first);
        gradient.iter_mut().for_each(|value| *value = (f64::from(*value) / (1.0 - FIRST_DECAY)) as f32);
        Ok(gradient)
    }

    fn head_shape(&self, slope: Slope, outputs: usize) -> HeadShape {
        let join = match self.config.strands {
            Strands::Forward => Join::Forward,
            Strands::Max => Join::Max,
            Strands::Mean => Join::Mean,
        };
        let units = HEAD_UNITS.min(self.cut.units);
        HeadShape { outputs: outputs as u32, slope, join, sums: !self.cut.maxima, units }
    }

    /// Weights `[filters, outputs]`, then intercepts.
    fn upload_heads(&mut self, heads: &[LinearHead]) -> Result<Buffer, Error> {
        let (filters, outputs) = (self.cut.filters, heads.len());
        let mut values = vec![0.0; (filters + 1) * outputs];
        for (output, head) in heads.iter().enumerate() {
            check_size("weights of a head", filters, head.weights().len())?;
            for (at, &weight) in head.weights().iter().chain([&head.intercept()]).enumerate() {
                values[at * outputs + output] = weight as f32;
            }
        }
        self.upload("heads", &values)
    }
}

fn slope_of(loss: Loss) -> Result<Slope, Error> {
    match loss {
        Loss::Logistic => Ok(Slope::Logistic),
        Loss::SquaredHinge => Ok(Slope::SquaredHinge),
        Loss::Squared => Ok(Slope::Squared),
        Loss::Multinomial => Ok(Slope::Multinomial),
        _ => Err(Error::NotResident { what: "trainings by this loss" }),
    }
}
