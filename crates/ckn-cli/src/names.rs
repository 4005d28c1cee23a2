//! Words of the command line for types of the library.

use ckn::bio::Alphabet;
use ckn::core::kernel::DotProductKernel;
use clap::ValueEnum;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use serde::de::DeserializeOwned;

/// Global poolings.
pub const POOLINGS: &[(&str, &str)] = &[
    ("max", "the best site counts"),
    ("mean", "all sites count"),
    ("sum", "all sites count, and long sequences more"),
    ("gmp", "all sites count, repeated ones less (generalised max pooling)"),
];

/// Poolings of sums and maxima over windows.
pub const FAST_POOLINGS: &[(&str, &str)] = POOLINGS.split_at(3).0;

/// Parses one of the names of a library's type, spelt as in its files; help and completions list them with what they mean.
pub fn named<T>(names: &'static [(&'static str, &'static str)]) -> impl TypedValueParser<Value = T>
where
    T: DeserializeOwned + Clone + Send + Sync + 'static,
{
    let values = names.iter().map(|&(name, meaning)| PossibleValue::new(name).help(meaning));
    PossibleValuesParser::new(values).try_map(|name| serde_json::from_value::<T>(name.into()))
}

/// Parses the name of an alphabet.
pub fn alphabet() -> impl TypedValueParser<Value = Alphabet> {
    PossibleValuesParser::new(Alphabet::ALL.map(Alphabet::name)).try_map(|name| name.parse::<Alphabet>())
}

/// The strands that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum StrandsChoice {
    Both,
    Forward,
}

/// A kernel, with its parameter where all layers share it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum KernelChoice {
    /// Its bandwidth is `--sigma`.
    Exponential,
    Fixed(DotProductKernel),
}

/// Parses `exponential`, `polynomial:DEGREE`, `arc-cosine:ORDER` or `linear`.
pub fn kernel(text: &str) -> Result<KernelChoice, String> {
    let number = |text: &str| text.parse().map_err(|_| format!("`{text}` is not a whole number"));
    match text.split_once(':') {
        None if text == "exponential" => Ok(KernelChoice::Exponential),
        None if text == "linear" => Ok(KernelChoice::Fixed(DotProductKernel::Linear)),
        Some(("polynomial", degree)) => {
            Ok(KernelChoice::Fixed(DotProductKernel::Polynomial { degree: number(degree)? }))
        }
        Some(("arc-cosine", order)) => Ok(KernelChoice::Fixed(DotProductKernel::ArcCosine { order: number(order)? })),
        _ => Err("kernels are exponential, polynomial:DEGREE, arc-cosine:ORDER and linear".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kernels_are_parsed_with_their_parameter() {
        assert_eq!(kernel("exponential"), Ok(KernelChoice::Exponential));
        assert_eq!(kernel("polynomial:3"), Ok(KernelChoice::Fixed(DotProductKernel::Polynomial { degree: 3 })));
        assert_eq!(kernel("arc-cosine:1"), Ok(KernelChoice::Fixed(DotProductKernel::ArcCosine { order: 1 })));
        for wrong in ["gaussian", "polynomial", "polynomial:x", "linear:2", ""] {
            assert!(kernel(wrong).is_err(), "{wrong}");
        }
    }
}
