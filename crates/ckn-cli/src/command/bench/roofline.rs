//! The most that this machine could do: the arithmetic of the inner loop without its look-ups.

use std::hint::black_box;

use rayon::prelude::*;

use super::stage::Work;
use super::stopwatch::seconds_of;

/// Filters of a row, as in the tables.
const LANES: usize = 16;
/// Rows that a window multiplies: those of width 12 in DNA.
const BLOCKS: usize = 3;
/// Rows of a block: few enough that all blocks stay in any first-level cache.
const ROWS: usize = 64;
/// Windows at once: their sums are independent, so that no addition waits for the one before it.
const TOGETHER: usize = 4;
/// Walks through the table in one task.
const PASSES: usize = 1000;
/// Tasks of each thread.
const TASKS: usize = 8;

type Row = [f32; LANES];

/// Reads, multiplies and adds up rows on all threads.
pub fn measure() -> anyhow::Result<(f64, Work)> {
    let table: Vec<Row> = (0..BLOCKS * ROWS).map(|row| [1.0 - row as f32 * 1e-3; LANES]).collect();
    let tasks = TASKS * rayon::current_num_threads();
    let (seconds, ()) = seconds_of(|| {
        (0..tasks).into_par_iter().with_max_len(1).for_each(|_| {
            black_box(pulp::Arch::new().dispatch(Walk(&table)));
        });
        Ok(())
    })?;
    let bytes = (tasks * PASSES * size_of_val(table.as_slice())) as f64;
    let task = format!("{tasks} x {PASSES} x {} KiB", size_of_val(table.as_slice()) / 1024);
    Ok((seconds, Work { task, bytes: Some(bytes), ..Work::default() }))
}

/// Walks through a table, on the widest vectors that the processor has.
struct Walk<'a>(&'a [Row]);

impl pulp::WithSimd for Walk<'_> {
    type Output = Row;

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) -> Row {
        let [mut a, mut b, mut c, mut d] = [[0.0; LANES]; TOGETHER];
        for _ in 0..PASSES {
            // As if the table had changed, so that every walk has to be done.
            let table = &black_box(self.0)[..BLOCKS * ROWS];
            for first in (0..ROWS).step_by(TOGETHER) {
                add_product(&mut a, table, first);
                add_product(&mut b, table, first + 1);
                add_product(&mut c, table, first + 2);
                add_product(&mut d, table, first + 3);
            }
        }
        std::array::from_fn(|lane| a[lane] + b[lane] + c[lane] + d[lane])
    }
}

#[inline(always)]
fn add_product(sum: &mut Row, table: &[Row], row: usize) {
    let (first, second, third) = (&table[row], &table[ROWS + row], &table[2 * ROWS + row]);
    for lane in 0..LANES {
        sum[lane] += first[lane] * second[lane] * third[lane];
    }
}
