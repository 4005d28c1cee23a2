//! Scores of sequences beside their labels.

use std::io::Write;

use ckn::bio::LabelledSequences;

/// Writes id, fold where there are folds (numbered from 1), labels and scores of every sequence.
///
/// # Shapes
/// scores `[sequences, outputs]`; folds `[sequences]`.
pub fn write(
    out: &mut dyn Write,
    data: &LabelledSequences,
    outputs: &[String],
    scores: &[f64],
    folds: Option<&[usize]>,
) -> anyhow::Result<()> {
    let of_each = |word: &str, names: &[String]| match names {
        [] => word.to_owned(),
        names => names.iter().map(|name| format!("{word}:{name}")).collect::<Vec<_>>().join("\t"),
    };
    let fold_column = if folds.is_some() { "\tfold" } else { "" };
    writeln!(out, "id{fold_column}\t{}\t{}", of_each("label", data.tasks()), of_each("score", outputs))?;
    let (tasks, outputs) = (data.task_count(), outputs.len().max(1));
    let rows = data.labels().chunks_exact(tasks).zip(scores.chunks_exact(outputs));
    for (record, (labels, scores)) in rows.enumerate() {
        write!(out, "{}", data.sequences().ids()[record])?;
        if let Some(folds) = folds {
            write!(out, "\t{}", folds[record])?;
        }
        for label in labels {
            match data.classes().get(*label as usize) {
                _ if label.is_nan() => write!(out, "\tNA")?,
                Some(class) => write!(out, "\t{class}")?,
                None => write!(out, "\t{label}")?,
            }
        }
        scores.iter().try_for_each(|score| write!(out, "\t{score}"))?;
        writeln!(out)?;
    }
    Ok(())
}
