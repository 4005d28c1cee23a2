//! A table that MultiQC shows beside those of other programs.

use std::io::Write;

use super::Report;

/// Writes the table: comments that say how to show it, a header, and a row for each task. What is not known is an empty cell.
pub fn write(out: &mut dyn Write, report: &Report<'_>) -> anyhow::Result<()> {
    writeln!(out, "# id: ckn")?;
    writeln!(out, "# section_name: ckn")?;
    writeln!(out, "# description: convolutional kernel networks on sequences they had not seen")?;
    writeln!(out, "# plot_type: table")?;
    writeln!(out, "# pconfig:")?;
    writeln!(out, "#     id: ckn_table")?;
    writeln!(out, "#     title: ckn")?;
    writeln!(out, "Sample\tauroc\tauroc_low\tauroc_high\tauprc\trecords\tmotifs\tbest_motif")?;
    let name = &report.material.name;
    // Several classes are tested together, and have motifs each.
    let is_aligned = report.evaluations.len().max(1) >= report.motifs.len();
    let motifs_of = |task: usize| {
        let section = report.motifs.get(task).filter(|_| is_aligned);
        let number = section.map(|section| section.cards.len().to_string()).unwrap_or_default();
        let best = section.and_then(|section| section.cards.iter().find(|card| !card.depleted));
        (number, best.map(|card| card.consensus.clone()).unwrap_or_default())
    };
    let decimals = |value: Option<f64>| value.map(|value| format!("{value:.6}")).unwrap_or_default();
    for (at, evaluation) in report.evaluations.iter().enumerate() {
        let (number, best) = motifs_of(at);
        let task = evaluation.name.as_ref().map(|task| format!(" {task}")).unwrap_or_default();
        let (low, high) = (evaluation.interval.map(|ends| ends.0), evaluation.interval.map(|ends| ends.1));
        let [auroc, low, high, auprc] = [evaluation.auroc, low, high, evaluation.auprc].map(decimals);
        let records = evaluation.records;
        writeln!(out, "{name}{task}\t{auroc}\t{low}\t{high}\t{auprc}\t{records}\t{number}\t{best}")?;
    }
    if report.evaluations.is_empty() {
        let (number, best) = motifs_of(0);
        writeln!(out, "{name}\t\t\t\t\t\t{number}\t{best}")?;
    }
    Ok(())
}
