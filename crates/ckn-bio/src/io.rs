//! File formats: FASTA, FASTQ, DeepBind's `.seq` tables, TSV and CSV, plain or compressed with gzip.
//!
//! [`read_sequences`] and [`read_labelled`] recognise the format by content and read the whole file. [`SequenceReader`]
//! yields one record after the other, and [`fasta::Reader`] pieces of one record, for files that are not to be held whole.
//! [`Genome`] adds 2bit and finds parts of a file, and [`cut`] cuts from it the intervals of a [`Bed`].
//! [`window_spans`] says which windows of it are meant, [`Tiles`] cut them out and [`read_ahead`] passes them on.
//! [`read_vcf`] reads variants, [`annotate_vcf`] writes numbers of theirs, [`read_foreign_model`] models of LS-GKM and weights of deltaSVM. Every error names the file, the line and the record.

mod annotated;
pub mod bed;
mod cells;
mod columns;
mod cut;
pub mod delimited;
pub mod fasta;
pub mod fastq;
mod foreign;
mod genome;
mod gkm_header;
pub mod gkm_model;
mod grouped;
mod gzip;
mod label_column;
pub mod multitask;
pub(crate) mod pieces;
mod read_ahead;
mod reader;
mod record;
mod rows;
mod sample;
mod source;
mod tiles;
pub mod variants;
mod windows;
pub mod word_weights;

pub use annotated::{InfoField, annotate_vcf};
pub use bed::{Bed, read_bed};
pub use columns::Columns;
pub use cut::{CutSequences, Dropped, Unfit, cut};
pub use fasta::write_fasta;
pub use foreign::{ForeignModel, read_foreign_model};
pub use genome::{Genome, GenomeReader, GenomeRecord};
pub use gkm_model::{GkmHead, GkmKernel, GkmModel, read_gkm_model};
pub use grouped::read_grouped;
pub use multitask::read_multitask;
pub use read_ahead::read_ahead;
pub use reader::{Format, SequenceReader, detect, read_labelled, read_sequences};
pub use record::{MAX_HEADER_BYTES, MAX_LETTERS, Record};
pub use sample::{GenomeSample, sample_pieces};
pub use source::{Source, open};
pub use tiles::{Tile, Tiles};
pub use variants::{MAX_VARIANT_BYTES, Variants, read_variant_table, read_vcf};
pub use windows::{RecordRange, Shard, Span, window_spans};
pub use word_weights::{WordWeights, read_word_weights};
