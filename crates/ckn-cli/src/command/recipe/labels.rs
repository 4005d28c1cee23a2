//! What labels are, where nobody says.

use ckn::bio::{ClassNames, LabelledSequences};
use ckn::core::loss::Loss;
use ckn::model::{MAX_OUTPUT_NAME, MAX_OUTPUTS};

use crate::exit::{Input, Usage};
use crate::talk::counted;

/// Most classes that a line names.
const SHOWN: usize = 12;

/// The loss that goes with labels: of two classes where all are 0 or 1, of measurements where some are no whole numbers.
pub(super) fn loss_of(data: &LabelledSequences) -> Result<Loss, Input> {
    let known = || data.labels().iter().copied().filter(|label| !label.is_nan());
    if known().all(|label| label == 0.0 || label == 1.0) {
        return Ok(Loss::Logistic);
    }
    if known().any(|label| label.fract() != 0.0) {
        return Ok(Loss::Squared);
    }
    let record = data.labels().iter().position(|&label| !label.is_nan() && label != 0.0 && label != 1.0).unwrap_or(0);
    let (place, label) = (data.sequences().place(record / data.task_count()), data.labels()[record]);
    let several = if data.tasks().is_empty() { ", for several classes numbered from 0 --loss multinomial" } else { "" };
    Err(Input(format!(
        "{place} has the label {label}: labels of two classes are 0 and 1; for measurements, use --loss squared{several}"
    )))
}

/// Whether nine of ten sequences or more have as many letters, and none more than twice as many.
pub(super) fn is_aligned(data: &LabelledSequences) -> bool {
    let typical = typical_length(data);
    let lengths = || data.sequences().iter().map(<[u8]>::len);
    10 * lengths().filter(|&length| length == typical).count() >= 9 * data.len()
        && lengths().all(|length| length <= 2 * typical)
}

/// The loss of labels that are names of classes, and a line that says how they are read; the loss asked for, where they are none.
pub(super) fn loss_of_names(
    data: &LabelledSequences,
    asked: Option<Loss>,
) -> anyhow::Result<(Option<Loss>, Option<String>)> {
    let classes = data.classes();
    if classes.is_empty() {
        return Ok((asked, None));
    }
    if asked == Some(Loss::Squared) {
        let message = format!(
            "--loss squared is for measurements, and the labels are names of classes, such as `{}`: drop it",
            classes[0]
        );
        return Err(Usage(message).into());
    }
    let counts = counts(data)?;
    let named = |class: usize| format!("`{}` ({})", classes[class], counts[class]);
    if let [_, _] = classes {
        let (negative, positive) = (named(0), named(1));
        let unsure = match ClassNames::of(classes.iter().cloned()).are_by_alphabet() {
            true => {
                "; neither name says which, and the second by the alphabet is taken: to turn them round, write 1 and 0"
            }
            false => "",
        };
        let note = format!("labels are names: positive is {positive}, negative {negative}{unsure}");
        return Ok((asked.or(Some(Loss::Logistic)), Some(note)));
    }
    if asked.is_some_and(|loss| loss != Loss::Multinomial) {
        let message = format!(
            "the labels are names of {} classes, and this loss knows two: add --loss multinomial",
            classes.len()
        );
        return Err(Usage(message).into());
    }
    let more = if classes.len() > SHOWN { ", ..." } else { "" };
    let list = (0..classes.len().min(SHOWN)).map(named).collect::<Vec<_>>().join(", ");
    let note = format!("labels are names of {} classes (--loss multinomial): {list}{more}", classes.len());
    Ok((Some(Loss::Multinomial), Some(note)))
}

/// Sequences of each class; refuses names that classes cannot have, and classes that cannot be learnt.
fn counts(data: &LabelledSequences) -> Result<Vec<usize>, Input> {
    let (classes, records) = (data.classes(), data.len());
    if let [only] = classes {
        return Err(Input(format!(
            "the label of every sequence is `{only}`, and there is nothing to tell it from: label others, or give these alone \
             by --pos, and they are told from shuffles of themselves"
        )));
    }
    if classes.len() > MAX_OUTPUTS {
        return Err(Input(format!(
            "the labels of {records} sequences are {} different names, such as `{}`, at most {MAX_OUTPUTS} fit into a model: \
             check the column `label`",
            classes.len(),
            classes[0]
        )));
    }
    if let Some(name) = classes.iter().find(|name| name.len() > MAX_OUTPUT_NAME) {
        let (start, bytes): (String, _) = (name.chars().take(40).collect(), name.len());
        return Err(Input(format!(
            "the class `{start}...` has a name of {bytes} bytes, at most {MAX_OUTPUT_NAME} fit into a model: shorten it"
        )));
    }
    let mut counts = vec![0; classes.len()];
    data.labels().iter().for_each(|&label| counts[label as usize] += 1);
    match counts.iter().position(|&count| count < 2) {
        None => Ok(counts),
        Some(class) => Err(Input(format!(
            "class `{}` has {} of {records}: training needs at least 2 of each of the {} classes: label more, or leave the \
             class out",
            classes[class],
            counted(counts[class], "sequence"),
            classes.len()
        ))),
    }
}

/// Letters that half of the sequences have at least.
pub(super) fn typical_length(data: &LabelledSequences) -> usize {
    let mut lengths: Vec<usize> = data.sequences().iter().map(<[u8]>::len).collect();
    lengths.sort_unstable();
    lengths.get(lengths.len() / 2).copied().unwrap_or(1)
}
