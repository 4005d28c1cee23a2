//! The head of a model of LS-GKM.

use std::sync::Arc;

use crate::error::{Error, MachineError};
use crate::io::gkm_model::finite;
use crate::io::record::MAX_HEADER_BYTES;
use crate::io::source::Source;
use crate::place::{Place, shown};

/// Letters of the longest words.
const MAX_WIDTH: usize = 12;

/// The kernels of LS-GKM, in the order of their numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum GkmKernel {
    /// `gkm_cnt`, 0: counts of gapped k-mers.
    Counts,
    /// `gkm_estfull`, 1: counts of words estimated from those of gapped k-mers.
    Estimated,
    /// `gkm_esttrunc`, 2: the same with a truncated filter.
    Truncated,
    /// `gkmrbf`, 3: an exponential on top of 2.
    Radial,
    /// `wgkm`, 4: 2 with weights that fall with the distance from the middle.
    Weighted,
    /// `wgkmrbf`, 5: an exponential on top of 4.
    WeightedRadial,
}

/// Kernel and strands of a model of LS-GKM.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct GkmHead {
    /// The kernel.
    pub kernel: GkmKernel,
    /// Letters of a word.
    pub width: usize,
    /// Letters of a gapped k-mer.
    pub informative: usize,
    /// Most mismatches of two words that count.
    pub mismatches: usize,
    /// Whether both strands are read.
    pub both_strands: bool,
    /// `γ` of kernels with an exponential.
    pub gamma: Option<f64>,
    /// Weight in the middle and half-life of kernels with weights.
    pub centre: Option<(f64, f64)>,
    /// Whether the model was trained on measurements in place of two classes.
    pub regression: bool,
}

/// What the head says of the vectors.
pub(super) struct Counts {
    pub(super) vectors: usize,
    pub(super) rho: f64,
    pub(super) negative_first: bool,
}

/// The lines that a head may have; the others of libsvm are passed over.
const FIELDS: [&str; 14] = [
    "svm_type",
    "kernel_type",
    "L",
    "k",
    "d",
    "norc",
    "gamma",
    "M",
    "H",
    "nr_class",
    "total_sv",
    "rho",
    "label",
    "nr_sv",
];
const PASSED_OVER: [&str; 2] = ["probA", "probB"];
const KERNELS: [(&str, GkmKernel); 6] = [
    ("gkm_cnt", GkmKernel::Counts),
    ("gkm_estfull", GkmKernel::Estimated),
    ("gkm_esttrunc", GkmKernel::Truncated),
    ("gkmrbf", GkmKernel::Radial),
    ("wgkm", GkmKernel::Weighted),
    ("wgkmrbf", GkmKernel::WeightedRadial),
];

/// The lines of a head: where they stand and what they hold.
struct Lines {
    file: Arc<str>,
    values: [Option<(u64, String)>; FIELDS.len()],
}

/// Reads the head, up to the line before the first vector.
pub(super) fn read_head(source: &mut Source) -> Result<(GkmHead, Counts), Error> {
    let mut lines = Lines { file: Arc::clone(source.file()), values: [const { None }; FIELDS.len()] };
    let mut line = Vec::new();
    loop {
        let number = source.next_line();
        if !source.read_line(&mut line, MAX_HEADER_BYTES)? {
            return Err(MachineError::MissingField { file: lines.file, field: "SV" }.into());
        }
        let text = line.trim_ascii();
        if text.is_empty() {
            continue;
        }
        if text == b"SV" {
            return lines.read();
        }
        lines.push(text, number)?;
    }
}

impl Lines {
    fn at(&self, line: u64) -> Box<Place> {
        Place::line(&self.file, line)
    }

    fn push(&mut self, text: &[u8], line: u64) -> Result<(), Error> {
        let unknown = || MachineError::Field { at: self.at(line), got: shown(text) };
        let whole = std::str::from_utf8(text).map_err(|_| unknown())?;
        let (name, value) = whole.split_once(|letter: char| letter.is_ascii_whitespace()).unwrap_or((whole, ""));
        if PASSED_OVER.contains(&name) {
            return Ok(());
        }
        let place = FIELDS.iter().position(|field| *field == name).ok_or_else(unknown)?;
        if self.values[place].is_some() {
            return Err(MachineError::FieldTwice { at: self.at(line), field: FIELDS[place] }.into());
        }
        self.values[place] = Some((line, value.trim().to_owned()));
        Ok(())
    }

