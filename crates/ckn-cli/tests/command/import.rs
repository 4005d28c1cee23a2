use std::path::{Path, PathBuf};

use crate::support::{Bench, gzip, read};

fn bench() -> Bench {
    Bench { folder: tempfile::TempDir::new().unwrap() }
}

fn golden() -> serde_json::Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../reference/golden/gkm.json");
    serde_json::from_slice(&read(path)).unwrap()
}

fn numbers(value: &serde_json::Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|number| number.as_f64().unwrap()).collect()
}

fn fasta(sequences: impl IntoIterator<Item = impl AsRef<str>>) -> String {
    (1..).zip(sequences).map(|(number, letters)| format!(">s{number}\n{}\n", letters.as_ref())).collect()
}

/// The second column of a table.
fn scores(table: &str) -> Vec<f64> {
    table.lines().skip(1).map(|line| line.split('\t').nth(1).unwrap().parse().unwrap()).collect()
}

/// The folder of a published data set, if it is there.
#[expect(clippy::print_stdout, reason = "a skipped test says so")]
fn data(name: &str) -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let folder = std::env::var_os("CKN_DATA").map_or_else(beside, PathBuf::from).join(name);
    if folder.is_dir() {
        return Some(folder);
    }
    println!("skipped: {} does not exist (set CKN_DATA)", folder.display());
    None
}

fn close(got: &[f64], want: &[f64], tolerance: f64, what: &str) {
    assert_eq!(got.len(), want.len(), "{what}");
    for (got, want) in got.iter().zip(want) {
        assert!((got - want).abs() <= tolerance * want.abs().max(1.0), "{what}: {got} {want}");
    }
}

#[test]
fn all_six_kernels_score_as_their_definitions() {
    let bench = bench();
    let golden = golden();
    for (index, case) in golden["models"].as_array().unwrap().iter().enumerate() {
        let text = case["model"].as_str().unwrap();
        bench.write("m.txt", if index % 2 == 0 { text.as_bytes().to_vec() } else { gzip(text.as_bytes()) });
        bench.write("q.fa", fasta(case["queries"].as_array().unwrap().iter().map(|query| query.as_str().unwrap())));
        let run = bench.run("import m.txt --out m.ckn --force").ok();
        assert!(run.stdout.is_empty() && run.stderr.contains("6 vectors"), "{}", run.stderr);
        assert!(run.stderr.contains("2 letters other than A, C, G and T"), "{}", run.stderr);
        assert_eq!(run.stderr.contains("not compared with scores of gkmpredict"), text.contains("wgkm"));
        let got = scores(&bench.run("predict m.ckn q.fa").ok().stdout);
        let kernel = text.lines().nth(1).unwrap();
        // Tables of counts are in single precision.
        let tolerance = if kernel.ends_with("gkm_cnt") { 1e-6 } else { 1e-10 };
        close(&got, &numbers(&case["scores"]), tolerance, kernel);
    }
}

#[test]
fn class_one_is_above_zero_whichever_the_file_names_first() {
    let bench = bench();
    let golden = golden();
    let case = &golden["models"][4];
    let text = case["model"].as_str().unwrap().replace("label 1 -1", "label -1 1").replace("norc 1\n", "");
    bench.write("m.txt", text);
    bench.write("q.fa", fasta(case["queries"].as_array().unwrap().iter().map(|query| query.as_str().unwrap())));
    let run = bench.run("import m.txt --out m.ckn").ok();
    assert!(run.stderr.contains("class -1 first"), "{}", run.stderr);
    let want: Vec<f64> = numbers(&case["scores"]).iter().map(|score| -score).collect();
    close(&scores(&bench.run("predict m.ckn q.fa").ok().stdout), &want, 1e-10, "turned");
    let info = bench.run("info m.ckn").ok().stdout;
    for word in [
        "kind\tkernel-machine",
        "loss\tsquared-hinge",
        "training.imported_from\tLS-GKM",
        "data.imported\t",
        "estimated-words",
    ] {
        assert!(info.contains(word), "no {word}: {info}");
    }
}

