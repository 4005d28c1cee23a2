//! How the training went: curves by epoch.

use super::figure::Figure;
use super::run::{Epoch, Run};
use crate::plot::{Axis, Plot};

/// Loss and AUROC by epoch; what the record does not say is left out.
pub fn figures(run: &Run) -> Vec<Figure> {
    let of = |value: fn(&Epoch) -> Option<f64>| -> Vec<(f64, f64)> {
        let known = |epoch: &Epoch| Some((epoch.epoch as f64, value(epoch).filter(|value| value.is_finite())?));
        run.epochs.iter().filter_map(known).collect()
    };
    let kept = run.best_epoch.and_then(|best| run.epochs.get(best)).map(|epoch| epoch.epoch as f64);
    let kept_caption =
        kept.map(|epoch| format!("Epoch {epoch} was kept, of the lowest validation loss.")).unwrap_or_default();
    let (training, validation) = (of(|epoch| epoch.training_loss), of(|epoch| epoch.validation_loss));
    let auroc = of(|epoch| epoch.validation_auroc);
    let mut figures = Vec::new();
    if validation.len() > 1 {
        let both: Vec<(f64, f64)> = training.iter().chain(&validation).copied().collect();
        let mut plot = frame("Loss by epoch", "Loss", &both);
        plot.line("second dashed", &training);
        plot.line("first", &validation);
        kept.into_iter().for_each(|epoch| plot.upright(epoch));
        let keys = vec![("first", "validation"), ("second dashed", "training")];
        figures.push(Figure { title: "Loss", svg: plot.svg(), caption: kept_caption.clone(), keys });
    }
    if auroc.len() > 1 {
        let mut plot = frame("Validation AUROC by epoch", "AUROC", &auroc);
        plot.line("first", &auroc);
        kept.into_iter().for_each(|epoch| plot.upright(epoch));
        let keys = vec![("first", "validation")];
        figures.push(Figure { title: "Validation AUROC", svg: plot.svg(), caption: kept_caption, keys });
    }
    figures
}

/// Axes that hold all points.
fn frame(title: &str, label: &str, points: &[(f64, f64)]) -> Plot {
    let fold =
        |of: fn(f64, f64) -> f64, part: fn(&(f64, f64)) -> f64| points.iter().map(part).reduce(of).unwrap_or(0.0);
    let (left, right) = (fold(f64::min, |point| point.0), fold(f64::max, |point| point.0));
    let (low, high) = (fold(f64::min, |point| point.1), fold(f64::max, |point| point.1));
    let description = format!("{label} from {low:.4} to {high:.4} over epochs {left} to {right}.");
    Plot::new(title, description, Axis::linear("Epoch", left, right), Axis::linear(label, low, high))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn curves_show_what_the_record_says() {
        let run: Run = serde_json::from_str(
            r#"{"best_epoch": 1, "epochs": [{"epoch": 0, "training_loss": 0.7, "validation_loss": 0.7},
                {"epoch": 1, "training_loss": 0.5, "validation_loss": 0.6}]}"#,
        )
        .unwrap();
        let figures = figures(&run);
        assert_eq!(figures.iter().map(|figure| figure.title).collect::<Vec<_>>(), ["Loss"]);
        assert!(figures[0].caption.contains("Epoch 1") && figures[0].svg.contains("class=\"line first\""));
        assert!(super::figures(&Run::default()).is_empty());
    }
}
