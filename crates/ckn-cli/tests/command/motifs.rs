use std::collections::{BTreeMap, BTreeSet};

use ckn::bio::Alphabet;
use ckn::bio::io::write_fasta;
use ckn::bio::motif::compare::best_alignment;
use ckn::bio::motif::{Background, Motif, Probabilities, read_motifs};
use ckn::bio::simulate::{PlantedStrands, Positions, Simulation};
use ckn::core::seed::Seed;

use crate::support::{Bench, read, turned};

/// A motif of consensus letters with this probability each; `N` is any letter alike.
pub(crate) fn motif(consensus: &str, probability: f64) -> Motif {
    let column = |letter: char| {
        let rest = (1.0 - probability) / 3.0;
        "ACGT".chars().map(move |other| match letter {
            'N' => 0.25,
            'R' if "AG".contains(other) => 0.45,
            'R' => 0.05,
            _ if letter == other => probability,
            _ => rest,
        })
    };
    let values = consensus.chars().flat_map(column).collect();
    Motif::new(consensus, Probabilities::new(Alphabet::Dna, values).unwrap())
}

/// Positives and negatives to train on, and others to judge by.
pub(crate) fn bench(motifs: &[Motif], strands: PlantedStrands, positions: Positions) -> Bench {
    let bench = Bench::new();
    for (name, number, seed) in [("train", 400, 1), ("test", 200, 2)] {
        let mut simulation = Simulation::new(name, number, 80);
        let negatives = Simulation::new(&format!("{name}_negative"), number, 80).run(Seed(seed)).unwrap().sequences;
        (simulation.motifs, simulation.strands) = (motifs.to_vec(), strands);
        simulation.positions = positions.clone();
        let positives = simulation.run(Seed(seed)).unwrap().sequences;
        for (sequences, file) in [(&positives, format!("{name}_pos.fa")), (&negatives, format!("{name}_neg.fa"))] {
            let mut text = Vec::new();
            write_fasta(&mut text, sequences, 60).unwrap();
            bench.write(&file, text);
        }
    }
    bench
}

impl Bench {
    fn train_on_simulated(&self, more: &str) {
        let epochs = if more.contains("--epochs") { "" } else { "--epochs 15" };
        self.run(&format!("train --pos train_pos.fa --neg train_neg.fa --out m.ckn -q --force {epochs} {more}")).ok();
    }

    pub(crate) fn found(&self, folder: &str) -> Vec<Motif> {
        read_motifs(self.path(folder).join("motifs.meme")).unwrap().motifs
    }
}

/// Correlation with the planted motif at the best offset, and the ratio of information.
pub(crate) fn likeness(found: &Motif, planted: &Motif) -> (f64, f64) {
    let (found, planted) = (&found.probabilities, &planted.probabilities);
    let overlap = found.width().min(planted.width()).min(8);
    let alignment = best_alignment(found, planted, overlap, true).unwrap().unwrap();
    let uniform = Background::uniform(Alphabet::Dna);
    let bits = |matrix: &Probabilities| matrix.information(&uniform).unwrap().iter().sum::<f64>();
    (alignment.correlation, bits(found) / bits(planted))
}

