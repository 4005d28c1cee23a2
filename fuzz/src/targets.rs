//! What is fuzzed: every reader, and what follows it at once.

use std::fs;
use std::io::Cursor;
use std::path::Path;

use anyhow::Context;
use ckn::bio::io::{self, Genome, SequenceReader, Source};
use ckn::bio::motif::{Background, MotifFile, read_motifs, write_meme};
use ckn::bio::{Alphabet, EncodedSequences};
use ckn::core::seed::Seed;
use ckn::model::image::ImageModel;
use ckn::model::{HeadlessCard, HeadlessNetwork, Model, Network, NetworkConfig};
use ckn::train::image::ImageRecipe;
use ckn::train::{Ignore, SliceEngine, Split, TrainConfig, Trainer, TrainerState, TrainingData};

use crate::corpus::{gzip, idx, two_bit};

/// One reader.
pub(crate) struct Target {
    /// Its name, and that of its folders of corpus and regressions.
    pub(crate) name: &'static str,
    /// Ending of the input's file.
    pub(crate) extension: &'static str,
    /// Reads a file; the message of what refuses it.
    pub(crate) run: fn(&Path) -> Result<(), String>,
    /// Seeds that are made.
    pub(crate) made: fn() -> anyhow::Result<Vec<Vec<u8>>>,
}

/// All targets.
pub(crate) const TARGETS: &[Target] = &[
    Target { name: "fasta", extension: "fa", run: fasta, made: none },
    Target { name: "fastq", extension: "fq", run: |path| sequences(path, Alphabet::Dna), made: none },
    Target { name: "table", extension: "tsv", run: table, made: none },
    Target { name: "tasks", extension: "tsv", run: tasks, made: none },
    Target { name: "bed", extension: "bed", run: |path| said(io::read_bed(path)), made: none },
    Target { name: "vcf", extension: "vcf", run: vcf, made: none },
    Target {
        name: "variants",
        extension: "tsv",
        run: |path| said(io::read_variant_table(path, Alphabet::Dna)),
        made: none,
    },
    Target { name: "gzip", extension: "gz", run: |path| sequences(path, Alphabet::Dna), made: gzipped },
    Target { name: "two-bit", extension: "2bit", run: genome, made: || Ok(vec![two_bit()]) },
    Target { name: "fasta-index", extension: "fa.fai", run: indexed, made: none },
    Target { name: "motifs", extension: "meme", run: motifs, made: none },
    Target { name: "gkm-model", extension: "txt", run: |path| said(io::read_foreign_model(path)), made: none },
    Target { name: "model", extension: "ckn", run: model, made: none },
    Target { name: "headless", extension: "ckn", run: |path| said(HeadlessNetwork::load(path)), made: headless },
    Target { name: "image-model", extension: "ckn", run: |path| said(ImageModel::load(path)), made: none },
    Target { name: "idx", extension: "idx", run: pictures, made: || Ok(vec![idx(&[3, 8, 8]), idx(&[40])]) },
    Target { name: "cifar", extension: "bin", run: cifar, made: || Ok(vec![vec![3; 2 * 3073]]) },
    Target { name: "picture", extension: "png", run: picture, made: none },
    Target { name: "network", extension: "toml", run: network, made: none },
    Target { name: "training-state", extension: "cbor", run: state, made: || Ok(vec![of_training(&fit_a_little()?)?]) },
];

/// A network without a head, of letters that have something in common.
fn headless() -> anyhow::Result<Vec<Vec<u8>>> {
    let letter_similarity = (0..16).map(|at| if at % 5 == 0 { 1.0 } else { 0.2 }).collect();
    let config = NetworkConfig { letter_similarity, ..NetworkConfig::of_one_layer(4, 3, 5) }.check()?;
    let card = HeadlessCard {
        alphabet: "dna".to_owned(),
        letters: "ACGT".to_owned(),
        seed: 0,
        data: Default::default(),
        training: Default::default(),
        measured: Default::default(),
    };
    let network = Network::random(config, &mut Seed(0).stream("network"))?;
    Ok(vec![HeadlessNetwork::new(network, card)?.to_bytes()?])
}

fn none() -> anyhow::Result<Vec<Vec<u8>>> {
    Ok(Vec::new())
}

