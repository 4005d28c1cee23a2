//! What the page asks of the library, for JavaScript: a [`Model`], [`Sequences`] of a file, and an [`Explanation`] of one sequence.
//!
//! Everything that can fail is in [`opened`], which knows no browser and is tested without one; here it is handed over, and errors
//! become exceptions with the same text.

pub mod opened;

use std::path::Path;

use ckn_bio::EncodedSequences;
use wasm_bindgen::JsError;
use wasm_bindgen::prelude::wasm_bindgen;

use opened::{Explained, Opened};

/// Whether a file is a model, by its first bytes; otherwise it has sequences.
#[wasm_bindgen(js_name = isModel)]
#[must_use]
pub fn is_model(bytes: &[u8]) -> bool {
    opened::is_model(bytes)
}

/// Version of the page.
#[wasm_bindgen]
#[must_use]
pub fn version() -> String {
    env!("CARGO_PKG_VERSION").to_owned()
}

/// A model, ready to give reasons.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Model(Opened);

/// Named sequences in the letters of a model.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Sequences(EncodedSequences);

/// The score of a sequence, what each letter contributes to it, and the scores with other letters.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Explanation(Explained);

#[wasm_bindgen]
impl Model {
    /// Reads a model from the bytes of its file, which messages call `name`.
    ///
    /// # Errors
    /// What [`ckn_model::Model::from_bytes`] refuses.
    #[wasm_bindgen(constructor)]
    pub fn new(name: &str, bytes: &[u8]) -> Result<Self, JsError> {
        Ok(Self(Opened::new(Path::new(name), bytes)?))
    }

    /// What there is to know of it: a [`opened::Description`] as JSON.
    ///
    /// # Errors
    /// None of a model that was read.
    pub fn description(&self) -> Result<String, JsError> {
        Ok(serde_json::to_string(&self.0.description())?)
    }

    /// Which output is explained, counted from 0: the first at the beginning.
    ///
    /// # Errors
    /// [`opened::Error::NoOutput`].
    pub fn choose(&mut self, output: usize) -> Result<(), JsError> {
        Ok(self.0.choose(output)?)
    }

    /// Reads sequences from the bytes of a file, FASTA, FASTQ or a table, plain or gzipped.
    ///
    /// # Errors
    /// Those of the reader of the format, which name line and record.
    pub fn read(&self, name: &str, bytes: Vec<u8>) -> Result<Sequences, JsError> {
        Ok(Sequences(self.0.read(name, bytes)?))
    }

    /// Scores of all sequences, `[sequences, outputs]`.
    ///
    /// # Errors
    /// [`ckn_core::Error::TooShort`] names a sequence without a window.
    pub fn scores(&self, sequences: &Sequences) -> Result<Vec<f64>, JsError> {
        Ok(self.0.scores(&sequences.0)?)
    }

    /// Scores of one sequence, one an output.
    ///
    /// # Errors
    /// [`opened::Error::Letter`] for what is no letter of the alphabet, and those of [`Self::scores`].
    pub fn score(&self, letters: &str) -> Result<Vec<f64>, JsError> {
        Ok(self.0.score(letters)?)
    }

    /// Why the chosen output has its score; with `effects`, every substitution of a letter is scored as well.
    ///
    /// # Errors
    /// Those of [`Self::score`].
    pub fn explain(&self, letters: &str, effects: bool) -> Result<Explanation, JsError> {
        Ok(Explanation(self.0.explain(letters, effects)?))
    }
}

#[wasm_bindgen]
impl Sequences {
    /// Number of sequences.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn length(&self) -> usize {
        self.0.len()
    }

    /// Names, in the order of the file.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.0.ids().to_vec()
    }

    /// Letters of a sequence, counted from 0; `undefined` behind the last one.
    #[must_use]
    pub fn letters(&self, record: usize) -> Option<String> {
        (record < self.0.len()).then(|| self.0.decode(record))
    }
}

#[wasm_bindgen]
impl Explanation {
    /// Score of the chosen output.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn score(&self) -> f64 {
        self.0.score
    }

    /// The score of random or unknown letters, which with all contributions sums to the score; `undefined` where contributions do not
    /// sum to it.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn baseline(&self) -> Option<f64> {
        self.0.baseline
    }

    /// The rule by which letters contribute, in words.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn way(&self) -> String {
        self.0.way.to_owned()
    }

    /// What each letter contributes.
    #[must_use]
    pub fn contributions(&self) -> Vec<f64> {
        self.0.contributions.clone()
    }

    /// Scores with each letter of the alphabet at each position, `[positions, letters]`; empty where none were asked for.
    #[must_use]
    pub fn after(&self) -> Vec<f64> {
        self.0.after.clone()
    }
}