#[test]
fn a_planted_motif_is_found_by_both_ways_and_nothing_else_is_shown() {
    let planted = motif("TGACRTCATG", 0.9);
    let bench = bench(std::slice::from_ref(&planted), PlantedStrands::Both, Positions::Uniform);
    bench.train_on_simulated("");
    let run = bench.run("motifs m.ckn --pos test_pos.fa --neg test_neg.fa --out sites").ok();
    let found = bench.found("sites");
    assert_eq!(found.len(), 1, "{}", run.stdout);
    let (correlation, information) = likeness(&found[0], &planted);
    assert!(correlation > 0.95 && (0.8..=1.2).contains(&information), "{correlation} {information}");
    // 100 of 200 positives were held out, and the motif is in all of them.
    assert_eq!((run.cell("positives"), run.cell("negatives")), ("100".into(), "100".into()));
    assert!(run.cell("positives_with_hit").parse::<usize>().unwrap() > 80);
    assert!(run.cell("q_value").parse::<f64>().unwrap() < 1e-20);
    assert!(run.cell("uniqueness").parse::<f64>().unwrap() > 0.2);
    let table = std::fs::read_to_string(bench.path("sites/motifs.tsv")).unwrap();
    assert_eq!(table, run.stdout);
    let logo = std::fs::read_to_string(bench.path("sites/logos/motif_1.svg")).unwrap();
    assert!(logo.starts_with("<svg") && logo.contains("motif_1"));
    assert!(bench.path("sites/logos/motif_1.reverse.svg").exists());
    let fasta = std::fs::read_to_string(bench.path("test_pos.fa")).unwrap();
    let record = |record: &str| {
        let mut lines = record.lines();
        (lines.next().unwrap().to_owned(), lines.collect::<String>())
    };
    let sequences: BTreeMap<String, String> = fasta.split('>').skip(1).map(record).collect();
    let sites = std::fs::read_to_string(bench.path("sites/sites.bed")).unwrap();
    let mut with_site = BTreeSet::new();
    for line in sites.lines() {
        let cells: Vec<&str> = line.split('\t').collect();
        let (start, end): (usize, usize) = (cells[1].parse().unwrap(), cells[2].parse().unwrap());
        let window = &sequences[cells[0]][start..end];
        let letters = if cells[5] == "+" { window.to_owned() } else { turned(window) };
        assert_eq!((cells[3], cells[6]), ("motif_1", letters.as_str()), "{line}");
        with_site.insert(cells[0]);
    }
    assert_eq!(with_site.len().to_string(), run.cell("positives_with_hit"));

    let run = bench.run("motifs m.ckn --out projected").ok();
    let best = &bench.found("projected")[0];
    let (correlation, information) = likeness(best, &planted);
    assert!(correlation > 0.9 && (0.8..=1.25).contains(&information), "{correlation} {information}");
    assert!(run.cell("anchor_auroc").parse::<f64>().unwrap() > 0.8);
    assert_eq!((run.cell("q_value"), run.cell("sites")), ("NA".into(), "NA".into()));
    assert!(!bench.path("projected/sites.bed").exists());
    // Every anchor has a verdict, and those of the motif are read.
    let anchors = std::fs::read_to_string(bench.path("projected/anchors.tsv")).unwrap();
    let verdict = |anchor: &str| {
        let row = anchors.lines().skip(1).find(|line| line.split('\t').next() == Some(anchor));
        row.unwrap().rsplit('\t').next().unwrap().to_owned()
    };
    assert!(run.cell("anchors").split(',').all(|anchor| verdict(anchor) == "read"), "{anchors}");
    let verdicts: BTreeSet<String> = (0..16).map(|anchor| verdict(&anchor.to_string())).collect();
    assert!(verdicts.contains("lowers the score") && anchors.lines().count() == 17, "{anchors}");

    // By a χ² radius, those within it, and no others.
    bench.run("motifs m.ckn --tau 1e-9 --out near").ok();
    let near = std::fs::read_to_string(bench.path("near/anchors.tsv")).unwrap();
    for line in near.lines().skip(1) {
        let cells: Vec<&str> = line.split('\t').collect();
        let (input, radius, tau): (f64, f64, f64) =
            (cells[5].parse().unwrap(), cells[6].parse().unwrap(), cells[7].parse().unwrap());
        assert_eq!(input <= radius, tau <= 1e-9, "{line}");
        assert!(tau <= 1e-9 || cells[9] != "read", "{line}");
    }
    assert_ne!(near, anchors);
    bench.run("motifs m.ckn --tau 1 --out wrong").refused(2, &["between 0 and 1"]);
    bench.run("motifs --pos test_pos.fa --neg test_neg.fa --tau 0.1 --out wrong").refused(2, &["--tau"]);

    // Equal input, equal files; one thread or two.
    bench.run("motifs m.ckn --pos test_pos.fa --neg test_neg.fa --out again --threads 1").ok();
    for file in ["motifs.meme", "motifs.tsv", "logos/motif_1.svg"] {
        let read = |folder: &str| std::fs::read(bench.path(folder).join(file)).unwrap();
        assert!(read("sites") == read("again"), "{file}");
    }

    // A known motif names it, and another seed's model confirms it.
    let known = "MEME version 5\n\nALPHABET= ACGT\n\nMOTIF K1 CRE\nletter-probability matrix: alength= 4 w= 8\n\
        0 0 0 1\n0 0 1 0\n1 0 0 0\n0 1 0 0\n0.5 0 0.5 0\n0 0 0 1\n0 1 0 0\n1 0 0 0\n\
        MOTIF K2 other\nletter-probability matrix: alength= 4 w= 3\n1 0 0 0\n1 0 0 0\n1 0 0 0\n";
    bench.write("known.meme", known);
    bench.run("train --pos train_pos.fa --neg train_neg.fa --epochs 15 --out second.ckn -q --seed 5").ok();
    let words =
        "motifs m.ckn --pos test_pos.fa --neg test_neg.fa --database known.meme --restart second.ckn --out named";
    let run = bench.run(words).ok();
    assert_eq!(
        (run.cell("match"), run.cell("match_name"), run.cell("restarts")),
        ("K1".into(), "CRE".into(), "1/1".into())
    );
    assert_eq!(bench.found("named")[0].alternate.as_deref(), Some("CRE"));

    // Sequences of the training are noticed.
    let run = bench.run("motifs m.ckn --pos train_pos.fa --neg train_neg.fa --out known_data").ok();
    assert!(run.stderr.contains("sequences of the model's training"), "{}", run.stderr);
}

