//! Scores of several columns at once.

use std::cmp::Reverse;

/// Most words of one table: 16 KiB, which stay in the cache.
const MOST_WORDS: usize = 4096;

/// The code of a word with an ambiguous letter.
const AMBIGUOUS: u16 = u16::MAX;

/// The scores of one strand, as tables of words of a few letters that cover all columns.
#[derive(Debug, Clone)]
pub(super) struct WordTables {
    /// The most telling word first.
    tables: Vec<WordTable>,
}

/// Levels of all words at one place in the motif.
#[derive(Debug, Clone)]
struct WordTable {
    start: usize,
    levels: Vec<u32>,
    best: u32,
    /// What all later tables can add at most.
    beyond: u32,
}

/// Number of letters of a word: as many as the tables have room for.
pub(super) fn word_length(letters: usize, width: usize) -> usize {
    let mut length = 1;
    while length < width && letters.pow(length as u32 + 1) <= MOST_WORDS {
        length += 1;
    }
    length
}

impl WordTables {
    /// # Shapes
    /// levels `[width, letters]`.
    pub(super) fn new(levels: &[u32], letters: usize) -> Self {
        let width = levels.len() / letters;
        let length = word_length(letters, width);
        let starts = (0..width).step_by(length);
        let mut tables: Vec<WordTable> = starts.map(|first| WordTable::new(levels, letters, first, length)).collect();
        // Words that the first table leaves behind need no second look.
        let excess = |table: &WordTable| {
            let sum: u64 = table.levels.iter().map(|&level| u64::from(level)).sum();
            u64::from(table.best) * table.levels.len() as u64 - sum
        };
        tables.sort_by_key(|table| Reverse(excess(table)));
        let mut beyond = 0;
        for table in tables.iter_mut().rev() {
            table.beyond = beyond;
            beyond += table.best;
        }
        Self { tables }
    }

    /// Calls `on_level` for every window whose level is at least a limit, which each call sets anew, and that has no
    /// ambiguous letter, from left to right; returns the last limit. `candidates` is room for one number a window.
    #[inline(always)]
    pub(super) fn find(
        &self,
        codes: &[u16],
        candidates: &mut [u16],
        mut limit: u32,
        mut on_level: impl FnMut(usize, u32) -> u32,
    ) -> u32 {
        let Some(first) = self.tables.first() else { return limit };
        // Most windows end here. Which of them cannot be foretold, so that a branch would cost more than to write them
        // all.
        let mut kept = 0;
        let least = limit.saturating_sub(first.beyond);
        for (at, &code) in codes[first.start..].iter().take(candidates.len()).enumerate() {
            candidates[kept] = at as u16;
            kept += usize::from(first.levels.get(usize::from(code)).is_some_and(|&level| level >= least));
        }
        for &at in &candidates[..kept] {
            if let Some(level) = self.level(codes, usize::from(at), limit) {
                limit = on_level(usize::from(at), level);
            }
        }
        limit
    }

    /// The level of a window, if it is at least `limit` and no letter is ambiguous.
    #[inline(always)]
    fn level(&self, codes: &[u16], at: usize, limit: u32) -> Option<u32> {
        let mut level = 0;
        for table in &self.tables {
            level += table.levels.get(usize::from(codes[at + table.start]))?;
            if level + table.beyond < limit {
                return None;
            }
        }
        Some(level)
    }
}

impl WordTable {
    /// The table of the columns from `first` on. The last words of a motif begin further left, over columns that count
    /// elsewhere, so that no word reaches past the end.
    fn new(levels: &[u32], letters: usize, first: usize, length: usize) -> Self {
        let width = levels.len() / letters;
        let start = first.min(width - length);
        let mut table = vec![0];
        for column in start..start + length {
            let row = &levels[column * letters..(column + 1) * letters];
            let of = |letter: usize| if column < first { 0 } else { row[letter] };
            table = table.iter().flat_map(|&level| (0..letters).map(move |letter| level + of(letter))).collect();
        }
        let best = table.iter().copied().max().unwrap_or(0);
        Self { start, levels: table, best, beyond: 0 }
    }
}

/// The codes of all words of `length` letters that start in `codes.len()` places, the first letter counting most.
pub(super) fn encode(tokens: &[u8], letters: usize, length: usize, codes: &mut [u16]) {
    let (base, places) = (letters as u16, codes.len());
    codes.fill(0);
    // Letter by letter rather than word by word, which the compiler turns into vectors.
    for letter in 0..length {
        for (code, &token) in codes.iter_mut().zip(&tokens[letter..]) {
            *code = *code * base + u16::from(token).min(base);
        }
    }
    for (at, &token) in tokens.iter().enumerate() {
        if u16::from(token) >= base {
            codes[(at + 1).saturating_sub(length).min(places)..(at + 1).min(places)].fill(AMBIGUOUS);
        }
    }
}
