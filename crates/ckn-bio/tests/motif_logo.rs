//! Logos show what the numbers say, and nothing that a title smuggles in.

#![expect(clippy::unwrap_used, reason = "helpers of tests may fail")]

use ckn_bio::motif::{Background, LogoColours, LogoHeight, LogoOptions, Probabilities, logo_svg};
use ckn_bio::{Alphabet, Error, MotifError};
use proptest::prelude::*;
use roxmltree::Document;

/// One letter of a drawn logo, in pixels.
#[derive(Debug)]
struct Letter {
    x: f64,
    top: f64,
    height: f64,
    width: f64,
    colour: String,
}

fn letters(svg: &str) -> Vec<Letter> {
    let document = Document::parse(svg).unwrap();
    let paths = document.descendants().filter(|node| node.has_tag_name("path") && node.has_attribute("transform"));
    let letter = |node: roxmltree::Node<'_, '_>| {
        let transform = node.attribute("transform").unwrap();
        let numbers: Vec<f64> = transform
            .split(|letter: char| !(letter.is_ascii_digit() || "-.e".contains(letter)))
            .filter_map(|word| word.parse().ok())
            .collect();
        let [x, top, across, up] = <[f64; 4]>::try_from(numbers).unwrap();
        let colour = node.attribute("fill").unwrap().to_owned();
        Letter { x, top, height: 100.0 * up, width: 100.0 * across, colour }
    };
    paths.map(letter).collect()
}

fn dna(values: &[f64]) -> Probabilities {
    Probabilities::new(Alphabet::Dna, values.to_vec()).unwrap()
}

const A: &str = "#0e8a3e";
const C: &str = "#1d4fb4";
const G: &str = "#f2a200";
const T: &str = "#c8202f";

#[test]
fn letters_are_as_high_as_their_share_of_the_information() {
    // 2 bits; 2 - 1.75 = 0.25 bits; none; and 2 - 1 = 1 bit of two letters.
    let columns = [[1.0, 0.0, 0.0, 0.0], [0.125, 0.25, 0.125, 0.5], [0.25; 4], [0.0, 0.5, 0.5, 0.0]];
    let options = LogoOptions { stack_height: 200.0, column_width: 30.0, ..LogoOptions::default() };
    let svg = logo_svg(&dna(&columns.concat()), &options).unwrap();
    let drawn = letters(&svg);
    let expected = [
        (0, 200.0, A),
        // The smallest at the foot; of equals, the first of the alphabet above the other.
        (1, 0.125 * 25.0, G),
        (1, 0.125 * 25.0, A),
        (1, 0.25 * 25.0, C),
        (1, 0.5 * 25.0, T),
        (3, 50.0, G),
        (3, 50.0, C),
    ];
    assert_eq!(drawn.len(), expected.len(), "{drawn:?}");
    let (mut last, mut foot) = (0, 212.0);
    for (letter, (column, height, colour)) in drawn.iter().zip(expected) {
        if column != last {
            (last, foot) = (column, 212.0);
        }
        foot -= height;
        assert!((letter.height - height).abs() < 1e-3 && (letter.top - foot).abs() < 1e-2, "{letter:?}");
        assert_eq!(letter.colour, colour);
        let start = 52.0 + 30.0 * f64::from(column);
        assert!(letter.x >= start && letter.x + letter.width <= start + 30.0, "{letter:?}");
    }
}

