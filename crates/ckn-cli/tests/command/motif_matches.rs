//! Known motifs that those found are like, and motifs of the negatives.

use std::collections::BTreeMap;

use ckn::bio::simulate::{PlantedStrands, Positions};

use crate::motif_files::{meme_of, words};
use crate::motifs::{bench, likeness, motif};
use crate::support::{Bench, read};

/// Rows of a table, each by the names of its columns.
pub(crate) fn rows(table: &str) -> Vec<BTreeMap<String, String>> {
    let mut lines = table.lines().map(|line| line.split('\t').map(str::to_owned));
    let header: Vec<String> = lines.next().unwrap().collect();
    lines.map(|cells| header.iter().cloned().zip(cells).collect()).collect()
}

fn text(bench: &Bench, file: &str) -> String {
    String::from_utf8(read(bench.path(file))).unwrap()
}

#[test]
fn all_known_motifs_that_one_is_like_are_those_of_compare() {
    let bench = bench(&[motif("TGACGTCATG", 0.9)], PlantedStrands::Both, Positions::Uniform);
    let alike = ["TGACGTCATG", "CATGACGTCA", "TGACGTCATT", "TGACGTCAT", "GACGTCATG", "TGACGTCATC", "TGACGTCA"];
    let mut known = words(60);
    known.extend(alike.iter().enumerate().map(|(at, word)| (format!("k{at}"), (*word).to_owned())));
    bench.write("known.meme", meme_of(&known));
    let run = bench.run("motifs --pos train_pos.fa --neg train_neg.fa --database known.meme --out found").ok();
    let found = rows(&text(&bench, "found/matches.tsv"));
    assert_eq!(found.iter().map(|row| row["rank"].as_str()).collect::<Vec<_>>(), ["1", "2", "3", "4", "5"]);
    assert!(found.iter().all(|row| row["motif"] == "motif_1" && row["target"].starts_with('k')), "{found:?}");
    assert_eq!((run.cell("match"), run.cell("match_q")), (found[0]["target"].clone(), found[0]["q_value"].clone()));
    // As the command that does nothing else has them, but for digits of the file between.
    let compared = rows(&bench.run("compare found/motifs.meme known.meme --max-q 0.05 --best 5 -q").ok().stdout);
    let of = |rows: &[BTreeMap<String, String>], target: &str, column: &str| {
        rows.iter().find(|row| row["target"] == target).unwrap()[column].clone()
    };
    for row in &found {
        for column in ["offset", "strand", "overlap"] {
            assert_eq!(row[column], of(&compared, &row["target"], column), "{column} {row:?}");
        }
        for column in ["p_value", "e_value", "q_value"] {
            let [here, there] =
                [row[column].clone(), of(&compared, &row["target"], column)].map(|cell| cell.parse::<f64>().unwrap());
            assert!((here / there - 1.0).abs() < 0.05, "{column} {here} {there}");
        }
        let [p_value, e_value] = ["p_value", "e_value"].map(|column| row[column].parse::<f64>().unwrap());
        assert!((e_value / (67.0 * p_value) - 1.0).abs() < 1e-3);
    }
    // Of another run into the same folder nothing is left.
    bench.run("motifs --pos train_pos.fa --neg train_neg.fa --out found --force").ok();
    assert!(!bench.path("found/matches.tsv").exists());
}

#[test]
fn a_motif_of_the_negatives_is_marked_and_its_sites_are_theirs() {
    let planted = motif("TGACGTCATG", 0.9);
    let bench = bench(std::slice::from_ref(&planted), PlantedStrands::Both, Positions::Uniform);
    let run = bench.run("motifs --pos train_neg.fa --neg train_pos.fa --out found").ok();
    assert_eq!(
        (run.stdout.lines().count(), run.cell("direction"), run.cell("found_in")),
        (2, "depleted".into(), "sequences".into()),
        "{}",
        run.stdout
    );
    assert!(likeness(&bench.found("found")[0], &planted).0 >= 0.9);
    let number = |column: &str| run.cell(column).parse::<f64>().unwrap();
    assert!(number("log2_ratio") < -2.0 && number("auroc") < 0.2 && number("shuffled_p") < 1e-10);
    assert!(number("negatives_with_hit") > 150.0 && number("positives_with_hit") < 20.0);
    // The larger of both p-values, over all motifs that were tested.
    let against_positives = 2.0 * number("fisher_p").min(number("rank_sum_p"));
    let tested = number("e_value") / against_positives.max(number("shuffled_p"));
    assert!(tested > 0.99 && (tested - tested.round()).abs() < 0.01, "{tested}");
    let sites = text(&bench, "found/sites.bed");
    let negatives = text(&bench, "train_pos.fa");
    assert!(sites.lines().count() > 150);
    assert!(sites.lines().all(|line| negatives.contains(&format!(">{}", line.split('\t').next().unwrap()))));
    // Without shuffled labels there is something, with them nothing; nor against shuffles, which have no motif.
    let shuffled = bench.run("shuffle train_pos.fa --out shuffled.fa").ok();
    assert!(shuffled.stdout.is_empty());
    let run = bench.run("motifs --pos train_pos.fa --neg shuffled.fa --out other").ok();
    assert!(!run.stdout.contains("depleted") && run.stdout.contains("enriched"), "{}", run.stdout);
}
