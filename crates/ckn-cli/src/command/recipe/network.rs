//! Options that say what the network is.

use std::path::PathBuf;

use ckn::bio::{Alphabet, LetterSimilarity};
use ckn::core::kernel::DotProductKernel;
use ckn::core::pooling::{Border, Pooling, Strands};
use ckn::core::whitening::Regularisation;
use ckn::model::{CheckedConfig, HeadlessNetwork, LayerConfig, Network, NetworkConfig};
use clap::{Args, ValueEnum};

use super::Way;
use crate::command::given::{Given, effects};
use crate::exit::Usage;
use crate::names::{KernelChoice, OrAuto, POOLINGS, kernel, letter_similarity, named, or_auto};
use crate::talk::say;

const STRANDS: &[(&str, &str)] = &[
    ("forward", "the sequence as it is written"),
    ("max", "the better one of the sequence and its reverse complement"),
    ("mean", "both alike"),
];
const BORDERS: &[(&str, &str)] =
    &[("valid", "windows inside of the sequence"), ("same", "a window around every letter, padded with zeros")];

/// Patch width where none is given.
const WIDTH: usize = 12;
/// Bandwidths of the first layer and of all others where none are given (CKN-seq, section 3.1).
const SIGMAS: (f64, f64) = (0.3, 0.6);
/// Widths and bandwidths of the first layer that are tried where they are chosen.
const WIDTHS: [usize; 3] = [8, 12, 16];
const WIDTHS_OF_PROTEINS: [usize; 3] = [5, 8, 12];
const SIGMAS_TRIED: [f64; 4] = [0.2, 0.3, 0.4, 0.5];
/// Stride of the pooling between layers where none is given.
const SUBSAMPLING: usize = 2;

#[derive(Debug, Args)]
#[command(next_help_heading = "Network (several values, one a layer, are comma lists)")]
pub struct NetworkArguments {
    /// Anchor points (filters): how many patterns
    #[arg(long, value_delimiter = ',', default_value = "16")]
    pub filters: Vec<usize>,
    /// Patch width: letters of a pattern, then positions of the map; `auto` trains a network of 8, 12 and 16 letters (5, 8 and 12 of
    /// proteins) and keeps that of the lowest validation loss [default: 12]
    #[arg(long, value_delimiter = ',', value_name = "LETTERS|auto", value_parser = or_auto::<usize>)]
    pub width: Option<Vec<OrAuto<usize>>>,
    /// Bandwidth of the exponential kernel: smaller tolerates fewer mismatches; one value is that of the first layer; `auto` tries 0.2,
    /// 0.3, 0.4 and 0.5 there, as with --width [default: 0.3 in the first layer, 0.6 in all others]
    #[arg(long, value_delimiter = ',', value_name = "SIGMA|auto", value_parser = or_auto::<f64>)]
    sigma: Option<Vec<OrAuto<f64>>>,
    /// Anchor points of a file in place of k-means, with the network that they belong to: of `ckn train --unlabelled`, or of a model
    /// that is a network (whose labels they have seen: judge by others)
    #[arg(long, value_name = "FILE")]
    pub anchors: Option<PathBuf>,
    /// Global pooling over positions [default: max, or what the file of --anchors has]
    #[arg(long, value_parser = named::<Pooling>(POOLINGS))]
    pooling: Option<Pooling>,
    /// Strands that are read [default: forward, or what the file of --anchors has]
    #[arg(long, value_parser = named::<Strands>(STRANDS))]
    pub strands: Option<Strands>,
    /// Kernel between patches: exponential, polynomial:DEGREE, arc-cosine:ORDER (0 or 1), linear
    #[arg(long, default_value = "exponential", value_parser = kernel)]
    kernel: KernelChoice,
    /// Gapped patches: what each letter that a patch leaves out multiplies its weight by, at most 0.999 [default: 0, contiguous
    /// patches]
    #[arg(long, value_name = "DECAY")]
    gap_decay: Option<f64>,
    /// Letters of the first layer that have something in common: blosum62 or blosum62:SHARPNESS of proteins, transitions:SIMILARITY
    /// (A with G, C with T) of DNA and RNA [default: none has]
    #[arg(long, value_name = "RULE", value_parser = letter_similarity)]
    letter_similarity: Option<LetterSimilarity>,
    /// Stride of the pooling between layers [default: 2]
    #[arg(long)]
    subsampling: Option<usize>,
    /// Windows of the sequence
    #[arg(long, default_value = "valid", value_parser = named::<Border>(BORDERS))]
    border: Border,
    /// Inverse root of the kernel matrix
    #[arg(long, value_enum, default_value_t = RegularisationChoice::Shift)]
    regularisation: RegularisationChoice,
    /// Its ε [default: 0.001 for shift, 0.01 for reference]
    #[arg(long)]
    epsilon: Option<f64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum RegularisationChoice {
    /// With its exact gradient
    Shift,
    /// As the authors' code has it
    Reference,
}

impl NetworkArguments {
    /// Number of layers.
    pub fn depth(&self) -> usize {
        self.filters.len()
    }

