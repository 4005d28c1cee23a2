use std::fmt::Write as _;

use crate::support::{Bench, Run, gzip, letters, read};

/// Rows of a table without its header, each split into its cells.
fn rows(table: &str) -> Vec<Vec<&str>> {
    table.lines().skip(1).map(|line| line.split('\t').collect()).collect()
}

fn scores(bench: &Bench, model: &str, sequences: &str) -> Vec<f64> {
    bench.write("asked.fa", sequences);
    let run = bench.run(&format!("predict {model} asked.fa --allow-duplicates")).ok();
    rows(&run.stdout).iter().map(|row| row[1].parse().unwrap()).collect()
}

fn number(cell: &str) -> f64 {
    cell.parse().unwrap()
}

#[test]
fn contributions_and_the_baseline_sum_to_what_predict_says() {
    let bench = Bench::new();
    bench.write("some.fa", ">a\nACGTTGACACGTGACGTTAACGGT\n>b\nttgNcarcgtgactt\n>a\nACGTTGACACG\n");
    for model in ["max --strands max", "mean --pooling mean --l2 1e-3"] {
        bench.train(&format!("--out {model}")).ok();
        let model = model.split(' ').next().unwrap();
        let run = bench.run(&format!("attribute {model} some.fa --allow-duplicates --threads 1")).ok();
        let baseline = run.stderr.split("baseline, ").nth(1).unwrap().split([',', ' ']).next().map(number);
        let found = rows(&run.stdout);
        assert_eq!(run.stdout.lines().next(), Some("id\tposition\tletter\tcontribution"));
        assert_eq!(found.len(), 24 + 15 + 11);
        assert_eq!(found[24..28].iter().map(|row| row[2]).collect::<String>(), "TTGN");
        assert_eq!((found[24][0], found[24][1], found[38][1]), ("b", "0", "14"));
        let expected = scores(&bench, model, &String::from_utf8(read(bench.path("some.fa"))).unwrap());
        for (range, score) in [0..24, 24..39, 39..50].into_iter().zip(expected) {
            let sum: f64 = found[range].iter().map(|row| number(row[3])).sum();
            // Of the better strand, baselines differ.
            if !run.stderr.contains(" to ") {
                assert!((sum + baseline.unwrap() - score).abs() < 1e-9, "{model}: {sum} {score} {}", run.stderr);
            }
        }
        bench.write("packed.fa.gz", gzip(&read(bench.path("some.fa"))));
        let again = bench.run(&format!("attribute {model} packed.fa.gz --allow-duplicates -q --out o --force")).ok();
        assert!(again.stdout.is_empty() && again.stderr.is_empty(), "{}", again.stderr);
        assert_eq!(String::from_utf8(read(bench.path("o"))).unwrap(), run.stdout);
    }
    bench.run("attribute max some.fa").refused(3, &["record 1", "record 3", "--allow-duplicates"]);
}

#[test]
fn substitutions_score_as_predict_scores_them() {
    let bench = Bench::new();
    let sequence = "ACGTTGACACGTGACGTNAACGGT";
    bench.write("some.fa", format!(">a\n{sequence}\n>b\nACGTACGT\n"));
    bench.train("--out max --strands max").ok();
    bench.run("train --pos pos.fa --neg neg.fa --model deepbind --calibrations 0 --epochs 2 -q --out other").ok();
    for model in ["max", "other"] {
        let run = bench.run_with_input(&format!("mutagenesis {model} -"), &read(bench.path("some.fa"))).ok();
        assert!(run.stderr.contains("97 substitutions in 2 sequences"), "{}", run.stderr);
        let found = rows(&run.stdout);
        assert_eq!(run.stdout.lines().next(), Some("id\tposition\tref\talt\tbefore\tafter\tdifference"));
        assert_eq!(found.len(), 23 * 3 + 4 + 8 * 3);
        let mut changed = format!(">x\n{sequence}\n");
        for row in &found[..23 * 3 + 4] {
            let at: usize = row[1].parse().unwrap();
            assert_eq!(row[2], &sequence[at..=at]);
            writeln!(changed, ">x\n{}{}{}", &sequence[..at], row[3], &sequence[at + 1..]).unwrap();
        }
        let expected = scores(&bench, model, &changed);
        for (row, score) in found.iter().zip(&expected[1..]) {
            let (before, after, difference) = (number(row[4]), number(row[5]), number(row[6]));
            assert!((before - expected[0]).abs() < 1e-9 && (after - score).abs() < 1e-9, "{model} {row:?} {score}");
            assert!((after - before - difference).abs() < 1e-9);
        }
        assert_eq!(bench.run(&format!("mutagenesis {model} some.fa --threads 1 -q")).ok().stdout, run.stdout);
    }
}