#[test]
fn weights_of_words_sum_over_windows_and_come_back() {
    let bench = bench();
    bench.write("w.txt", "AAC\t0.5\nACG\t-1.25\nCGT\t-1.25\nGAC\t2\n");
    bench.write("q.fa", fasta(["AACGT", "GTTNAAC", "CCCCC"]));
    let run = bench.run("import w.txt --out w.ckn").ok();
    assert!(run.stderr.contains("weights of 4 words of 3 letters, the same on both strands"), "{}", run.stderr);
    assert!(run.stderr.contains("58 words in no row"), "{}", run.stderr);
    // AAC, ACG, CGT; GTT is the reverse complement of AAC.
    close(&scores(&bench.run("predict w.ckn q.fa").ok().stdout), &[0.5 - 2.5, 1.0, 0.0], 1e-12, "joined");
    let table = bench.run("kmers w.ckn").ok();
    assert!(table.stderr.is_empty() && table.stdout.starts_with("kmer\treverse_complement\tweight\nAAA\tTTT\t"));
    assert_eq!(table.stdout.lines().count(), 1 + 32);
    let top = bench.run("kmers w.ckn --top 2 --deltasvm").ok().stdout;
    assert_eq!(top.lines().map(|line| line.split('\t').next().unwrap()).collect::<Vec<_>>(), ["GAC", "AAC"]);
    for more in ["", "--deltasvm"] {
        bench.run(&format!("kmers w.ckn {more} --out again.txt --force")).ok();
        bench.run("import again.txt --out again.ckn --force").ok();
        close(&scores(&bench.run("predict again.ckn q.fa").ok().stdout), &[-2.0, 1.0, 0.0], 1e-12, more);
    }
    bench.write("w.txt", "AC 1\nGT 2\n");
    let run = bench.run("import w.txt --out one.ckn").ok();
    assert!(run.stderr.contains("different on the two strands"), "{}", run.stderr);
    bench.write("q.fa", fasta(["ACGT"]));
    close(&scores(&bench.run("predict one.ckn q.fa").ok().stdout), &[3.0], 1e-12, "one strand");
    assert_eq!(bench.run("kmers one.ckn").ok().stdout.lines().count(), 1 + 16);
}

#[test]
fn weights_of_words_are_those_of_the_model_and_alone_its_scores() {
    let bench = bench();
    let golden = golden();
    for case in [0, 2, 4] {
        bench.write("m.txt", golden["models"][case]["model"].as_str().unwrap());
        bench.run("import m.txt --out m.ckn --force").ok();
        let run = bench.run("kmers m.ckn --alone --deltasvm").ok();
        let rows: Vec<(&str, f64)> = run
            .stdout
            .lines()
            .map(|line| line.split_once('\t').map(|(word, weight)| (word, weight.parse().unwrap())).unwrap())
            .collect();
        assert!(rows.windows(2).all(|pair| pair[0].0 < pair[1].0) && rows.len() == 512, "{}", rows.len());
        bench.write("words.fa", fasta(rows.iter().map(|row| row.0)));
        let want = scores(&bench.run("predict m.ckn words.fa").ok().stdout);
        close(&rows.iter().map(|row| row.1).collect::<Vec<_>>(), &want, 1e-6, "alone");
        assert!(bench.run("kmers m.ckn").ok().stderr.contains("unit norm"));
    }
}

#[test]
fn models_without_weights_of_words_say_why() {
    let bench = Bench::new();
    let golden = golden();
    for (case, says) in [(6, "exponential"), (7, "by their place"), (9, "exponential")] {
        bench.write("m.txt", golden["models"][case]["model"].as_str().unwrap());
        bench.run("import m.txt --out m.ckn --force").ok();
        bench.run("kmers m.ckn --out o").refused(3, &[says, "ckn mutagenesis"]);
    }
    bench.train("--out network").ok();
    bench.run("kmers network --out o").refused(3, &["network is a CKN model"]);
    bench.run("kmers pos.fa --out o").refused(3, &["pos.fa is not a usable model"]);
    bench.run("kmers m.ckn --width 7").refused(2, &["kernels of 5 letters"]);
    bench.run("kmers m.ckn --top 0").refused(2, &["--top"]);
    bench.run("kmers m.ckn --out pos.fa").refused(2, &["--force"]);
    assert!(!bench.path("o").exists());
}