    /// The network of the file that anchor points are taken from, if one is given.
    pub fn given(&self, alphabet: Alphabet) -> anyhow::Result<Option<Network>> {
        let Some(path) = &self.anchors else { return Ok(None) };
        let file = HeadlessNetwork::load(path)?;
        let card = file.card();
        if file.has_seen_labels() {
            say(format_args!(
                "{} is a model: its anchor points have seen the labels that it was trained on. Where these are among the labels that \
                 judge, here or in cross-validation, numbers are too good",
                path.display()
            ));
        }
        if Alphabet::with_letters(&card.alphabet, &card.letters).ok() != Some(alphabet) {
            let (name, found) = (path.display(), card.alphabet.escape_debug());
            return Err(Usage(format!(
                "{name} has anchor points of {found}, and sequences are {alphabet}: say --alphabet"
            ))
            .into());
        }
        let network = file.network();
        let mut config = (**network.config()).clone();
        config.pooling = self.pooling.unwrap_or(config.pooling);
        config.strands = self.strands.unwrap_or(config.strands);
        let anchors = network.layers().iter().map(|layer| layer.anchors().to_vec()).collect();
        Ok(Some(Network::new(config.check()?, anchors)?))
    }

    /// Whether the width or the bandwidth of the first layer is chosen among several.
    pub fn is_grid(&self) -> bool {
        let width = self.width.as_deref().and_then(<[_]>::first);
        let sigma = self.sigma.as_deref().and_then(<[_]>::first);
        width == Some(&OrAuto::Auto) || sigma == Some(&OrAuto::Auto)
    }

    /// The networks for sequences of an alphabet: one, unless one is chosen among several; the widest is the last.
    pub fn configs(&self, alphabet: Alphabet) -> anyhow::Result<Vec<CheckedConfig>> {
        let default = [OrAuto::Value(WIDTH)];
        let width = self.width.as_deref().unwrap_or(&default);
        self.check_depths(width)?;
        let fixed = |value: &OrAuto<usize>| match value {
            OrAuto::Value(value) => Ok(*value),
            OrAuto::Auto => Err(Usage("--width: auto is for the first layer".into())),
        };
        let deeper = width[1..].iter().map(fixed).collect::<Result<Vec<usize>, _>>()?;
        let tried = if alphabet == Alphabet::Protein { WIDTHS_OF_PROTEINS } else { WIDTHS };
        let (widths, sigmas) = match (width[0], self.sigma_of(0)) {
            (OrAuto::Value(width), OrAuto::Value(sigma)) => (vec![width], vec![sigma]),
            (OrAuto::Value(width), OrAuto::Auto) => (vec![width], SIGMAS_TRIED.to_vec()),
            (OrAuto::Auto, OrAuto::Value(sigma)) => (tried.to_vec(), vec![sigma]),
            (OrAuto::Auto, OrAuto::Auto) => (tried.to_vec(), SIGMAS_TRIED.to_vec()),
        };
        let pairs = widths.into_iter().flat_map(|width| sigmas.iter().map(move |&sigma| (width, sigma)));
        let config = |(width, sigma)| self.config_of(alphabet, &[&[width], &deeper[..]].concat(), sigma);
        pairs.map(config).collect()
    }