#[test]
fn two_motifs_at_a_distance_are_shown_as_two() {
    let (first, second) = (motif("GGATTCCA", 0.93), motif("CTTGACAC", 0.93));
    let positions = Positions::Given(vec![30, 44]);
    let bench = bench(&[first.clone(), second.clone()], PlantedStrands::Forward, positions);
    bench.train_on_simulated("");
    let run = bench.run("motifs m.ckn --pos test_pos.fa --neg test_neg.fa --out sites").ok();
    let found = bench.found("sites");
    assert_eq!(found.len(), 2, "{}", run.stdout);
    for planted in [&first, &second] {
        let best = found.iter().map(|found| likeness(found, planted)).max_by(|a, b| a.0.total_cmp(&b.0)).unwrap();
        assert!(best.0 > 0.9 && (0.8..=1.2).contains(&best.1), "{best:?}");
    }
    assert!(run.cell("central_p").parse::<f64>().unwrap() < 1e-6);
}

#[test]
fn a_motif_wider_than_the_filters_is_found_whole() {
    let planted = motif("TTACGGCATNNTGCCGTAAC", 0.9);
    let bench = bench(std::slice::from_ref(&planted), PlantedStrands::Both, Positions::Uniform);
    bench.train_on_simulated("");
    bench.run("motifs m.ckn --pos test_pos.fa --neg test_neg.fa --out sites").ok();
    let (correlation, information) = likeness(&bench.found("sites")[0], &planted);
    assert!(correlation > 0.95 && (0.8..=1.2).contains(&information), "{correlation} {information}");
}

#[test]
fn where_there_is_no_motif_none_is_shown() {
    let bench = bench(&[], PlantedStrands::Both, Positions::Uniform);
    bench.train_on_simulated("");
    for words in ["motifs m.ckn --out a", "motifs m.ckn --pos test_pos.fa --neg test_neg.fa --out b"] {
        let run = bench.run(words).ok();
        assert_eq!(run.stdout.lines().count(), 1, "{}", run.stdout);
        assert!(run.stderr.contains("no motif"), "{}", run.stderr);
    }
    assert!(bench.path("b/motifs.tsv").exists());
    assert_eq!(std::fs::read_dir(bench.path("b/logos")).unwrap().count(), 0);
}