#[test]
fn short_sequences_are_lengthened_where_the_model_says_so_and_one_output_is_chosen() {
    let bench = Bench::new();
    bench.write("short.fa", ">a\nACGTA\n");
    bench.train("--out refuses").ok();
    for command in ["attribute", "mutagenesis"] {
        bench.run(&format!("{command} refuses short.fa")).refused(3, &["`a` (short.fa, record 1, line 1)", "needs 8"]);
    }
    bench.train("--short pad --out pads").ok();
    assert_eq!(rows(&bench.run("attribute pads short.fa").ok().stdout).len(), 5);
    assert_eq!(rows(&bench.run("mutagenesis pads short.fa").ok().stdout).len(), 15);
    bench.run("train --task x=pos.fa,neg.fa --task y=neg.fa,pos.fa --width 8 --filters 4 --epochs 2 -q --out two").ok();
    for words in ["attribute two pos.fa", "mutagenesis two pos.fa"] {
        bench.run(words).refused(2, &["x or y", "--output"]);
        bench.run(&format!("{words} --output z")).refused(2, &["no output z", "x, y"]);
        let [x, y] = ["x", "y"].map(|name| bench.run(&format!("{words} --output {name}")).ok().stdout);
        assert!(x != y && x.lines().count() == y.lines().count());
    }
    bench.run("attribute refuses pos.fa --output x").refused(2, &["without a name"]);
    bench.run("attribute refuses pos.fa --out refuses --force").refused(2, &["named twice"]);
    bench.run("attribute refuses pos.fa --out neg.fa").refused(2, &["--force"]);
    bench.run("mutagenesis refuses nowhere.fa").refused(3, &["nowhere.fa", "check its name"]);
    bench.run("mutagenesis neg.fa pos.fa").refused(3, &["neg.fa is not a usable model"]);
}

/// A model, a genome and calls on it, whose outcomes are known.
fn variants_bench() -> (Bench, String) {
    let bench = Bench::new();
    bench.train("--out m --strands max").ok();
    let mut chromosome = letters(9, 3_000);
    chromosome.replace_range(1_000..1_008, "CACGTGAC");
    chromosome.replace_range(2_000..2_001, "N");
    bench.write("genome.fa", format!(">chr1 long\n{}\n>chr2\n{}\n", chromosome.to_lowercase(), letters(10, 40)));
    let letter = |at: usize| &chromosome[at..=at];
    let other = |at: usize| if letter(at) == "A" { "C" } else { "A" };
    let mut calls = String::from("##fileformat=VCFv4.5\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\n");
    for at in [400, 1_002, 1_005, 1_500] {
        writeln!(calls, "chr1\t{}\trs{at}\t{}\t{}\t9", at + 1, letter(at), other(at)).unwrap();
    }
    writeln!(calls, "1\t1004\tboth\t{0}\t{1},{0}GG,<DEL>\t9", letter(1_003), other(1_003)).unwrap();
    writeln!(calls, "chr1\t1004\tdeletion\t{}\t{}\t9", &chromosome[1_003..1_007], letter(1_003)).unwrap();
    writeln!(calls, "chr1\t401\twrong\t{}\t{}\t9", other(400), letter(400)).unwrap();
    writeln!(calls, "chr1\t3001\tpast\tA\tC\t9\nchr2\t5\tend\t{}\tN\t9", &letters(10, 40)[4..5]).unwrap();
    writeln!(calls, "chr9\t5\t.\tA\tC\t9\nchr1\t2001\tunknown\tA\tC\t9\nchr1\t700\tnone\tA\t.\t9").unwrap();
    bench.write("calls.vcf", calls);
    (bench, chromosome)
}

fn statuses(run: &Run) -> Vec<String> {
    rows(&run.stdout).iter().map(|row| format!("{} {}", row[2], row[10])).collect()
}

