//! Results of single trainings, kept from one run of the chore to the next.

use std::collections::HashMap;
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use anyhow::Context;

/// Everything that decides a result, a column of the file each.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    /// The program and its threads; threads decide the seconds alone.
    pub(crate) maker: Maker,
    /// What was measured.
    pub(crate) quantity: String,
    /// The part of the data that was trained on.
    pub(crate) part: String,
    /// Names of the sets.
    pub(crate) sets: String,
    /// Options of the training.
    pub(crate) options: String,
    pub(crate) seed: u64,
}

/// What makes results: a program, and how many threads it has.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Maker {
    /// Digest of the program's bytes.
    pub(crate) program: String,
    pub(crate) threads: usize,
}

/// What came out.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Entry {
    /// Wall-clock time of the training.
    pub(crate) seconds: f64,
    pub(crate) values: Vec<f64>,
}

const HEADER: &str = "program\tthreads\tquantity\tpart\tsets\toptions\tseed\tseconds\tvalues\n";

/// A table of results that grows by a line with each.
#[derive(Debug)]
pub(crate) struct Cache {
    held: Mutex<Held>,
}

#[derive(Debug)]
struct Held {
    file: File,
    entries: HashMap<Key, Entry>,
    last: Option<Maker>,
}

impl Cache {
    /// Opens the table, or begins one.
    pub(crate) fn open(path: &Path) -> anyhow::Result<Self> {
        let failed = || format!("cannot read {}", path.display());
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).with_context(failed)?;
        }
        let mut file = OpenOptions::new().append(true).create(true).open(path).with_context(failed)?;
        let text = fs::read_to_string(path).with_context(failed)?;
        // A line without its end is what a run was writing as it broke off: the next line must not be joined to it.
        let whole = text.rfind('\n').map_or(0, |end| end + 1);
        file.set_len(whole as u64).with_context(failed)?;
        if whole == 0 {
            file.write_all(HEADER.as_bytes()).with_context(failed)?;
        }
        let lines: Vec<(Key, Entry)> = text[..whole].lines().filter_map(parse).collect();
        let last = lines.last().map(|(key, _)| key.maker.clone());
        Ok(Self { held: Mutex::new(Held { file, entries: lines.into_iter().collect(), last }) })
    }

    /// The result of a key, if there is one.
    pub(crate) fn get(&self, key: &Key) -> Option<Entry> {
        self.held().entries.get(key).cloned()
    }

    /// Writes a result.
    pub(crate) fn put(&self, key: Key, entry: Entry) -> anyhow::Result<()> {
        let mut held = self.held();
        let values: Vec<String> = entry.values.iter().map(f64::to_string).collect();
        let Key { maker: Maker { program, threads }, quantity, part, sets, options, seed } = &key;
        let line = format!(
            "{program}\t{threads}\t{quantity}\t{part}\t{sets}\t{options}\t{seed}\t{}\t{}\n",
            entry.seconds,
            values.join(" ")
        );
        held.file.write_all(line.as_bytes()).context("cannot write to the table of results")?;
        held.last = Some(key.maker.clone());
        held.entries.insert(key, entry);
        Ok(())
    }

    /// What made the last result.
    pub(crate) fn last_maker(&self) -> Option<Maker> {
        self.held().last.clone()
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn parse(line: &str) -> Option<(Key, Entry)> {
    let columns: Vec<&str> = line.split('\t').collect();
    let [program, threads, quantity, part, sets, options, seed, seconds, values] = columns[..] else { return None };
    let key = Key {
        maker: Maker { program: program.into(), threads: threads.parse().ok()? },
        quantity: quantity.into(),
        part: part.into(),
        sets: sets.into(),
        options: options.into(),
        seed: seed.parse().ok()?,
    };
    let values = values.split(' ').map(str::parse).collect::<Result<_, _>>().ok()?;
    Some((key, Entry { seconds: seconds.parse().ok()?, values }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(seed: u64) -> Key {
        Key {
            maker: Maker { program: "0123".into(), threads: 1 },
            quantity: "auroc".into(),
            part: "train_top".into(),
            sets: "USF1 HepG2 + USF1 H1-hESC".into(),
            options: "--filters 16".into(),
            seed,
        }
    }

    fn entry(seconds: f64) -> Entry {
        Entry { seconds, values: vec![0.1 + 0.2, 0.75] }
    }

    #[test]
    fn what_is_written_is_read_back_to_the_last_digit() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/results.tsv");
        let cache = Cache::open(&path).unwrap();
        assert_eq!((cache.get(&key(1)), cache.last_maker()), (None, None));
        cache.put(key(1), entry(1.5)).unwrap();
        assert_eq!(cache.get(&key(1)), Some(entry(1.5)));
        let again = Cache::open(&path).unwrap();
        assert_eq!(again.get(&key(1)), Some(entry(1.5)));
        assert_eq!(again.last_maker(), Some(key(1).maker));
    }

    #[test]
    fn another_key_is_another_result() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::open(&folder.path().join("results.tsv")).unwrap();
        cache.put(key(1), entry(1.5)).unwrap();
        let other = Maker { program: "4567".into(), threads: 1 };
        let others = [
            key(2),
            Key { maker: other, ..key(1) },
            Key { quantity: "motifs".into(), ..key(1) },
            Key { part: "train_all".into(), ..key(1) },
            Key { sets: "USF1 HepG2".into(), ..key(1) },
            Key { options: "--filters 17".into(), ..key(1) },
        ];
        assert!(others.iter().all(|other| cache.get(other).is_none()));
    }

    #[test]
    fn a_line_that_was_not_finished_is_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("results.tsv");
        Cache::open(&path).unwrap().put(key(1), entry(1.5)).unwrap();
        let whole = fs::read(&path).unwrap();
        for cut in [1, 5, 20] {
            let mut text = whole.clone();
            text.extend_from_slice(&whole[HEADER.len()..whole.len() - cut]);
            fs::write(&path, &text).unwrap();
            let cache = Cache::open(&path).unwrap();
            cache.put(key(2), entry(2.5)).unwrap();
            let again = Cache::open(&path).unwrap();
            assert_eq!((again.get(&key(1)), again.get(&key(2))), (Some(entry(1.5)), Some(entry(2.5))));
        }
    }
}
