//! Words of the command line for types of the library.

use std::str::FromStr;

use ckn::bio::{Alphabet, LetterSimilarity};
use ckn::core::kernel::DotProductKernel;
use ckn::core::mismatch::{Profile, check_bandwidth};
use ckn::model::SequenceKernel;
use clap::ValueEnum;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use serde::de::DeserializeOwned;

use crate::exit::Usage;

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

impl StrandsChoice {
    /// Whether both strands are read, where that is said.
    ///
    /// # Errors
    /// [`Usage`] for both strands of an alphabet that has one.
    pub fn both(choice: Option<Self>, alphabet: Alphabet) -> Result<Option<bool>, Usage> {
        match choice {
            Some(Self::Both) if !alphabet.has_complement() => {
                Err(Usage(format!("{alphabet} has no opposite strand: drop --strands both")))
            }
            choice => Ok(choice.map(|choice| choice == Self::Both)),
        }
    }
}

/// A value, or that it is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrAuto<T> {
    Auto,
    Value(T),
}

/// Parses a value or `auto`.
pub fn or_auto<T: FromStr>(text: &str) -> Result<OrAuto<T>, String> {
    match text {
        "auto" => Ok(OrAuto::Auto),
        _ => text.parse().map(OrAuto::Value).map_err(|_| "a number, or `auto` in the first layer".to_owned()),
    }
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

/// Parses `blosum62`, `blosum62:SHARPNESS` or `transitions:SIMILARITY`.
pub fn letter_similarity(text: &str) -> Result<LetterSimilarity, String> {
    let number = |text: &str| text.parse::<f64>().map_err(|_| format!("`{text}` is not a number"));
    match text.split_once(':') {
        None if text == "blosum62" => Ok(LetterSimilarity::Blosum62 { sharpness: 1.0 }),
        Some(("blosum62", sharpness)) => match number(sharpness)? {
            sharpness if sharpness > 0.0 && sharpness.is_finite() => Ok(LetterSimilarity::Blosum62 { sharpness }),
            sharpness => Err(format!("the sharpness of similarities is a number above 0, and not {sharpness}")),
        },
        Some(("transitions", similarity)) => match number(similarity)? {
            similarity if similarity > 0.0 && similarity <= 1.0 => Ok(LetterSimilarity::Transitions { similarity }),
            similarity => Err(format!("the similarity of two letters is above 0 and at most 1, and not {similarity}")),
        },
        _ => Err("letters are similar by blosum62, blosum62:SHARPNESS or transitions:SIMILARITY".into()),
    }
}

/// Parses `gapped:WIDTH,LETTERS[,MISMATCHES]` or `exponential:WIDTH,SIGMA`, with `@PLACES` or without: a kernel of whole sequences,
/// normalised.
pub fn profile(text: &str) -> Result<SequenceKernel, String> {
    let wrong = || {
        "profiles are gapped:WIDTH,LETTERS[,MISMATCHES] and exponential:WIDTH,SIGMA, each with @PLACES or without"
            .to_owned()
    };
    let (text, places) = match text.split_once('@') {
        None => (text, None),
        Some((text, places)) => (text, Some(places.parse().map_err(|_| format!("`{places}` is not a number"))?)),
    };
    if let Some(places) = places {
        check_bandwidth(places).map_err(|error| error.to_string())?;
    }
    let (kind, numbers) = text.split_once(':').ok_or_else(wrong)?;
    let numbers: Vec<&str> = numbers.split(',').collect();
    let whole = |text: &str| text.parse::<usize>().map_err(|_| format!("`{text}` is not a whole number"));
    let (width, profile) = match (kind, numbers.as_slice()) {
        ("gapped", [width, letters, rest @ ..]) if rest.len() < 2 => {
            let (width, informative) = (whole(width)?, whole(letters)?);
            let most = width.saturating_sub(informative);
            let mismatches = rest.first().map_or(Ok(most), |text| whole(text))?;
            if informative > width || mismatches > most {
                return Err(format!("{informative} letters must agree of {width}: at most {most} mismatches are left"));
            }
            (width, Profile::GappedKmer { informative, mismatches })
        }
        ("exponential", [width, sigma]) => {
            let sigma = sigma.parse().map_err(|_| format!("`{sigma}` is not a number"))?;
            (whole(width)?, Profile::Exponential { sigma })
        }
        _ => return Err(wrong()),
    };
    if width > 63 {
        return Err(format!("windows have 63 letters at most, and not {width}"));
    }
    profile.values(width).map_err(|error| error.to_string())?;
    Ok(SequenceKernel { places, ..SequenceKernel::new(width, profile, true) })
}

/// A kernel as [`profile`] parses it.
pub fn profile_name(kernel: &SequenceKernel) -> String {
    let width = kernel.width;
    let places = kernel.places.map_or_else(String::new, |places| format!("@{places}"));
    let profile = match kernel.profile {
        Profile::GappedKmer { informative, mismatches } if informative + mismatches == width => {
            format!("gapped:{width},{informative}")
        }
        Profile::GappedKmer { informative, mismatches } => format!("gapped:{width},{informative},{mismatches}"),
        Profile::Exponential { sigma } => format!("exponential:{width},{sigma}"),
        other => format!("{other:?} of width {width}"),
    };
    profile + &places
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

    #[test]
    fn letter_similarities_are_parsed_with_their_number() {
        assert_eq!(letter_similarity("blosum62"), Ok(LetterSimilarity::Blosum62 { sharpness: 1.0 }));
        assert_eq!(letter_similarity("blosum62:0.5"), Ok(LetterSimilarity::Blosum62 { sharpness: 0.5 }));
        assert_eq!(letter_similarity("transitions:0.5"), Ok(LetterSimilarity::Transitions { similarity: 0.5 }));
        for wrong in
            ["pam", "blosum62:0", "blosum62:x", "blosum62:inf", "transitions", "transitions:1.5", "transitions:nan"]
        {
            assert!(letter_similarity(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn profiles_are_parsed_and_named_alike() {
        for name in [
            "gapped:11,7",
            "gapped:11,7,3",
            "exponential:10,0.3",
            "gapped:1,1",
            "gapped:6,4@0.5",
            "exponential:8,0.3@20",
        ] {
            assert_eq!(profile_name(&profile(name).unwrap()), name);
        }
        for (wrong, says) in [
            ("gapped", "profiles are"),
            ("gapped:11", "profiles are"),
            ("gapped:11,7,3,1", "profiles are"),
            ("spectrum:5", "profiles are"),
            ("gapped:7,11", "at most 0"),
            ("gapped:11,7,5", "at most 4"),
            ("gapped:11,0", "informative letters"),
            ("gapped:a,7", "whole number"),
            ("exponential:10,0", "sigma"),
            ("exponential:10,-1", "sigma"),
            ("exponential:10,x", "not a number"),
            ("exponential:0,0.3", "width"),
            ("exponential:64,0.3", "63 letters"),
            ("gapped:6,4@", "not a number"),
            ("gapped:6,4@0", "bandwidth of places"),
            ("gapped:6,4@nan", "bandwidth of places"),
        ] {
            let message = profile(wrong).unwrap_err();
            assert!(message.contains(says), "{wrong}: {message}");
        }
    }
}