#[test]
fn deeper_layers_are_told_as_combinations_and_detectors_are_read_from_sequences() {
    let bench = bench(&[motif("TGACGTCATG", 0.93)], PlantedStrands::Forward, Positions::Uniform);
    bench.train_on_simulated("--filters 6,3 --width 8,3 --sigma 0.3,0.6 --epochs 3");
    bench.run("motifs m.ckn --pos test_pos.fa --neg test_neg.fa --out deep").ok();
    let table = std::fs::read_to_string(bench.path("deep/combinations.tsv")).unwrap();
    assert!(table.starts_with("anchor\tweight\tposition\tmotif\tfirst_layer_anchor\tword\tstrength\n"));
    // Three anchors of three positions, two letters apart.
    let positions: Vec<&str> = table.lines().skip(1).map(|line| line.split('\t').nth(2).unwrap()).collect();
    assert!(positions.iter().all(|position| ["0", "2", "4"].contains(position)) && positions.len() >= 3, "{table}");

    bench.train_on_simulated("--model deepbind --calibrations 0");
    bench.run("motifs m.ckn --out none").refused(2, &["from sequences only"]);
    let run = bench.run("motifs m.ckn --pos test_pos.fa --neg test_neg.fa --out detectors").ok();
    assert_eq!((run.cell("function"), run.cell("uniqueness")), ("NA".into(), "NA".into()));
}

#[test]
fn mistakes_are_refused_before_anything_is_written() {
    let bench = Bench::new();
    bench.train("--out m.ckn").ok();
    let refused = |words: &str, status: i32, says: &[&str]| {
        bench.run(&format!("motifs {words}")).refused(status, says);
    };
    refused("m.ckn --by sites --out d", 2, &["--pos"]);
    refused("m.ckn --output A --out d", 2, &["no output `A`"]);
    refused("missing.ckn --out d", 3, &["missing.ckn"]);
    refused("m.ckn --max-q 0 --out d", 2, &["false discovery rate"]);
    refused("m.ckn --information 9 --out d", 2, &["between 0 and 4 bits"]);
    refused("m.ckn --out pos.fa", 2, &["no folder"]);
    bench.write("few.fa", ">a\nACGTACGTACGT\n>b\nACGT\n");
    refused("m.ckn --pos few.fa --neg neg.fa --out d", 3, &["1 positives", "at least 4"]);
    bench
        .write("known.meme", "MEME version 5\n\nALPHABET= ACGU\n\nMOTIF R\nletter-probability matrix: w= 1\n1 0 0 0\n");
    refused("m.ckn --database known.meme --out d", 3, &["RNA", "DNA"]);
    bench.write("broken.meme", "MEME version 5\n\nALPHABET= ACGT\n\nMOTIF R\nletter-probability matrix: w= 1\n1 0 0\n");
    refused("m.ckn --database broken.meme --out d", 3, &["broken.meme", "line 7"]);
    bench.train("--out other.ckn --alphabet rna").ok();
    refused("m.ckn --restart other.ckn --out d", 2, &["other.ckn"]);
    assert!(!bench.path("d").exists());

    bench.run("motifs m.ckn --out d").ok();
    refused("m.ckn --out d", 2, &["--force"]);
    bench.write("d/logos/motif_99.svg", "of an earlier run");
    bench.write("d/logos/mine.svg", "not ours");
    bench.run("motifs m.ckn --out d --force").ok();
    assert!(!bench.path("d/logos/motif_99.svg").exists() && bench.path("d/logos/mine.svg").exists());
}