#[test]
fn a_background_and_few_sites_change_heights_as_the_formulas_say() {
    let probabilities = dna(&[0.5, 0.5, 0.0, 0.0]);
    let total = |options: LogoOptions| -> f64 {
        letters(&logo_svg(&probabilities, &options).unwrap()).iter().map(|letter| letter.height).sum()
    };
    let options = LogoOptions { stack_height: 100.0, ..LogoOptions::default() };
    assert!((total(options.clone()) - 50.0).abs() < 1e-3);
    // 0.5 log2(0.5/0.4) + 0.5 log2(0.5/0.1) bits of 2.
    let background = Background::new(Alphabet::Dna, &[0.4, 0.1, 0.1, 0.4]).unwrap();
    let bits = 0.5 * 1.25f64.log2() + 0.5 * 5f64.log2();
    assert!((total(LogoOptions { background: Some(background), ..options.clone() }) - 50.0 * bits).abs() < 1e-3);
    // 3/(2 · 10 ln 2) bits less; with one site more than there is.
    let correction = 3.0 / (20.0 * std::f64::consts::LN_2);
    let corrected = LogoOptions { sites: Some(10.0), ..options.clone() };
    assert!((total(corrected) - 50.0 * (1.0 - correction)).abs() < 1e-3);
    let svg = logo_svg(&probabilities, &LogoOptions { sites: Some(1.0), ..options.clone() }).unwrap();
    assert!(letters(&svg).is_empty());
    let unknown = LogoOptions { sites: Some(0.0), ..options.clone() };
    assert!((total(unknown) - 50.0).abs() < 1e-3);
    let probability = LogoOptions { height: LogoHeight::Probability, sites: Some(1.0), ..options };
    assert!((total(probability) - 100.0).abs() < 1e-3);
}

#[test]
fn a_column_taller_than_usual_stays_on_the_page() {
    let background = Background::new(Alphabet::Dna, &[0.01, 0.33, 0.33, 0.33]).unwrap();
    let options = LogoOptions { background: Some(background), stack_height: 100.0, ..LogoOptions::default() };
    let drawn = letters(&logo_svg(&dna(&[1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0]), &options).unwrap());
    let expected = 100.0 * (1.0f64 / 0.33).log2() / 100f64.log2();
    assert!((drawn[0].height - 100.0).abs() < 1e-3 && (drawn[1].height - expected).abs() < 1e-3, "{drawn:?}");
}

#[test]
fn titles_are_text_whatever_they_hold() {
    let hostile = "</title><script>alert(1)</script>&\"'\u{202e}\u{7}\0\n<![CDATA[ α";
    let options = LogoOptions { title: Some(hostile.into()), ..LogoOptions::default() };
    let svg = logo_svg(&dna(&[0.25; 4]), &options).unwrap();
    let document = Document::parse(&svg).unwrap();
    let expected = "</title><script>alert(1)</script>&\"'\u{fffd}\u{fffd}\u{fffd}\u{fffd}<![CDATA[ α";
    let root = document.root_element();
    assert_eq!(root.attribute("role"), Some("img"));
    let texts: Vec<_> = root.children().filter(roxmltree::Node::is_element).take(2).collect();
    assert_eq!((texts[0].tag_name().name(), texts[0].text()), ("title", Some(expected)));
    assert_eq!(texts[1].tag_name().name(), "desc");
    assert!(texts[1].text().unwrap().contains("1 position, height by information in bits"));
    assert!(document.descendants().any(|node| node.has_tag_name("text") && node.text() == Some(expected)));
}

#[test]
fn sizes_and_backgrounds_that_do_not_fit_are_refused() {
    let probabilities = dna(&[0.25; 4]);
    for size in [0.0, -1.0, f64::NAN, f64::INFINITY, 10_001.0] {
        for options in [
            LogoOptions { column_width: size, ..LogoOptions::default() },
            LogoOptions { stack_height: size, ..LogoOptions::default() },
        ] {
            let outcome = logo_svg(&probabilities, &options);
            assert!(matches!(outcome, Err(Error::Motif(MotifError::LogoSize { .. }))), "{size}");
        }
    }
    let options = LogoOptions { background: Some(Background::uniform(Alphabet::Rna)), ..LogoOptions::default() };
    assert!(matches!(logo_svg(&probabilities, &options), Err(Error::Motif(MotifError::Alphabets { .. }))));
}