fn said<T, E: std::fmt::Display>(outcome: Result<T, E>) -> Result<(), String> {
    outcome.map(drop).map_err(|error| error.to_string())
}

fn sequences(path: &Path, alphabet: Alphabet) -> Result<(), String> {
    said(io::read_sequences(path, alphabet))
}

/// What was read is written, and read again as it was.
fn fasta(path: &Path) -> Result<(), String> {
    for alphabet in [Alphabet::Protein, Alphabet::Rna] {
        let _ = io::read_sequences(path, alphabet);
    }
    let read = io::read_sequences(path, Alphabet::Dna).map_err(|error| error.to_string())?;
    let mut text = Vec::new();
    said(io::write_fasta(&mut text, &read, 7))?;
    let again = Source::new("input.again", Cursor::new(text)).and_then(|source| {
        let mut again = EncodedSequences::new(Alphabet::Dna);
        for record in SequenceReader::new(source, Alphabet::Dna)? {
            let record = record?;
            again.push_tokens(&record.id, &record.tokens)?;
        }
        Ok(again)
    });
    match again {
        Ok(again) => assert!(again == read, "what was written is read otherwise"),
        Err(error) => panic!("what was written is not read: {error}"),
    }
    Ok(())
}

fn table(path: &Path) -> Result<(), String> {
    let _ = io::read_grouped(path, Alphabet::Protein);
    said(io::read_labelled(path, Alphabet::Dna))
}

fn tasks(path: &Path) -> Result<(), String> {
    said(io::read_multitask(path, Alphabet::Dna))
}

fn vcf(path: &Path) -> Result<(), String> {
    said(io::read_vcf(path, Alphabet::Dna))
}

fn gzipped() -> anyhow::Result<Vec<Vec<u8>>> {
    let text = b">a\nACGTTGCAAC\n>b\nGGGTTTAAAC\n";
    Ok(vec![gzip(text)?, [gzip(&text[..14])?, gzip(&text[14..])?].concat()])
}

/// Every record, from its beginning and from further on.
fn genome(path: &Path) -> Result<(), String> {
    let read = || -> Result<(), ckn::bio::Error> {
        let genome = Genome::open(path, Alphabet::Dna)?;
        for skipped in [0, 3] {
            let mut reader = genome.reader()?;
            let mut tokens = Vec::new();
            while reader.next_record()?.is_some() {
                reader.skip_letters(skipped)?;
                while reader.read_letters(&mut tokens, 1 << 12)? > 0 {
                    tokens.clear();
                }
            }
        }
        Ok(())
    };
    said(read())
}

/// The input is the index of a genome that lies beside it.
fn indexed(path: &Path) -> Result<(), String> {
    let genome = path.with_extension("");
    if !genome.exists() {
        let letters: Vec<String> = (0..12_000).map(|at| "ACGTTGCAAC"[at % 7..][..3].to_owned() + "GATTACA").collect();
        let text = format!(">chr1\n{}\n>chr2\n{}\n", letters[..10_000].join("\n"), letters[10_000..].join("\n"));
        fs::write(&genome, text).map_err(|error| error.to_string())?;
    }
    let read = || -> Result<(), ckn::bio::Error> {
        let genome = Genome::open(&genome, Alphabet::Dna)?;
        let mut tokens = Vec::new();
        for record in [0, 1] {
            for letter in [0, 70_000, 99_000] {
                let mut reader = genome.reader()?;
                reader.skip_records(record)?;
                if reader.next_record()?.is_some() {
                    reader.skip_letters(letter)?;
                    reader.read_letters(&mut tokens, 50)?;
                    tokens.clear();
                }
            }
        }
        Ok(())
    };
    said(read())
}

/// What was read is written as MEME, and read again.
fn motifs(path: &Path) -> Result<(), String> {
    let file = read_motifs(path).map_err(|error| error.to_string())?;
    let mut text = Vec::new();
    let background = file.background.clone().unwrap_or_else(|| Background::uniform(file.alphabet));
    if write_meme(&file.motifs, &background, file.both_strands.unwrap_or(true), &mut text).is_ok() {
        let again = Source::new("input.again", Cursor::new(text)).and_then(MotifFile::read);
        match again {
            Ok(again) => assert_eq!(again.motifs.len(), file.motifs.len(), "motifs are lost"),
            Err(error) => panic!("what was written is not read: {error}"),
        }
    }
    Ok(())
}

