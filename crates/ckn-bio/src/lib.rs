//! Biological sequences without tensors: alphabets, file formats, negatives, simulation.
//!
//! Sequences come from files such as these, plain or compressed with gzip:
//!
//! ```text
//! FASTA     >peak_1 chr1:100-112     name: the first word; the rest of the line is ignored
//!           ACGTNNac                 letters of either case, wrapped anywhere; N is any letter
//!           gtRA                     R is A or G
//!
//! FASTQ     @read_1
//!           ACGT
//!           +
//!           IIII                     qualities: as many as letters, otherwise ignored
//!
//! .seq      FoldID  EventID  seq   Bound      columns by name, separated by tabs
//!           A       peak_1   ACGT  1          label: any finite number
//!
//! TSV, CSV  sequence,label                    a column `sequence` or `seq`, any others; labels may be
//!           ACGT,0.75                         names of classes
//!
//! tasks     id,sequence,label:CTCF,label:YY1  one column a task: empty, NA and . are labels that are not known
//!           a,ACGT,1,NA
//!
//!           id,sequence,task,label            or one row a label
//!           a,ACGT,CTCF,1
//! ```
//!
//! They become [`EncodedSequences`]: flat tokens, of which `0..letters` are letters and the rest mixtures of them, ready for
//! [`ckn_core::TokenView`].
//!
//! ```
//! use ckn_bio::{Alphabet, io, shuffle};
//! use ckn_core::seed::Seed;
//!
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("peaks.fa");
//! std::fs::write(&path, ">peak_1 chr1:100-112\nACGTNNac\ngtRA\n>peak_2\nTTGACA\n")?;
//! let peaks = io::read_sequences(&path, Alphabet::Dna)?;
//! assert_eq!(peaks.ids(), ["peak_1", "peak_2"]);
//! assert_eq!(peaks.decode(0), "ACGTNNACGTRA");
//!
//! let negatives = shuffle::shuffled_negatives(&peaks, 2, 1, Seed(42))?;
//! assert_eq!(negatives.sequence(1).len(), 6);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Every error says what is wrong, in which file, line and record, and what to do about it.

mod alphabet;
pub mod background;
mod classes;
mod division;
mod doubts;
mod drawing;
mod encoded;
mod error;
mod folds;
mod gc_matching;
pub mod io;
mod labelled;
mod leakage;
pub mod motif;
mod place;
mod region;
pub mod shuffle;
mod similarity;
pub mod simulate;
mod sketch;
mod variant;
mod window_sample;

pub use alphabet::Alphabet;
pub use classes::ClassNames;
pub use division::{Division, chromosomes};
pub use doubts::{Doubt, doubts};
pub use encoded::EncodedSequences;
pub use error::{DivisionError, Error, IntervalError, MachineError, MotifError, TaskError, VariantError};
pub use folds::{grouped_folds, stratified_folds};
pub use gc_matching::{GcMatched, gc_strata};
pub use labelled::LabelledSequences;
pub use leakage::{Leak, Likeness, leaks};
pub use place::Place;
pub use region::Region;
pub use similarity::LetterSimilarity;
pub use sketch::{KnownSequences, SequenceSketch};
pub use variant::{Variant, VariantContexts, VariantStatus, variant_contexts};
pub use window_sample::WindowSample;