#[test]
fn variants_score_as_predict_scores_their_windows_and_every_row_has_an_outcome() {
    let (bench, chromosome) = variants_bench();
    let run = bench.run("variants m --vcf calls.vcf --genome genome.fa").ok();
    let expected = [
        "rs400 ok",
        "rs1002 ok",
        "rs1005 ok",
        "rs1500 ok",
        "both ok",
        "both ok",
        "both symbolic",
        "deletion ok",
        "wrong reference_mismatch",
        "past outside",
        "end near_end",
        ". unknown_chromosome",
        "unknown ok",
        "none no_alternative",
    ];
    assert_eq!(statuses(&run), expected);
    let words = ["14 variants: 8 ok, 1 reference_mismatch, 1 symbolic, 1 no_alternative", "`1` is `chr1`"];
    assert!(words.iter().all(|word| run.stderr.contains(word)), "{}", run.stderr);
    let found = rows(&run.stdout);
    // Sequences of 60 letters were trained on: the letter that changes is the 31st.
    let mut windows = String::new();
    for (at, allele) in [(400, found[0][4]), (1_002, found[1][4]), (1_005, found[2][4]), (1_500, found[3][4])] {
        let window = &chromosome[at - 30..at + 30];
        writeln!(windows, ">x\n{window}\n>x\n{}{allele}{}", &window[..30], &window[31..]).unwrap();
    }
    for (row, both) in found.iter().zip(scores(&bench, "m", &windows).chunks(2)) {
        assert!((number(row[5]) - both[0]).abs() < 1e-9 && (number(row[6]) - both[1]).abs() < 1e-9, "{row:?} {both:?}");
        assert!((number(row[6]) - number(row[5]) - number(row[7])).abs() < 1e-9);
    }
    // The planted site is where a letter counts, and where effects are larger than elsewhere.
    assert!(number(found[1][7]) < 0.0 && number(found[1][9]) < 0.1 && number(found[0][9]) > number(found[1][9]));
    for row in &found {
        assert_eq!(row[10] == "ok", row[5] != "NA" && row[9] != "NA", "{row:?}");
        if row[10] == "ok" {
            // Of log-odds: the logarithm of the probability that there is none.
            let negative = |score: &str| -(1.0 / (1.0 + number(score).exp())).ln();
            assert!((negative(row[6]) - negative(row[5]) - number(row[8])).abs() < 1e-9, "{row:?}");
        }
    }
    // In any form, and any number of threads.
    bench.write("calls.vcf.gz", gzip(&read(bench.path("calls.vcf"))));
    let table = "chrom\tpos\tid\tref\talt\n".to_owned()
        + &found.iter().map(|row| row[..5].join("\t") + "\n").collect::<String>();
    bench.write("calls.tsv", table);
    for words in ["--vcf calls.vcf.gz --threads 1", "--tsv calls.tsv", "--vcf calls.vcf --window 60 --out o"] {
        let other = bench.run(&format!("variants m {words} --genome genome.fa -q")).ok();
        assert!(other.stderr.is_empty());
        let got =
            if words.contains("--out") { String::from_utf8(read(bench.path("o"))).unwrap() } else { other.stdout };
        assert_eq!(got, run.stdout, "{words}");
    }
    let piped = bench.run_with_input("variants m --vcf - --genome genome.fa", &read(bench.path("calls.vcf"))).ok();
    assert_eq!(piped.stdout, run.stdout);
    let without = bench.run("variants m --vcf calls.vcf --genome genome.fa --null 0").ok();
    assert!(rows(&without.stdout).iter().zip(&found).all(|(row, other)| row[9] == "NA" && row[..9] == other[..9]));
    let seeded = bench.run("variants m --vcf calls.vcf --genome genome.fa --seed 1").ok();
    assert!(seeded.stdout != run.stdout && statuses(&seeded) == expected);
}

