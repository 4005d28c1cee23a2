//! How kernels are started.

use cubecl::prelude::{CubeCount, CubeDim};

use super::Resident;
use super::buffers::Buffer;
use super::kernels::head::HeadShape;
use super::kernels::{backward, forward, head, root, tables, update};
use ckn_core::whitening::Regularisation;

/// Cubes of a dimension that every device takes.
const MOST_CUBES: u32 = 65_535;
/// Units of cubes whose units compute one number each.
const UNITS: u32 = 256;

/// At least so many cubes, in two dimensions where one is not enough.
fn cubes(count: usize, deep: u32) -> CubeCount {
    let count = count.max(1) as u32;
    let wide = count.min(MOST_CUBES);
    CubeCount::Static(wide, count.div_ceil(wide), deep)
}

impl Resident {
    fn one_each(&self) -> u32 {
        UNITS.min(self.cut.units)
    }

    /// Products of the anchors with letters, and their Gram matrix.
    pub(super) fn tables(&mut self) {
        let cut = self.cut;
        let units = self.one_each();
        let entries = cut.filters * cut.filters + cut.strands * cut.rows_of_words() * cut.filters;
        self.traffic.launches += 1;
        tables::tables_and_gram::launch(
            &self.client,
            cubes(entries.div_ceil(units as usize), 1),
            CubeDim::new_1d(units),
            self.anchors[0].argument(),
            self.vectors.argument(),
            self.tables.argument(),
            self.gram.argument(),
            cut.filters as u32,
            cut.letters as u32,
            cut.strands as u32,
            self.alpha,
            cut.forward,
            cut.formula,
        );
    }

    /// The inverse root of the Gram matrix.
    pub(super) fn inverse_root(&mut self) {
        let (shift, epsilon) = match self.config.regularisation {
            Regularisation::Shift { epsilon } => (true, epsilon),
            Regularisation::Reference { epsilon } => (false, epsilon),
        };
        let (units, blocks) = root::workers(self.cut.filters as u32, self.cut.units);
        self.traffic.launches += 1;
        root::inverse_root::launch(
            &self.client,
            CubeCount::Static(1, 1, 1),
            CubeDim::new_1d(units),
            self.gram.argument(),
            self.roots.argument(),
            self.cut.filters as u32,
            epsilon as f32,
            shift,
            blocks,
            units,
        );
    }

    /// Pools the windows of some records of an order.
    pub(super) fn pool(&mut self, order: &Buffer, values: &Buffer, first: usize, records: usize) {
        let cut = self.cut;
        self.traffic.launches += 1;
        if cut.maxima {
            forward::pool_maxima::launch(
                &self.client,
                cubes(records, cut.strands as u32),
                CubeDim::new_1d(cut.units),
                self.data.argument(),
                order.argument(),
                self.tables.argument(),
                self.squares.argument(),
                self.roots.argument(),
                values.argument(),
                first as u32,
                records as u32,
                (records * cut.row()) as u32,
                self.packed as u32,
                cut.filters as u32,
                cut.strands as u32,
                self.alpha,
                cut.forward,
                cut.formula,
                cut.filters as u32,
                cut.units,
            );
        } else {
            let blocks = cut.filters.div_ceil(cut.lanes as usize) as u32;
            forward::pool_sums::launch(
                &self.client,
                cubes(records, cut.strands as u32 * blocks),
                CubeDim::new_1d(cut.units),
                self.data.argument(),
                order.argument(),
                self.tables.argument(),
                self.squares.argument(),
                values.argument(),
                first as u32,
                records as u32,
                self.packed as u32,
                cut.filters as u32,
                cut.strands as u32,
                self.alpha,
                u32::from(cut.mean),
                cut.forward,
                cut.formula,
                cut.lanes,
                cut.units,
            );
        }
    }