#[test]
fn what_is_no_model_is_refused_and_nothing_is_written() {
    let bench = bench();
    let golden = golden();
    let text = golden["models"][4]["model"].as_str().unwrap();
    let packed = gzip(text.as_bytes());
    for (content, says) in [
        (Vec::new(), "empty"),
        (b"\n\n".to_vec(), "empty"),
        (packed[..packed.len() / 2].to_vec(), "decompress"),
        (text.replace("gkm_esttrunc", "linear").into_bytes(), "bad, line 2: kernel_type is `linear`"),
        (text.replace("L 5", "L 14").into_bytes(), "L is `14`"),
        (text.replace("total_sv 6", "total_sv 7").into_bytes(), "bad"),
        (text.lines().take(13).fold(String::new(), |text, line| text + line + "\n").into_bytes(), "vectors"),
        (format!("{text}nan ACGTACGT\n").into_bytes(), "`nan` is no finite number"),
        (format!("{text}1 ACG-ACGT\n").into_bytes(), "letter 4 is `-`"),
        (b"ACGT 1\nACG 2\n".to_vec(), "bad, line 2"),
        (b">a\nACGT\n".to_vec(), "neither the head"),
        (vec![0, 159, 146, 150], "neither the head"),
    ] {
        bench.write("bad", content);
        let run = bench.run("import bad --out o");
        run.refused(3, &["bad", says]);
        assert!(!bench.path("o").exists());
    }
    bench.write("m.txt", text);
    bench.run("import m.txt").refused(2, &["--out"]);
    bench.run("import m.txt --out m.txt --force").refused(2, &["twice"]);
    bench.run("import missing --out o").refused(3, &["missing"]);
    bench.write("o", "precious");
    bench.run("import m.txt --out o").refused(2, &["--force"]);
    assert_eq!(read(bench.path("o")), b"precious");
    bench.run_with_input("import - --out o --force", text.as_bytes()).ok();
    bench.run("info o").ok();
}

#[test]
fn published_models_score_as_gkmpredict() {
    let Some(folder) = data("gkmsvm") else { return };
    let bench = bench();
    let table = |name: &str| -> Vec<f64> {
        let text = String::from_utf8(read(folder.join(name))).unwrap();
        text.lines().map(|line| line.split('\t').nth(1).unwrap().parse().unwrap()).collect()
    };
    let predict = |model: &str, file: &str| -> Vec<f64> {
        scores(
            &bench.run(&format!("predict {model}.ckn {} --allow-duplicates", folder.join(file).display())).ok().stdout,
        )
    };
    for model in ["nfe2", "selex_ATF2", "selex_ATOH1"] {
        bench.run(&format!("import {} --out {model}.ckn", folder.join(format!("{model}.model.txt.gz")).display())).ok();
        let (positives, negatives) = (predict(model, "nfe2.test.fa.gz"), predict(model, "nfe2.neg.test.fa.gz"));
        if model == "nfe2" {
            close(&positives, &table("nfe2.test.gkmpredict.tsv"), 1e-5, model);
            close(&negatives, &table("nfe2.neg.test.gkmpredict.tsv"), 1e-5, model);
        } else {
            close(&[positives, negatives].concat(), &table(&format!("{model}.nfe2_test.gkmpredict.tsv")), 1e-5, model);
        }
    }
}

#[test]
fn a_published_model_with_an_exponential_scores_as_brute_force() {
    let Some(folder) = data("attribution") else { return };
    let bench = bench();
    let packed = std::fs::File::open(folder.join("tal1_gata.simdata.gz")).unwrap();
    let text = std::io::read_to_string(flate2::read::MultiGzDecoder::new(packed)).unwrap();
    let sequences = text.lines().skip(1).take(40).map(|line| line.split('\t').nth(1).unwrap());
    bench.write("q.fa", fasta(sequences));
    bench.run(&format!("import {} --out m.ckn", folder.join("tal1_gata.gkmrbf.model.txt.gz").display())).ok();
    let want = numbers(&golden()["tal1_gata"]["scores"]);
    close(&scores(&bench.run("predict m.ckn q.fa").ok().stdout), &want, 1e-9, "gkmrbf");
}
