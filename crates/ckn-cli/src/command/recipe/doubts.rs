//! What makes one doubt the data, in words.

use ckn::bio::{Doubt, LabelledSequences, doubts};
use ckn::core::loss::Loss;

use super::{Recipe, skew};
use crate::exit::Input;
use crate::talk::{counted, say};

impl Recipe {
    /// Says what makes one doubt the data, and refuses what cannot be learnt at all.
    pub(super) fn doubts(&self, data: &LabelledSequences, loss: Loss) -> anyhow::Result<Vec<String>> {
        let mut warnings = Vec::new();
        for doubt in doubts(data, loss) {
            if let Doubt::BothClasses { sequences, all } = doubt
                && sequences == all
            {
                let message =
                    "every sequence stands in both classes, and there is nothing to tell them by: check the negatives";
                return Err(Input(message.into()).into());
            }
            warnings.extend(in_words(&doubt));
        }
        if warnings.is_empty() && loss == Loss::Squared && data.tasks().is_empty() {
            warnings.extend(skew::advice(data.labels()));
        }
        if !self.quiet {
            warnings.iter().for_each(|warning| say(format_args!("warning: {warning}")));
        }
        Ok(warnings)
    }
}

fn in_words(doubt: &Doubt) -> Option<String> {
    Some(match *doubt {
        Doubt::FewOfAClass { positives, negatives } => format!(
            "there are {} and {}: of fewer than 20 of a class nothing can be judged, and what is measured on them is chance",
            counted(positives, "positive"),
            counted(negatives, "negative")
        ),
        Doubt::BothClasses { sequences, all } => format!(
            "{sequences} of {all} sequences ({:.1} %) stand in both classes: their labels contradict each other",
            100.0 * sequences as f64 / all as f64
        ),
        Doubt::OneLabel { label, others: 0 } => {
            format!("the label of every sequence is {label}: there is nothing to learn")
        }
        Doubt::OneLabel { label, others } => {
            format!("the label of all sequences but {others} is {label}: there is next to nothing to learn")
        }
        Doubt::Length { auroc } => format!(
            "length alone separates the classes (AUROC {auroc:.2}): a model may learn that and nothing else; cut sequences of \
             both to like lengths, or have negatives made by shuffling"
        ),
        Doubt::GcContent { auroc } => format!(
            "GC content alone separates the classes (AUROC {auroc:.2}): a model may learn that and nothing else; take negatives \
             of like GC content, as --negatives genome draws them, or have them made by shuffling"
        ),
        // What is not known yet has no words yet.
        _ => return None,
    })
}
