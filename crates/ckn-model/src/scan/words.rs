//! Scores of windows by models that are tables of words: sums that slide, and the norms of those windows that matter.

use std::ops::Range;

use ckn_core::LetterTable;
use ckn_core::mismatch::{MismatchCounts, PackedWords};

use super::network::TabledNetwork;
use crate::machine::WordScales;
use crate::{Error, KernelMachine};

/// Models made ready for windows of one length, each with its weight; their tables lie side by side, as looking words up in
/// memory is what takes the time.
#[derive(Debug)]
pub(super) struct WordScanner<'a> {
    letters: &'a LetterTable,
    length: usize,
    groups: Vec<Group>,
}

/// The tables of words of one width, of models that read the same strands.
#[derive(Debug)]
struct Group {
    width: usize,
    both_strands: bool,
    columns: Vec<Column>,
    /// Smallest and largest scale of a window, by its number of known words, `[words + 1, columns]`.
    ranges: Vec<(f64, f64)>,
    /// What every word is worth, `[4^width, columns]`.
    values: Vec<f32>,
}

/// One table.
#[derive(Debug)]
struct Column {
    weight: f64,
    /// Of a kernel; `None` for a network, whose sums are worth the same in every window, but only where all letters are known.
    scales: Option<WordScales>,
}

/// What a piece of sequence is worth under each group.
#[derive(Debug, Clone, Default)]
pub(super) struct WordSums {
    groups: Vec<GroupSums>,
    words: PackedWords,
}

#[derive(Debug, Clone, Default)]
struct GroupSums {
    /// Places of the words in the table; [`UNKNOWN`] for those with an unknown letter.
    codes: Vec<u32>,
    /// `[words, columns]`.
    values: Vec<f32>,
    /// Sum of the values of every window, `[windows, columns]`.
    sums: Vec<f64>,
    /// Known words of every window.
    known: Vec<u32>,
}

const UNKNOWN: u32 = u32::MAX;

impl<'a> WordScanner<'a> {
    /// Makes machines ready all of whose kernels have tables, and the tables of networks.
    ///
    /// # Errors
    /// Those of [`KernelMachine::word_tables`].
    pub(super) fn new(
        machines: &[(f64, &KernelMachine)],
        networks: Vec<(f64, TabledNetwork)>,
        letters: &'a LetterTable,
        length: usize,
    ) -> Result<Self, Error> {
        let mut plans: Vec<Plan<'_>> = Vec::new();
        for &(weight, machine) in machines {
            for (index, kernel) in machine.config().kernels.iter().enumerate() {
                let both_strands = machine.config().both_strands;
                Plan::of(&mut plans, kernel.width, Some(both_strands)).kernels.push((weight, machine, index));
            }
        }
        for (weight, network) in networks {
            Plan::of(&mut plans, network.width, None).networks.push((weight, network));
        }
        let groups = plans.into_iter().map(|plan| plan.group(letters, length)).collect::<Result<_, Error>>()?;
        Ok(Self { letters, length, groups })
    }

    /// Whether there is no table.
    pub(super) fn is_empty(&self) -> bool {
        self.groups.is_empty()
    }

    /// Sums of the windows of a piece that has one.
    pub(super) fn sum(&self, tokens: &[u8], sums: &mut WordSums) {
        sums.groups.resize_with(self.groups.len(), GroupSums::default);
        for (group, sums) in self.groups.iter().zip(&mut sums.groups) {
            sums.code(tokens, self.letters, group.width);
            sums.look_up(group);
            sums.slide(self.length + 1 - group.width, group.columns.len());
        }
    }

    /// Adds what networks say, but for their intercepts, of a piece of known letters.
    pub(super) fn add_networks(&self, sums: &WordSums, scores: &mut [f64]) {
        for (group, sums) in self.groups.iter().zip(&sums.groups) {
            let columns = group.columns.len();
            for (number, column) in group.columns.iter().enumerate().filter(|(_, column)| column.scales.is_none()) {
                let of_column = sums.sums.iter().skip(number).step_by(columns);
                scores.iter_mut().zip(of_column).for_each(|(score, sum)| *score += column.weight * sum);
            }
        }
    }

    /// Adds to each window the most that the machines can add to its score, but for their intercepts.
    pub(super) fn add_bounds(&self, sums: &WordSums, bounds: &mut [f64]) {
        for (group, sums) in self.groups.iter().zip(&sums.groups) {
            let columns = group.columns.len();
            let rows = sums.sums.chunks_exact(columns).zip(&sums.known);
            for (bound, (row, &known)) in bounds.iter_mut().zip(rows) {
                let ranges = &group.ranges[known as usize * columns..][..columns];
                for (column, (sum, &(smallest, largest))) in group.columns.iter().zip(row.iter().zip(ranges)) {
                    let worth = column.weight * sum;
                    *bound += (worth * largest).max(worth * smallest);
                }
            }
        }
    }

    /// Adds what the machines say, but for their intercepts, of the windows of a range.
    ///
    /// # Errors
    /// Those of [`PackedWords::pack`].
    pub(super) fn add_machines(
        &self,
        tokens: &[u8],
        windows: Range<usize>,
        sums: &mut WordSums,
        scores: &mut [f64],
    ) -> Result<(), Error> {
        let piece = &tokens[windows.start..windows.end - 1 + self.length];
        let WordSums { groups, words } = sums;
        for (group, sums) in self.groups.iter().zip(&*groups) {
            let of_kernels = || group.columns.iter().filter_map(|column| column.scales.as_ref());
            let rows = sums.sums.chunks_exact(group.columns.len()).skip(windows.start);
            let mut rows = scores[windows.clone()].iter_mut().zip(rows);
            let worth = |row: &[f64], pairs: &MismatchCounts| -> f64 {
                let columns = group.columns.iter().zip(row);
                let scaled =
                    |(column, sum): (&Column, &f64)| Some(column.weight * column.scales.as_ref()?.of(pairs) * sum);
                columns.filter_map(scaled).sum()
            };
            if !of_kernels().any(|scales| scales.kernel.normalised) {
                rows.for_each(|(score, row)| *score += worth(row, &MismatchCounts::default()));
                continue;
            }
            words.pack(piece, self.letters, group.width, group.both_strands)?;
            let most = of_kernels().map(WordScales::most_mismatches).max().unwrap_or(0);
            words.slide(self.length + 1 - group.width, most, |pairs| {
                if let Some((score, row)) = rows.next() {
                    *score += worth(row, pairs);
                }
            });
        }
        Ok(())
    }
}