#[test]
fn a_vcf_is_copied_with_the_numbers_of_its_variants() {
    let (bench, _) = variants_bench();
    let calls = String::from_utf8(read(bench.path("calls.vcf"))).unwrap();
    let full = calls.replacen("\t9\n", "\t9\tPASS\tDP=3;CKN_EFFECT=7\tGT\t0/1\n", 1);
    bench.write("full.vcf", full.replacen("##file", "##INFO=<ID=CKN_EFFECT,Number=A>\n##file", 1));
    let table = bench.run("variants m --vcf full.vcf --genome genome.fa --annotate scored.vcf").ok();
    let found = rows(&table.stdout);
    let scored = String::from_utf8(read(bench.path("scored.vcf"))).unwrap();
    let (header, lines): (Vec<&str>, Vec<&str>) = scored.lines().partition(|line| line.starts_with('#'));
    assert_eq!(header.iter().filter(|line| line.starts_with("##INFO=<ID=CKN_")).count(), 3);
    assert!(header.last().unwrap().starts_with("#CHROM"));
    let cells: Vec<Vec<&str>> = lines.iter().map(|line| line.split('\t').collect()).collect();
    let info = |row: usize| cells[row][7].split(';').collect::<Vec<_>>();
    let six = |text: &str| format!("{:.6}", number(text));
    let want = [
        "DP=3".to_owned(),
        format!("CKN_DIFFERENCE={}", six(found[0][7])),
        format!("CKN_EFFECT={}", six(found[0][8])),
        format!("CKN_P={}", found[0][9]),
    ];
    assert_eq!(info(0), want);
    assert_eq!(cells[0][8..], ["GT", "0/1"]);
    // One number for each alternative allele; what a row lacks is filled, and what has no score is a point.
    assert_eq!(info(4)[1], format!("CKN_EFFECT={},{},.", six(found[4][8]), six(found[5][8])));
    assert_eq!(cells[4][6], ".");
    assert!(lines.last().unwrap().ends_with("CKN_DIFFERENCE=.;CKN_EFFECT=.;CKN_P=."));
    assert_eq!(lines.len(), calls.lines().filter(|line| !line.starts_with('#')).count());
    // What was annotated reads as before, and is not annotated twice.
    bench.run("variants m --vcf scored.vcf --genome genome.fa --annotate again.vcf -q").ok();
    assert_eq!(String::from_utf8(read(bench.path("again.vcf"))).unwrap(), scored);
    bench
        .run("variants m --vcf scored.vcf --genome genome.fa --annotate scored.vcf --force")
        .refused(2, &["named twice"]);
    bench.run("variants m --vcf scored.vcf --genome genome.fa --annotate a.vcf.gz").refused(2, &["bgzip"]);
    bench.run("variants m --vcf - --genome genome.fa --annotate a.vcf").refused(2, &["once"]);
    bench.run("variants m --tsv calls.tsv --genome genome.fa --annotate a.vcf").refused(2, &["--vcf"]);
}

#[test]
fn pairs_of_sequences_are_compared_without_a_genome() {
    let bench = Bench::new();
    bench.train("--out m --strands max").ok();
    let (plain, site) = (letters(3, 60), letters(3, 26) + "CACGTGAC" + &letters(4, 30));
    bench.write("ref.fa", format!(">site\n{site}\n>same\n{plain}\n>cut\n{site}\n"));
    let broken = site.replacen("CACGTG", "CACATG", 1);
    bench.write("alt.fa", format!(">other name\n{broken}\n>same\n{plain}\n>cut\n{}\n", site.replacen("CACG", "", 1)));
    let run = bench.run("variants m --ref ref.fa --alt alt.fa --null 500").ok();
    let found = rows(&run.stdout);
    assert!(run.stderr.contains("3 pairs of sequences, 1 of the same letters"), "{}", run.stderr);
    let of = |file: &str| scores(&bench, "m", &String::from_utf8(read(bench.path(file))).unwrap());
    for ((row, before), after) in found.iter().zip(of("ref.fa")).zip(of("alt.fa")) {
        assert!((number(row[1]) - before).abs() < 1e-9 && (number(row[2]) - after).abs() < 1e-9, "{row:?}");
        assert!((number(row[2]) - number(row[1]) - number(row[3])).abs() < 1e-9);
    }
    assert_eq!(found.iter().map(|row| row[0]).collect::<Vec<_>>(), ["site", "same", "cut"]);
    assert!(number(found[0][5]) < 0.1 && number(found[1][5]) == 1.0 && number(found[0][3]) < 0.0);
    // The motif that is broken is named, that which is cut too, and none where nothing changes.
    let column = |letter: usize| (0..4).map(|other| if other == letter { "1 " } else { "0 " }).collect::<String>();
    let matrix: Vec<String> = [1, 0, 1, 2, 3, 2].map(column).to_vec();
    bench.write("box.meme", format!("MEME version 4\n\nALPHABET= ACGT\n\nMOTIF ebox\nletter-probability matrix: alength= 4 w= 6 nsites= 20\n{}\n", matrix.join("\n")));
    let named =
        bench.run("variants m --ref ref.fa --alt alt.fa --null 0 --motifs box.meme --motif-p-value 1e-3 -q").ok();
    assert!(named.stdout.lines().next().unwrap().ends_with("\tp_value\tmotif\tmotif_before\tmotif_after"));
    let named = rows(&named.stdout);
    assert_eq!([named[0][6], named[1][6], named[2][6]], ["ebox", "NA", "ebox"]);
    assert!(number(named[0][7]) > number(named[0][8]) + 2.0);
    let high = "variants m --ref ref.fa --alt alt.fa --motifs box.meme --motif-p-value 1e-9";
    bench.run(high).refused(2, &["--motif-p-value"]);
    bench.run("variants m --ref ref.fa --alt alt.fa --motif-p-value 1e-3").refused(2, &["--motifs"]);
    bench.write("fewer.fa", format!(">a\n{plain}\n"));
    let refused = ["ref.fa has 3 sequences and fewer.fa has 1 sequence", "give as many"];
    bench.run("variants m --ref ref.fa --alt fewer.fa").refused(3, &refused);
    bench.run("variants m --ref ref.fa --alt ref.fa --genome g").refused(2, &["--genome"]);
    bench.run("variants m --ref ref.fa").refused(2, &["--alt"]);
    bench.write("short.fa", ">a\nACG\n>b\nACG\n>c\nACG\n");
    bench.run("variants m --ref ref.fa --alt short.fa").refused(3, &["short.fa", "3 letters"]);
}

