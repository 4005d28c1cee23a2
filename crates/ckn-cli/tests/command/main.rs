//! The program as a user runs it.

// A step that fails fails the test.
#![allow(clippy::unwrap_used)]

mod attacks;
mod attributions;
mod auto;
mod bad_input;
mod bench;
#[cfg(unix)]
mod browser;
#[cfg(feature = "wgpu")]
mod cards;
#[cfg(unix)]
mod checkpoints;
mod compare;
mod comparisons;
mod convert;
mod cross_validation;
mod deepbind;
mod differ;
mod doubts;
mod effects;
mod enrich;
mod exact;
mod good_runs;
mod hostile;
mod images;
mod import;
mod info;
#[cfg(unix)]
mod interruption;
mod intervals;
mod join;
mod labels;
mod logo;
mod motif_files;
mod motif_matches;
mod motifs;
mod motifs_of_scores;
mod options;
mod options_matter;
mod outputs;
mod pairs;
mod predictions;
mod report;
#[cfg(unix)]
mod report_in_browser;
mod report_kinds;
mod scan;
mod scan_motifs;
mod split;
mod support;
mod sweep;
mod tasks;
mod tensors;
mod unlabelled;
mod words;