    /// Embeddings of records whose windows are pooled.
    pub(super) fn apply_root(&mut self, values: &Buffer, records: usize) {
        let (units, rows) = (self.one_each(), records * self.cut.strands);
        self.traffic.launches += 1;
        forward::apply_root::launch(
            &self.client,
            cubes((rows * self.cut.filters).div_ceil(units as usize), 1),
            CubeDim::new_1d(units),
            self.roots.argument(),
            values.argument(),
            rows as u32,
            (rows * self.cut.filters) as u32,
            self.cut.filters as u32,
        );
    }

    /// The gradient by the embeddings of a minibatch, and by pooled kernel values.
    pub(super) fn head(
        &mut self,
        order: &Buffer,
        heads: &Buffer,
        targets: &Buffer,
        values: &Buffer,
        [first, records, all]: [usize; 3],
        shape: HeadShape,
    ) {
        let cut = self.cut;
        self.traffic.launches += 1;
        head::head_gradient::launch(
            &self.client,
            cubes(records, 1),
            CubeDim::new_1d(shape.units),
            self.data.argument(),
            order.argument(),
            self.roots.argument(),
            heads.argument(),
            targets.argument(),
            values.argument(),
            first as u32,
            records as u32,
            all as u32,
            self.packed as u32,
            cut.filters as u32,
            cut.forward.lost,
            u32::from(cut.mean),
            (1.0 / records as f64) as f32,
            shape,
        );
    }

    /// The gradient by tables and inverse root of a minibatch, and by the Gram matrix.
    pub(super) fn backward(
        &mut self,
        order: &Buffer,
        values: &Buffer,
        partials: &Buffer,
        first: usize,
        records: usize,
    ) {
        let cut = self.cut;
        let (chunk, chunks) = cut.chunks(records);
        let blocks = cut.filters.div_ceil(cut.gradient_lanes as usize) as u32;
        self.traffic.launches += 3;
        backward::pull_back::launch(
            &self.client,
            CubeCount::Static(chunks as u32, blocks, cut.strands as u32),
            CubeDim::new_1d(cut.units),
            self.data.argument(),
            order.argument(),
            self.tables.argument(),
            self.squares.argument(),
            self.roots.argument(),
            values.argument(),
            partials.argument(),
            first as u32,
            records as u32,
            chunk as u32,
            self.packed as u32,
            cut.filters as u32,
            cut.strands as u32,
            self.alpha,
            cut.backward,
            cut.formula,
            cut.maxima,
            cut.gradient_lanes,
            cut.units,
        );
        let units = self.one_each();
        let tables = cut.strands * cut.rows() * cut.filters;
        backward::add_partials::launch(
            &self.client,
            cubes((tables + cut.filters * cut.filters).div_ceil(units as usize), 1),
            CubeDim::new_1d(units),
            partials.argument(),
            values.argument(),
            self.sums.argument(),
            chunks as u32,
            records as u32,
            cut.rows() as u32,
            cut.filters as u32,
            cut.strands as u32,
            cut.maxima,
        );
        root::root_adjoint::launch(
            &self.client,
            CubeCount::Static(1, 1, 1),
            CubeDim::new_1d(cut.units),
            self.sums.argument(),
            self.roots.argument(),
            self.gram.argument(),
            self.work.argument(),
            tables as u32,
            cut.filters as u32,
            self.alpha,
            cut.formula,
            cut.units,
        );
    }

    /// A step of Adam.
    pub(super) fn step(&mut self, moments: &Buffer, rate: f32, second_scale: f32) {
        let cut = self.cut;
        self.traffic.launches += 1;
        update::move_anchors::launch(
            &self.client,
            CubeCount::Static((cut.filters as u32).div_ceil(update::LANES), 1, 1),
            CubeDim::new_1d(cut.units),
            self.anchors[0].argument(),
            self.vectors.argument(),
            self.sums.argument(),
            self.work.argument(),
            moments.argument(),
            self.anchors[1].argument(),
            cut.filters as u32,
            cut.letters as u32,
            cut.forward.tokens,
            cut.strands as u32,
            rate,
            second_scale,
            cut.forward.width,
            cut.units,
        );
        self.anchors.swap(0, 1);
    }
}
