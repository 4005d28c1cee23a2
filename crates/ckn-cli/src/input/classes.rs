//! Labels that are names, as a model knows them.

use ckn::bio::{EncodedSequences, LabelledSequences};
use ckn::core::loss::Loss;
use ckn::model::ModelCard;

use crate::exit::Input;

/// The data with their classes numbered as a model numbers them; as they are where labels are numbers.
pub fn in_classes_of(data: LabelledSequences, card: &ModelCard) -> anyhow::Result<LabelledSequences> {
    let refuse = |message: String| Err(Input(message).into());
    let first = match data.classes() {
        [] => return Ok(data),
        [first, ..] => first,
    };
    match card.loss {
        Loss::Squared => refuse(format!(
            "the labels are names of classes, such as `{first}`, and the model is one of measurements: give numbers"
        )),
        Loss::Multinomial => Ok(data.in_classes(&card.outputs)?),
        _ if !card.classes.is_empty() => Ok(data.in_classes(&card.classes)?),
        _ if data.classes().len() == 2 => Ok(data),
        _ => refuse(format!(
            "the labels are names, such as `{first}`, and the model does not say which of two classes is positive: write 1 and 0"
        )),
    }
}

/// The sequences of label 1, and those of label 0.
pub fn positives_and_negatives(data: &LabelledSequences) -> anyhow::Result<(EncodedSequences, EncodedSequences)> {
    let (sequences, labels) = (data.sequences(), data.labels());
    if let Some(record) = labels.iter().position(|label| *label != 0.0 && *label != 1.0) {
        let message = format!(
            "{} has the label {}: sequences are positives, 1, and negatives, 0",
            sequences.place(record),
            labels[record]
        );
        return Err(Input(message).into());
    }
    let of = |positive: bool| {
        let records: Vec<usize> = (0..labels.len()).filter(|&record| (labels[record] > 0.5) == positive).collect();
        sequences.select(&records)
    };
    Ok((of(true)?, of(false)?))
}