    /// The network of some widths, and of a bandwidth of the first layer.
    fn config_of(&self, alphabet: Alphabet, width: &[usize], sigma: f64) -> anyhow::Result<CheckedConfig> {
        let depth = self.depth();
        let mut sigmas = vec![sigma];
        for layer in 1..depth {
            match self.sigma_of(layer) {
                OrAuto::Value(sigma) => sigmas.push(sigma),
                OrAuto::Auto => return Err(Usage("--sigma: auto is for the first layer".into()).into()),
            }
        }
        let layers = (0..depth).map(|layer| LayerConfig {
            filters: self.filters[layer],
            width: width[layer],
            kernel: match self.kernel {
                KernelChoice::Fixed(kernel) => kernel,
                KernelChoice::Exponential => DotProductKernel::Exponential { sigma: sigmas[layer] },
            },
            subsampling: if layer + 1 == depth { 1 } else { self.subsampling.unwrap_or(SUBSAMPLING) },
        });
        let config = NetworkConfig {
            letters: alphabet.letter_count(),
            layers: layers.collect(),
            pooling: self.pooling.unwrap_or(Pooling::Max),
            strands: self.strands.unwrap_or(Strands::Forward),
            border: self.border,
            regularisation: match self.regularisation {
                RegularisationChoice::Shift => Regularisation::Shift { epsilon: self.epsilon.unwrap_or(1e-3) },
                RegularisationChoice::Reference => Regularisation::Reference { epsilon: self.epsilon.unwrap_or(1e-2) },
            },
            gap_decay: self.gap_decay.unwrap_or(0.0),
            letter_similarity: self.letter_similarities(alphabet)?,
        };
        Ok(config.check()?)
    }

    fn letter_similarities(&self, alphabet: Alphabet) -> Result<Vec<f64>, Usage> {
        let Some(similarity) = self.letter_similarity else { return Ok(Vec::new()) };
        similarity.matrix(alphabet).ok_or_else(|| {
            let of = if alphabet == Alphabet::Protein { "transitions:SIMILARITY" } else { "blosum62" };
            Usage(format!("--letter-similarity {of} is of other letters than {alphabet}: drop it, or --alphabet"))
        })
    }

    /// Whether the kernel has a bandwidth.
    pub fn has_bandwidth(&self) -> bool {
        self.kernel == KernelChoice::Exponential
    }

    /// Refuses options without effect.
    pub(super) fn check(&self, given: &Given, way: Way, alphabet: Alphabet) -> Result<(), Usage> {
        let (chosen, of_any) = (way.chosen(), way.chosen().or(way.of_networks()));
        let of_networks = chosen.or(way.of_kernel_networks());
        let joined = (way == Way::Exact && self.strands.is_some_and(|strands| strands != Strands::Forward)).then_some(
            "joins the scores of a network: --model exact compares both strands, or with --strands forward one",
        );
        let no_bandwidth = "is the bandwidth of the exponential kernel: this kernel has none, drop it";
        let single = "lets patches leave letters out: patches of one letter have none between, drop it";
        let stated = self.anchors.is_some().then_some("is stated by the file of --anchors: drop it");
        let of_layers = of_networks.or(stated);
        effects!(given, self; ;
            filters, width => of_any.or(stated);
            anchors, pooling => of_networks;
            kernel, border, regularisation, epsilon, letter_similarity => of_layers;
            gap_decay => of_layers.or(self.width.as_deref().is_some_and(|width| width[0] == OrAuto::Value(1)).then_some(single));
            sigma => of_layers.or((!self.has_bandwidth()).then_some(no_bandwidth));
            subsampling => of_layers.or((self.depth() == 1).then_some("lies between layers: with one layer, drop it"));
            strands => chosen.or(joined))?;
        if way != Way::Auto
            && self.strands.is_some_and(|strands| strands != Strands::Forward)
            && !alphabet.has_complement()
        {
            return Err(Usage(format!("{alphabet} has no complement: use --strands forward")));
        }
        Ok(())
    }

    /// Checks that there is one value a layer; the first bandwidth may stand alone.
    fn check_depths(&self, width: &[OrAuto<usize>]) -> Result<(), Usage> {
        let depth = self.depth();
        let sigmas = self.sigma.as_ref().map_or(depth, |sigma| if sigma.len() == 1 { depth } else { sigma.len() });
        for (name, values) in [("--width", width.len()), ("--sigma", sigmas)] {
            if values != depth {
                let layers = if depth == 1 { "1 layer" } else { &format!("{depth} layers") };
                return Err(Usage(format!("--filters says {layers}, {name} has {values}: give one value a layer")));
            }
        }
        Ok(())
    }

    fn sigma_of(&self, layer: usize) -> OrAuto<f64> {
        let given = self.sigma.as_ref().and_then(|sigma| sigma.get(layer));
        given.copied().unwrap_or(OrAuto::Value(if layer == 0 { SIGMAS.0 } else { SIGMAS.1 }))
    }
}