#[test]
fn positions_are_numbered_from_the_first() {
    let numbers = |options: &LogoOptions, width: usize| -> Vec<i64> {
        let svg = logo_svg(&dna(&[0.25; 4].repeat(width)), options).unwrap();
        let document = Document::parse(&svg).unwrap();
        let texts = document.descendants().filter(|node| node.attribute("text-anchor") == Some("middle"));
        texts.filter_map(|node| node.text()?.parse().ok()).collect()
    };
    let options = LogoOptions { first_position: -2, ..LogoOptions::default() };
    assert_eq!(numbers(&options, 4), [-2, -1, 0, 1]);
    // Too narrow for every number.
    let narrow = LogoOptions { column_width: 6.0, ..options };
    assert_eq!(numbers(&narrow, 12), [0, 5]);
    let last = LogoOptions { first_position: i64::MAX, ..narrow };
    assert!(numbers(&last, 3).len() <= 3);
}

#[test]
fn every_letter_has_an_outline_of_its_own_within_its_box() {
    let mut outlines = std::collections::BTreeSet::new();
    for alphabet in Alphabet::ALL {
        let letters = alphabet.letter_count();
        let values: Vec<f64> =
            (0..letters * letters).map(|i| f64::from(u8::from(i / letters == i % letters))).collect();
        let probabilities = Probabilities::new(alphabet, values).unwrap();
        let svg = logo_svg(&probabilities, &LogoOptions::default()).unwrap();
        let document = Document::parse(&svg).unwrap();
        let paths = document.descendants().filter(|node| node.has_attribute("transform") && node.has_attribute("d"));
        let data: Vec<&str> = paths.filter_map(|node| node.attribute("d")).collect();
        assert_eq!(data.len(), letters);
        for data in data {
            let numbers = data.split(|letter: char| !(letter.is_ascii_digit() || letter == '.'));
            let inside = |number: &str| number.is_empty() || (0.0..=100.0).contains(&number.parse::<f64>().unwrap());
            assert!(!data.contains('-') && numbers.clone().all(inside), "{data}");
            outlines.insert(data.to_owned());
        }
    }
    // The 20 amino acids, and U.
    assert_eq!(outlines.len(), 21);
}

proptest! {
    #[test]
    fn any_logo_is_sound_xml_without_scripts_and_references(
        (alphabet, weights) in prop::sample::select(Alphabet::ALL.to_vec()).prop_flat_map(|alphabet| {
            (Just(alphabet), prop::collection::vec(0.0..1.0f64, alphabet.letter_count() * 6))
        }),
        title in prop::option::of(any::<String>()),
        first_position in any::<i64>(),
        column_width in 1.0..80.0f64,
        stack_height in 1.0..800.0f64,
        safe in any::<bool>(),
        by_probability in any::<bool>(),
        sites in prop::option::of(any::<f64>()),
    ) {
        let scale = |column: &[f64]| -> Vec<f64> {
            let total = column.iter().sum::<f64>() + 1e-9;
            column.iter().enumerate().map(|(a, v)| if a == 0 { (v + 1e-9) / total } else { v / total }).collect()
        };
        let values = weights.chunks(alphabet.letter_count()).flat_map(scale).collect();
        let options = LogoOptions {
            title,
            first_position,
            column_width,
            stack_height,
            sites,
            colours: if safe { LogoColours::ColourBlindSafe } else { LogoColours::Classic },
            height: if by_probability { LogoHeight::Probability } else { LogoHeight::Information },
            background: None,
        };
        let svg = logo_svg(&Probabilities::new(alphabet, values).unwrap(), &options).unwrap();
        let document = Document::parse(&svg).unwrap();
        for node in document.descendants().filter(roxmltree::Node::is_element) {
            prop_assert!(["svg", "title", "desc", "rect", "text", "g", "path"].contains(&node.tag_name().name()));
            for attribute in node.attributes() {
                let name = attribute.name();
                prop_assert!(!name.contains("href") && !name.starts_with("on") && name != "id" && name != "style");
                prop_assert!(!attribute.value().contains("NaN") && !attribute.value().contains("inf"));
            }
        }
    }
}