/// What will be a group.
struct Plan<'m> {
    width: usize,
    /// `None` as long as it has only networks.
    both_strands: Option<bool>,
    kernels: Vec<(f64, &'m KernelMachine, usize)>,
    networks: Vec<(f64, TabledNetwork)>,
}

impl<'m> Plan<'m> {
    /// The plan of a width and of strands, if they matter.
    fn of(plans: &mut Vec<Self>, width: usize, both_strands: Option<bool>) -> &mut Self {
        let fits = |plan: &Self| plan.width == width && (both_strands.is_none() || plan.both_strands == both_strands);
        let place = plans.iter().position(fits).unwrap_or(plans.len());
        if place == plans.len() {
            plans.push(Self { width, both_strands, kernels: Vec::new(), networks: Vec::new() });
        }
        &mut plans[place]
    }

    fn group(self, letters: &LetterTable, length: usize) -> Result<Group, Error> {
        let Self { width, both_strands, kernels, networks } = self;
        let count = kernels.len() + networks.len();
        let (mut columns, mut values): (Vec<Column>, Vec<f32>) = (Vec::with_capacity(count), Vec::new());
        let mut take = |column: Column, own: Vec<f32>| {
            if count == 1 {
                values = own;
            } else {
                values.resize(own.len() * count, 0.0);
                values.iter_mut().skip(columns.len()).step_by(count).zip(own).for_each(|(to, value)| *to = value);
            }
            columns.push(column);
        };
        for (weight, network) in networks {
            take(Column { weight: weight * network.share, scales: None }, network.values);
        }
        for (weight, machine, index) in kernels {
            let (scales, own) = machine.word_table_of::<f32>(index, letters)?.into_parts();
            take(Column { weight, scales: Some(scales) }, own);
        }
        let both_strands = both_strands.unwrap_or(false);
        let strands = if both_strands { 2 } else { 1 };
        // What networks say is known, and in no bound.
        let range =
            |column: &Column, words| column.scales.as_ref().map_or((0.0, 0.0), |scales| scales.range(words, strands));
        let of_count = |words: usize| columns.iter().map(move |column| range(column, words));
        let ranges = (0..length + 2 - width).flat_map(of_count).collect();
        Ok(Group { width, both_strands, ranges, columns, values })
    }
}

impl GroupSums {
    fn code(&mut self, tokens: &[u8], letters: &LetterTable, width: usize) {
        self.codes.clear();
        let mask = ((1u64 << (2 * width)) - 1) as u32;
        let (mut code, mut known) = (0u32, 0);
        let (head, rest) = tokens.split_at(width - 1);
        let mut next = |token: u8| {
            known = if letters.is_letter(token) { known + 1 } else { 0 };
            code = (code << 2 | u32::from(token & 3)) & mask;
            if known >= width { code } else { UNKNOWN }
        };
        head.iter().for_each(|&token| {
            next(token);
        });
        self.codes.extend(rest.iter().map(|&token| next(token)));
    }

    fn look_up(&mut self, group: &Group) {
        match group.columns.len() {
            1 => self.look_up_rows::<1>(&group.values),
            2 => self.look_up_rows::<2>(&group.values),
            3 => self.look_up_rows::<3>(&group.values),
            4 => self.look_up_rows::<4>(&group.values),
            columns => {
                self.values.clear();
                for &code in &self.codes {
                    let row = (code != UNKNOWN).then(|| &group.values[code as usize * columns..][..columns]);
                    self.values.extend((0..columns).map(|column| row.map_or(0.0, |row| row[column])));
                }
            }
        }
    }

    /// Rows of a length that the compiler knows are no calls.
    fn look_up_rows<const COLUMNS: usize>(&mut self, table: &[f32]) {
        let (table, _) = table.as_chunks::<COLUMNS>();
        self.values.clear();
        self.values.resize(self.codes.len() * COLUMNS, 0.0);
        let (rows, _) = self.values.as_chunks_mut::<COLUMNS>();
        for (row, &code) in rows.iter_mut().zip(&self.codes) {
            if code != UNKNOWN {
                *row = table[code as usize];
            }
        }
    }

    fn slide(&mut self, words: usize, columns: usize) {
        let windows = self.codes.len() + 1 - words;
        self.sums.clear();
        self.sums.resize(windows * columns, 0.0);
        for column in 0..columns {
            let value = |word: usize| f64::from(self.values[word * columns + column]);
            let mut sum: f64 = (0..words - 1).map(value).sum();
            for window in 0..windows {
                sum += value(window + words - 1);
                self.sums[window * columns + column] = sum;
                sum -= value(window);
            }
        }
        self.known.clear();
        let is_known = |word: usize| u32::from(self.codes[word] != UNKNOWN);
        let mut known: u32 = (0..words - 1).map(is_known).sum();
        for window in 0..windows {
            known += is_known(window + words - 1);
            self.known.push(known);
            known -= is_known(window);
        }
    }
}