#[test]
fn sequences_alone_have_motifs() {
    let bench = Bench::of(400);
    let run = bench.run("motifs --pos pos.fa --neg neg.fa --out d").ok();
    let rows: Vec<Vec<&str>> = run.stdout.lines().map(|line| line.split('\t').collect()).collect();
    assert_eq!((rows.len(), *rows[0].last().unwrap()), (2, "e_value"), "{}", run.stdout);
    assert_eq!(
        (rows[1][5], run.cell("found_in"), run.cell("direction")),
        ("NA", "sequences".into(), "enriched".into())
    );
    assert!(["CACGTGAC", "GTCACGTG"].iter().any(|site| rows[1][1].contains(site)), "{}", rows[1][1]);
    assert!(bench.path("d/logos/motif_1.svg").exists() && bench.path("d/motifs.meme").exists());

    // What a model shows is not shown again.
    bench.run("train --pos pos.fa --neg neg.fa --model network --strands max -q --out m").ok();
    let with = bench.run("motifs m --pos pos.fa --neg neg.fa --out e -q").ok().stdout;
    assert!(with.lines().nth(1).unwrap().contains("\tmodel\t"), "{with}");
    let alone = bench.run("motifs m --pos pos.fa --neg neg.fa --out f -q --model-only").ok().stdout;
    assert!(alone.lines().skip(1).all(|line| line.contains("\tmodel\t")), "{alone}");

    for (words, says) in [
        ("motifs --out g", "nothing to find motifs in"),
        ("motifs --pos pos.fa --neg neg.fa --by sites --out g", "--by"),
        ("motifs --pos pos.fa --neg neg.fa --model-only --out g", "--model-only"),
        ("motifs m --model-only --out g", "--model-only"),
        ("motifs m --pos pos.fa --alphabet rna --out g", "--alphabet"),
    ] {
        bench.run(words).refused(2, &[says]);
    }
}

#[test]
fn known_motifs_are_tested_and_the_enriched_come_first() {
    let bench = Bench::of(200);
    let motif = |name: &str, word: &str| -> String {
        let rows: String = word
            .bytes()
            .map(|letter| b"ACGT".map(|other| if other == letter { " 0.97" } else { " 0.01" }).concat() + "\n")
            .collect();
        format!(
            "MOTIF {name} called_{name}\nletter-probability matrix: alength= 4 w= {} nsites= 20\n{rows}\n",
            word.len()
        )
    };
    let known = [
        "MEME version 5\n\nALPHABET= ACGT\n\n".to_owned(),
        motif("other", "TTATTGGC"),
        motif("planted", "CACGTGAC"),
        motif("third", "GGGTTTAA"),
    ];
    bench.write("known.meme", known.concat());
    let run = bench.run("enrich known.meme --pos pos.fa --neg neg.fa").ok();
    let rows: Vec<Vec<&str>> = run.stdout.lines().skip(1).map(|line| line.split('\t').collect()).collect();
    assert_eq!(
        (rows.len(), rows[0][0], rows[0][1], rows[0][4], rows[0][5]),
        (1, "planted", "called_planted", "200", "200"),
        "{}",
        run.stdout
    );
    assert!(run.stderr.contains("1 of 3 motifs"), "{}", run.stderr);
    let all = bench.run("enrich known.meme --pos pos.fa --neg neg.fa --max-q 1 --out all.tsv -q").ok();
    assert!(all.stdout.is_empty() && all.stderr.is_empty());
    let table = String::from_utf8(read(bench.path("all.tsv"))).unwrap();
    let cell =
        |row: usize, at: usize| table.lines().nth(row).unwrap().split('\t').nth(at).unwrap().parse::<f64>().unwrap();
    // Benjamini and Hochberg: the best of three counts three times.
    assert!((cell(1, 13) / (3.0 * cell(1, 12)) - 1.0).abs() < 1e-3 && cell(3, 13) >= cell(2, 13), "{table}");
    bench.run("enrich known.meme --pos pos.fa --neg neg.fa --out all.tsv").refused(2, &["--force"]);
    bench.run("enrich pos.fa --pos pos.fa --neg neg.fa").refused(3, &["pos.fa"]);
}