    fn optional(&self, field: &'static str) -> Option<&(u64, String)> {
        FIELDS.iter().position(|known| *known == field).and_then(|place| self.values[place].as_ref())
    }

    /// The value of a line that must be there, where it is one.
    fn value<T>(
        &self,
        field: &'static str,
        expected: &'static str,
        of: impl Fn(&str) -> Option<T>,
    ) -> Result<T, Error> {
        let Some((line, text)) = self.optional(field) else {
            return Err(MachineError::MissingField { file: Arc::clone(&self.file), field }.into());
        };
        let wrong = || MachineError::Value { at: self.at(*line), field, got: shown(text.as_bytes()), expected };
        of(text).ok_or_else(|| wrong().into())
    }

    /// A whole number of a line that must be there, within limits.
    fn whole(&self, field: &'static str, expected: &'static str, least: usize, most: usize) -> Result<usize, Error> {
        self.value(field, expected, |text| text.parse().ok().filter(|value| (least..=most).contains(value)))
    }

    fn number(&self, field: &'static str, expected: &'static str, fits: impl Fn(f64) -> bool) -> Result<f64, Error> {
        self.value(field, expected, |text| finite(text.as_bytes()).filter(|value| fits(*value)))
    }

    fn read(self) -> Result<(GkmHead, Counts), Error> {
        let types = "c_svc, nu_svc, epsilon_svr or nu_svr";
        let regression = self.value("svm_type", types, |text| match text {
            "c_svc" | "nu_svc" => Some(false),
            "epsilon_svr" | "nu_svr" => Some(true),
            _ => None,
        })?;
        let kernels = "gkm_cnt, gkm_estfull, gkm_esttrunc, gkmrbf, wgkm or wgkmrbf";
        let kernel = self.value("kernel_type", kernels, |text| {
            let by_name = KERNELS.iter().find(|(name, _)| *name == text);
            by_name.or_else(|| KERNELS.get(text.parse::<usize>().ok()?)).map(|(_, kernel)| *kernel)
        })?;
        let width = self.whole("L", "a number of letters between 1 and 12", 1, MAX_WIDTH)?;
        let informative = self.whole("k", "a number of letters between 1 and L", 1, width)?;
        let mismatches = self.whole("d", "a number of mismatches between 0 and L", 0, width)?;
        let one_strand = self.optional("norc").is_some() && self.whole("norc", "0 or 1", 0, 1)? == 1;
        let gamma = matches!(kernel, GkmKernel::Radial | GkmKernel::WeightedRadial)
            .then(|| self.number("gamma", "a number above 0", |gamma| gamma > 0.0));
        let centre = matches!(kernel, GkmKernel::Weighted | GkmKernel::WeightedRadial).then(|| {
            let maximum = self.number("M", "a weight between 1 and 255", |weight| (1.0..=255.0).contains(&weight))?;
            Ok::<_, Error>((maximum, self.number("H", "a distance above 0", |distance| distance > 0.0)?))
        });
        let head = GkmHead {
            kernel,
            width,
            informative,
            mismatches,
            both_strands: !one_strand,
            gamma: gamma.transpose()?,
            centre: centre.transpose()?,
            regression,
        };
        self.whole("nr_class", "2, as LS-GKM's models have it", 2, 2)?;
        let vectors = self.whole("total_sv", "a number of vectors from 1", 1, usize::MAX)?;
        let rho = self.number("rho", "a finite number", |_| true)?;
        if self.optional("nr_sv").is_some() {
            self.value("nr_sv", "two numbers whose sum is total_sv", |text| {
                let parts: Option<Vec<usize>> = text.split_ascii_whitespace().map(|part| part.parse().ok()).collect();
                let parts = parts.filter(|parts| parts.len() == 2)?;
                (parts[0].checked_add(parts[1])? == vectors).then_some(())
            })?;
        }
        let negative_first = match self.optional("label") {
            None => false,
            Some(_) => self.value("label", "`1 -1` or `-1 1`", |text| {
                let parts: Vec<Option<i64>> = text.split_ascii_whitespace().map(|part| part.parse().ok()).collect();
                match parts[..] {
                    [Some(1), Some(-1 | 0)] => Some(false),
                    [Some(-1 | 0), Some(1)] => Some(true),
                    _ => None,
                }
            })?,
        };
        Ok((head, Counts { vectors, rho, negative_first: negative_first && !regression }))
    }
}
