//! What a model is, in words.

use ckn::core::kernel::DotProductKernel;
use ckn::core::loss::Loss;
use ckn::core::pooling::{Pooling, Strands};
use ckn::model::{Body, Model, Network};

use super::number::count;

/// What a model is for: the end of the sentence "This model …".
pub fn purpose(model: &Model) -> String {
    let letters = alphabet(&model.card().alphabet);
    match model.card().loss {
        Loss::Squared => format!("predicts a measurement from a {letters} sequence"),
        Loss::Multinomial => format!("sorts {letters} sequences into {} classes", model.card().outputs.len()),
        _ if model.card().outputs.len() > 1 => {
            format!("tells positive from negative {letters} sequences in {} tasks", model.card().outputs.len())
        }
        _ => format!("tells positive from negative {letters} sequences"),
    }
}

/// How it does that, in one sentence.
pub fn method(model: &Model) -> String {
    match model.body() {
        Body::Network(headed) => network(headed.network()),
        Body::Baseline(network) => {
            let config = network.config();
            format!(
                "It is a convolutional network after DeepBind, of {} motif detectors of {} letters.",
                config.filters, config.width
            )
        }
        Body::Machine(_) => "It is a machine on an exact kernel of whole sequences, which compares a sequence with \
                                 those of the training."
            .to_owned(),
        Body::Ensemble(ensemble) => {
            format!("It is the average of {} models, chosen inside the training data.", ensemble.members().len())
        }
    }
}

fn network(network: &Network) -> String {
    let config = network.config();
    let gaps = if config.has_gaps() { " with gaps" } else { "" };
    let alike = if config.has_letter_similarity() { ", some of which have something in common" } else { "" };
    let patterns: Vec<String> = config
        .layers
        .iter()
        .map(|layer| format!("{} anchor points of {} letters{gaps}{alike}", count(layer.filters), layer.width))
        .collect();
    let layers = match patterns.as_slice() {
        [one] => format!("of {one}"),
        [first, more @ ..] => {
            let widths: Vec<String> = config
                .layers
                .iter()
                .skip(1)
                .map(|layer| format!("{} of width {}", layer.filters, layer.width))
                .collect();
            format!("of {} layers: {first}, and above them {}", more.len() + 1, widths.join(", "))
        }
        [] => String::new(),
    };
    let pooling = match config.pooling {
        Pooling::Max => "the place of a sequence that resembles an anchor point most counts",
        Pooling::Mean | Pooling::Sum => "all places of a sequence count that resemble an anchor point",
        Pooling::Gmp => "all places of a sequence count that resemble an anchor point, repeated ones less",
    };
    let strands = match config.strands {
        Strands::Forward => "",
        Strands::Max => ", on the better of both strands",
        Strands::Mean => ", on both strands alike",
    };
    format!("It is a convolutional kernel network {layers}; {pooling}{strands}.")
}

/// The name of an alphabet in a sentence.
pub fn alphabet(name: &str) -> &str {
    match name {
        "dna" => "DNA",
        "rna" => "RNA",
        other => other,
    }
}

/// The kernel of the first layer.
pub fn kernel(kernel: DotProductKernel) -> String {
    match kernel {
        DotProductKernel::Exponential { sigma } => format!("exponential, bandwidth {sigma:.3}"),
        DotProductKernel::Polynomial { degree } => format!("polynomial, degree {degree}"),
        DotProductKernel::ArcCosine { order } => format!("arc-cosine, order {order}"),
        DotProductKernel::Linear => "linear".to_owned(),
        _ => String::new(),
    }
}