#[test]
fn variants_that_cannot_be_read_are_refused_with_place_and_remedy() {
    let (bench, _) = variants_bench();
    let good = "##fileformat=VCFv4.5\n#CHROM\tPOS\tID\tREF\tALT\nchr1\t700\t.\tN\tC\n";
    for (line, says) in [("chr1\t700\t.\tA", "4 columns"), ("chr1\tx\t.\tA\tC", "`x`"), ("chr1\t700\t.\tA\tJ", "`J`")] {
        bench.write("bad.vcf", format!("{good}{line}\n"));
        let words = "variants m --vcf bad.vcf --genome genome.fa --out o";
        bench.run(words).refused(3, &["bad.vcf, line 4", says]);
    }
    bench.write("bad.tsv", "chrom\tpos\tref\nchr1\t7\tA\n");
    bench.run("variants m --tsv bad.tsv --genome genome.fa").refused(3, &["bad.tsv", "`alt`"]);
    bench.write("calls.vcf.gz", &gzip(&read(bench.path("calls.vcf")))[..60]);
    bench.run("variants m --vcf calls.vcf.gz --genome genome.fa").refused(3, &["truncated"]);
    bench.run("variants m --vcf calls.vcf --genome nowhere.fa").refused(3, &["nowhere.fa", "check its name"]);
    bench.run("variants m --vcf calls.vcf --genome genome.fa --window 7").refused(2, &["7 letters", "at least 8"]);
    bench.run("variants m --vcf calls.vcf --genome genome.fa --window 0").refused(2, &["window"]);
    bench.run("variants m --vcf - --genome -").refused(2, &["once"]);
    bench.run("variants m --genome genome.fa").refused(2, &["--vcf"]);
    bench.run("variants m --vcf calls.vcf --tsv bad.tsv --genome genome.fa").refused(2, &["--tsv"]);
    bench.run("variants m --vcf calls.vcf --genome genome.fa --out calls.vcf --force").refused(2, &["named twice"]);
    assert!(!bench.path("o").exists());
    bench.write("lengths.fa", String::from_utf8(read(bench.path("pos.fa"))).unwrap() + ">longer\nACGTACGTACGTACG\n");
    bench.run("train --pos lengths.fa --neg neg.fa --filters 4 --width 8 --epochs 2 -q --out varied").ok();
    bench.run("variants varied --vcf calls.vcf --genome genome.fa").refused(2, &["15 to 60", "--window"]);
    assert_eq!(bench.run("variants varied --vcf calls.vcf --genome genome.fa --window 21").ok().status, 0);
}