fn model(path: &Path) -> Result<(), String> {
    let model = Model::load(path).map_err(|error| error.to_string())?;
    let alphabet = Alphabet::with_letters(&model.card().alphabet, &model.card().letters);
    if let Ok(alphabet) = alphabet {
        let mut sequences = EncodedSequences::new(alphabet);
        let tokens: Vec<u8> = (0..60).map(|at| (at * at % 13 % alphabet.letter_count()) as u8).collect();
        let _ = sequences.push_tokens("sequence", &tokens);
        // A configuration may ask for more than there is, or have no root: an error, and no more.
        let _ = model.scores(sequences.view());
    }
    Ok(())
}

fn pictures(path: &Path) -> Result<(), String> {
    let _ = ckn::vision::io::read_labels(path);
    said(ckn::vision::io::read_images(path))
}

fn cifar(path: &Path) -> Result<(), String> {
    said(ckn::vision::io::read_cifar10(&[path]))
}

fn picture(path: &Path) -> Result<(), String> {
    let folder = path.parent().unwrap_or(path);
    said(ckn::vision::io::read_pictures(folder))
}

fn network(path: &Path) -> Result<(), String> {
    let text = fs::read_to_string(path).map_err(|error| format!("input.toml: {error}"))?;
    // The parser quotes what it does not like; the command makes that fit for a terminal.
    let recipe: ImageRecipe = match toml::from_str(&text) {
        Ok(recipe) => recipe,
        Err(_) => return Err("input.toml is no network".to_owned()),
    };
    let shape = ckn::core::image::MapShape { height: 28, width: 28, channels: 1 };
    let checked = recipe.check(shape).and_then(|()| recipe.parameters(shape));
    checked.map(drop).map_err(|error| format!("input.toml: {error}"))
}

/// A training of four sequences, to go on with.
struct Lesson {
    sequences: EncodedSequences,
    labels: Vec<f64>,
    network: Network,
}

impl Lesson {
    fn new() -> anyhow::Result<Self> {
        let mut sequences = EncodedSequences::new(Alphabet::Dna);
        for (at, letters) in ["ACGTTGCAACGT", "ACGTTGGAACGT", "TTTTTGCAAAAA", "GATTACAGATTA"].into_iter().enumerate() {
            sequences.push(&format!("s{at}"), letters.as_bytes())?;
        }
        let config = NetworkConfig::of_one_layer(4, 2, 4).check()?;
        let network = Network::random(config, &mut Seed(0).stream("network"))?;
        Ok(Self { sequences, labels: vec![1.0, 1.0, 0.0, 0.0], network })
    }

    fn go_on(&self, state: Option<TrainerState>) -> Result<TrainerState, ckn::train::Error> {
        let config = TrainConfig { epochs: 3, validation: 0.5, ..TrainConfig::default() }.check()?;
        let view = self.sequences.view();
        let mut engine = SliceEngine::new(view, &self.network)?;
        let data = TrainingData::of_one_task(view, &self.labels);
        let mut trainer = match state {
            Some(state) => Trainer::resume(config, &mut engine, data, &self.network, state, &mut Ignore)?,
            None => {
                let split = Split { training: vec![0, 2], validation: vec![1, 3] };
                Trainer::with_split(config, &mut engine, data, split, self.network.clone(), &mut Ignore)?
            }
        };
        let _ = trainer.step(&mut Ignore)?;
        Ok(trainer.state())
    }
}

fn fit_a_little() -> anyhow::Result<TrainerState> {
    Ok(Lesson::new()?.go_on(None)?)
}

fn of_training(state: &TrainerState) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    ciborium::into_writer(state, &mut bytes).context("a state cannot be written")?;
    Ok(bytes)
}

fn state(path: &Path) -> Result<(), String> {
    let bytes = fs::read(path).map_err(|error| error.to_string())?;
    let state: TrainerState =
        ciborium::from_reader(bytes.as_slice()).map_err(|_| "input.cbor is no state".to_owned())?;
    let lesson = Lesson::new().map_err(|error| error.to_string())?;
    lesson.go_on(Some(state)).map(drop).map_err(|error| format!("input.cbor: {error}"))
}
