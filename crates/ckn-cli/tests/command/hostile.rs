//! Input that asks for too much, that lies, or that would be obeyed.

use std::io::Read;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::support::{Bench, gzip, letters, read};

/// Text that little compressed data stand for.
fn bomb(head: &str, line: &str) -> Vec<u8> {
    gzip([head.as_bytes(), &line.as_bytes().repeat((96 << 20) / line.len())].concat().as_slice())
}

/// A model whose card or configuration says something else.
fn forged(model: &[u8], from: &str, to: &str) -> Vec<u8> {
    let (prefix, rest) = model.split_first_chunk::<8>().unwrap();
    let (header, data) = rest.split_at(u64::from_le_bytes(*prefix) as usize);
    let header = String::from_utf8(header.to_vec()).unwrap();
    assert!(header.contains(from), "{header}");
    let header = header.replacen(from, to, 1);
    [&(header.len() as u64).to_le_bytes()[..], header.as_bytes(), data].concat()
}

#[test]
fn compressed_files_that_expand_without_end_are_refused() {
    let bench = Bench::new();
    bench.train("--out m").ok();
    bench.write("bomb.fa.gz", bomb(">a\n", "ACGTTGCAACGGTTAACCAGTACGATTAGCAGTACGATGACATAGCAGT\n"));
    bench.write("many.fa.gz", bomb("", ">a\nACGTTGCAACG\n"));
    bench.write("bomb.fq.gz", bomb("@a\n", "ACGTTGCAACGGTTAACCAGTACGATTAGCAGTACGATGACATAGCAGT"));
    bench.write("bomb.tsv.gz", bomb("sequence\tlabel\n", "ACGTTGCAACG\t1\n"));
    bench.write("bomb.bed.gz", bomb("", "chr1\t1\t2\n"));
    bench.write("bomb.vcf.gz", bomb("##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\n", "chr1\t5\t.\tA\tC\n"));
    for words in [
        "predict m bomb.fa.gz",
        "predict m many.fa.gz",
        "predict m bomb.fq.gz",
        "train --tsv bomb.tsv.gz --out n",
        "train --bed bomb.bed.gz --genome pos.fa --out n",
        "variants m --vcf bomb.vcf.gz --genome pos.fa",
    ] {
        bench
            .run(words)
            .refused(3, &["bomb.", "expand"].map(|word| if words.contains("many") { "expand" } else { word }));
    }
    // What is not held may be as long as it likes.
    bench.run("scan m bomb.fa.gz --threshold 1e9").ok();
}

#[test]
fn no_more_is_held_than_may_be() {
    let bench = Bench::new();
    bench.train("--out m").ok();
    let text: String = (0..20_000).map(|i| format!(">s{i}\n{}\n", letters(i, 60))).collect();
    bench.write("much.fa", text);
    bench.run("train --pos much.fa --out n --memory 1M").refused(3, &["much.fa, line", "1 MiB", "--memory"]);
    bench.run("train --pos pos.fa --out n --filters 65536").refused(2, &["MiB of memory", "--memory"]);
    bench.run("train --pos pos.fa --out n --memory much").refused(2, &["512M or 8G"]);
    // A model is a file from elsewhere.
    let model = read(bench.path("m"));
    let huge = forged(&model, "\\\"filters\\\":4", "\\\"filters\\\":65536");
    bench.write("huge", huge);
    bench.run("predict huge pos.fa").refused(3, &["huge"]);
}

#[test]
fn a_compressed_file_that_was_cut_between_two_blocks_is_seen() {
    let bench = Bench::new();
    bench.train("--out m").ok();
    let block = |text: &[u8]| {
        let mut encoder =
            flate2::GzBuilder::new().extra(b"BC\x02\0\0\0".to_vec()).write(Vec::new(), flate2::Compression::fast());
        std::io::Write::write_all(&mut encoder, text).unwrap();
        encoder.finish().unwrap()
    };
    let pos = read(bench.path("pos.fa"));
    let (first, second) = pos.split_at(2000);
    bench.write("whole.fa.gz", [block(first), block(second), block(b"")].concat());
    bench.write("cut.fa.gz", [block(first), block(second)].concat());
    assert_eq!(bench.run("predict m whole.fa.gz").ok().stdout, bench.run("predict m pos.fa").ok().stdout);
    bench.run("predict m cut.fa.gz").refused(3, &["cut.fa.gz", "truncated"]);
}

#[test]
fn an_index_that_does_not_fit_its_genome_is_seen() {
    let bench = Bench::new();
    bench.train("--out m").ok();
    let lines: String = (0..20_000).map(|i| letters(i, 10) + "\n").collect();
    bench.write("g.fa", format!(">chr1\n{lines}"));
    let scan = |region: &str| bench.run(&format!("scan m g.fa --threshold -1e9 --region {region}"));
    bench.write("g.fa.fai", "chr1\t200000\t6\t10\t11\n");
    scan("chr1:150000-150200").ok();
    for index in [
        "chr1\t200000\t6\t20\t21\n",
        "chr1\t200000\t6\t11\t12\n",
        "chr1\t200000\t6\t10\t12\n",
        "chr1\t200000\t7\t10\t11\n",
        "chr2\t200000\t6\t10\t11\n",
        "",
        "chr1\t200000\n",
    ] {
        bench.write("g.fa.fai", index);
        scan("chr1:150000-150200").refused(3, &["g.fa"]);
    }
    // Fewer letters than there are, or more, come out while they are read.
    bench.write("g.fa.fai", "chr1\t199990\t6\t10\t11\n");
    scan("chr1:199900-199990").refused(3, &["g.fa.fai"]);
    bench.write("g.fa.fai", "chr1\t100\t6\t10\t11\n");
    bench.run("scan m g.fa --threshold 1e9").refused(3, &["g.fa.fai"]);
    std::fs::remove_file(bench.path("g.fa.fai")).unwrap();
    for region in ["chr1:18446744073709551616-18446744073709551700", "chr1:5-99999999999999999999999"] {
        scan(region).refused(2, &["--region"]);
    }
}

#[test]
fn a_packed_genome_whose_records_share_their_bytes_is_damaged() {
    let bench = Bench::new();
    bench.train("--out m").ok();
    let (records, runs) = (20_000u32, 50_000u32);
    let place = 16 + records * 11;
    let mut file = [0x1a41_2743u32, 0, records, 0].map(u32::to_le_bytes).concat();
    for record in 0..records {
        file.push(6);
        file.extend(format!("{record:06}").bytes());
        file.extend(place.to_le_bytes());
    }
    file.extend([1_000_000, runs].map(u32::to_le_bytes).concat());
    file.extend((0..runs).flat_map(|run| (2 * run).to_le_bytes()));
    file.extend((0..runs).flat_map(|_| 1u32.to_le_bytes()));
    file.extend(vec![0; 8 + 250_000]);
    bench.write("g.2bit", file);
    let start = Instant::now();
    bench.run("scan m g.2bit").refused(3, &["g.2bit", "damaged"]);
    assert!(start.elapsed() < Duration::from_secs(5));
}

#[cfg(unix)]
#[test]
fn pipes_and_devices_are_not_waited_for() {
    let bench = Bench::new();
    bench.train("--out m").ok();
    let fifo = |name: &str| assert!(Command::new("mkfifo").arg(bench.path(name)).status().unwrap().success());
    fifo("pos.fa.fai");
    bench.run("scan m pos.fa").refused(3, &["pos.fa.fai"]);
    std::fs::remove_file(bench.path("m.run.json")).unwrap();
    fifo("m.run.json");
    bench.run("evaluate m --pos pos.fa --neg neg.fa").ok();
    fifo("table.tsv");
    bench.run("cv --tsv table.tsv --by group --folds 2").refused(2, &["table.tsv"]);
    for words in ["sweep /dev/zero --out r", "image train --images pos.fa --labels pos.fa --network /dev/zero --out i"]
    {
        let run = bench.run(words);
        assert!(run.status == 3, "{words}: {}", run.stderr);
    }
    bench.run("wilcoxon /dev/zero --first a --second b").refused(3, &["/dev/zero", "MiB"]);
}

#[test]
fn nothing_that_a_terminal_or_a_spreadsheet_obeys_gets_through() {
    let bench = Bench::new();
    bench.train("--out m").ok();
    let hostile = ["\u{1b}[31mred", "\u{9b}2J", "a\u{7}b", "\u{202e}gnp.exe", "a\rb"];
    for name in hostile {
        for arguments in [
            vec!["predict", "m", name],
            vec!["predict", name, "pos.fa"],
            vec!["predict", "m", "pos.fa", "--output", name],
            vec!["train", "--pos", "pos.fa", "--out", name, name],
            vec!["sweep", name, "--out", "r"],
            vec!["image", "train", "--images", name, "--labels", name, "--network", name, "--out", "i"],
        ] {
            let output = bench.command("").args(&arguments).output().unwrap();
            let said = String::from_utf8(output.stderr).unwrap() + &String::from_utf8_lossy(&output.stdout);
            assert!(matches!(output.status.code(), Some(2 | 3)), "{arguments:?}: {said}");
            let obeyed = |letter: char| (letter.is_control() && letter != '\n') || letter == '\u{202e}';
            assert!(!said.contains(obeyed), "{arguments:?}: {said:?}");
        }
    }
    bench.write("bad.toml", "[[branch]]\n\u{1b}[31m = 1\n");
    let run = bench.run("image train --images pos.fa --labels pos.fa --network bad.toml --out i");
    assert!(!run.stderr.contains('\u{1b}'), "{:?}", run.stderr);
    for id in ["=1+1", "@SUM(A1)", "-1+cmd|'x'!A"] {
        bench.write("formula.fa", format!(">{id}\n{}\n", letters(1, 60)));
        bench.run("predict m formula.fa").refused(3, &["formula.fa, record 1, line 1"]);
    }
    let model = forged(&read(bench.path("m")), "ACGT", "TGCA");
    bench.write("turned", model);
    for words in ["predict turned pos.fa", "motifs turned --pos pos.fa --neg neg.fa --out d", "scan turned pos.fa"] {
        bench.run(words).refused(3, &["ACGT", "TGCA"]);
    }
}

#[test]
fn what_cannot_be_kept_is_refused_before_it_is_trained() {
    let bench = Bench::new();
    bench.run("train --pos pos.fa --neg neg.fa --class-weight 1e308 --out n").refused(2, &["--class-weight"]);
    let rows = |class: &dyn Fn(u64) -> String, count: u64| -> String {
        let rows = (0..count).map(|i| format!("{}\t{}\n", letters(i, 30), class(i)));
        std::iter::once("sequence\tlabel\n".to_owned()).chain(rows).collect()
    };
    bench.write("long.tsv", rows(&|i| if i % 3 == 0 { "a".repeat(300) } else { format!("c{}", i % 3) }, 60));
    bench.run("train --tsv long.tsv --out n").refused(3, &["256"]);
    bench.write("many.tsv", rows(&|i| format!("c{}", i / 2), 2600));
    bench.run("train --tsv many.tsv --out n").refused(3, &["1024"]);
    bench.write("numbers.tsv", rows(&|i| (i / 2).to_string(), 2600));
    bench.run("train --tsv numbers.tsv --loss multinomial --out n").refused(2, &["1024"]);
    let tasks: String = (0..1100).map(|task| format!("\tlabel:t{task}")).collect();
    let row = |i: u64| format!("{}{}\n", letters(i, 30), format!("\t{}", i % 2).repeat(1100));
    bench.write("tasks.tsv", format!("sequence{tasks}\n{}", (0..8).map(row).collect::<String>()));
    bench.run("train --tasks tasks.tsv --out n --filters 4 --width 8").refused(3, &["1024"]);
    assert!(!bench.path("n").exists());
}

#[test]
fn measurements_of_any_size_have_a_report() {
    let bench = Bench::new();
    for (name, label) in [("large", "1e17"), ("small", "1e-300"), ("negative", "-1e17")] {
        let rows: String = (0..60).map(|i| format!("{}\t{label}\n", letters(i, 30))).collect();
        bench.write("same.tsv", format!("sequence\tlabel\n{rows}"));
        let train = "train --tsv same.tsv --loss squared --model network --filters 4 --width 8 --epochs 2";
        let run = bench.run(&format!("{train} --out {name} --report {name}_report"));
        assert!(matches!(run.status, 0 | 5), "{label}: {}", run.stderr);
        assert!(bench.path(&format!("{name}_report/report.html")).exists());
    }
}

#[cfg(unix)]
#[test]
fn a_manifest_writes_nothing_outside_its_folder() {
    let bench = Bench::new();
    bench.write("victim", "mine");
    for column in ["report", "scores", "out", "force", "quiet", "checkpoint", "resume", "database"] {
        bench.write("m.tsv", format!("name\tpos\tneg\tfilters\t{column}\nrow\tpos.fa\tneg.fa\t4\tvictim\n"));
        bench.run("sweep m.tsv --out r").refused(3, &["m.tsv", column]);
    }
    for row in ["../row", "a/b", ".hidden", "", "a b"] {
        bench.write("m.tsv", format!("name\tpos\tneg\tfilters\n{row}\tpos.fa\tneg.fa\t4\n"));
        bench.run("sweep m.tsv --out r").refused(3, &["m.tsv, line 2", "file name"]);
    }
    bench.write("m.tsv", "name\tpos\tneg\nrow\t-\tneg.fa\n");
    bench.run("sweep m.tsv --out r").refused(3, &["m.tsv, line 2", "standard input"]);
    bench.write("m.tsv", "name\tpos\tneg\nrow\tpos\0.fa\tneg.fa\n");
    bench.run("sweep m.tsv --out r").refused(3, &["m.tsv, line 2", "zero byte"]);
    assert_eq!(read(bench.path("victim")), b"mine");
}

/// A sweep whose row takes long, and the process of the row.
#[cfg(target_os = "linux")]
fn long_sweep(bench: &Bench) -> (std::process::Child, String) {
    bench.write("m.tsv", "name\tpos\tneg\tfilters\twidth\tepochs\nrow\tpos.fa\tneg.fa\t4\t8\t1000000\n");
    let mut sweep = bench.command("sweep m.tsv --out r -q");
    let sweep = sweep.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let child = std::iter::repeat_with(|| {
        std::thread::sleep(Duration::from_millis(20));
        // Threads of the sweep start the rows.
        let tasks = std::fs::read_dir(format!("/proc/{}/task", sweep.id())).unwrap();
        let of_task =
            |task: std::io::Result<std::fs::DirEntry>| std::fs::read_to_string(task.ok()?.path().join("children")).ok();
        let all: String = tasks.filter_map(of_task).collect();
        all.split_whitespace().next().map(str::to_owned)
    });
    let child = child.take(500).flatten().next();
    (sweep, child.unwrap())
}

#[cfg(target_os = "linux")]
fn ends(process: &str) -> bool {
    let alive = || std::fs::read_to_string(format!("/proc/{process}/stat")).is_ok_and(|stat| !stat.contains(") Z "));
    (0..500).any(|_| {
        std::thread::sleep(Duration::from_millis(20));
        !alive()
    })
}

#[cfg(target_os = "linux")]
#[test]
fn a_sweep_takes_its_rows_with_it() {
    let bench = Bench::new();
    for signal in ["-KILL", "-INT", "-TERM"] {
        let (mut sweep, row) = long_sweep(&bench);
        std::thread::sleep(Duration::from_millis(200));
        assert!(Command::new("kill").args([signal, &sweep.id().to_string()]).status().unwrap().success());
        let status = sweep.wait().unwrap();
        assert!(ends(&row), "{signal}: the row lives on");
        if signal != "-KILL" {
            assert_eq!(status.code(), Some(130), "{signal}");
        }
    }
    // The row is open, and so is one whose model was taken away.
    let table = bench.run("sweep m.tsv --out r --collect").ok().stdout;
    assert!(table.contains("row\topen"), "{table}");
    bench.write("m.tsv", "name\tpos\tneg\tfilters\twidth\tepochs\nrow\tpos.fa\tneg.fa\t4\t8\t2\n");
    assert!(bench.run("sweep m.tsv --out r").ok().stdout.contains("row\tdone"));
    std::fs::remove_file(bench.path("r/row.ckn")).unwrap();
    let table = bench.run("sweep m.tsv --out r --collect").ok().stdout;
    assert!(table.contains("row\topen"), "{table}");
}

#[test]
fn a_record_of_another_model_is_not_believed() {
    let bench = Bench::new();
    bench.train("--out m").ok();
    let run = bench.run("evaluate m --pos pos.fa --neg neg.fa").ok();
    assert!(run.stderr.contains("120 of 120 test sequences"), "{}", run.stderr);
    // As a kill between two files leaves it.
    bench.run("train --pos pos.fa --neg neg.fa --filters 5 --width 8 --epochs 2 -q --out n").ok();
    std::fs::copy(bench.path("n"), bench.path("m")).unwrap();
    let run = bench.run("evaluate m --pos pos.fa --neg neg.fa").ok();
    assert!(run.stderr.contains("m.run.json is the record of another model"), "{}", run.stderr);
}

#[test]
fn what_killed_runs_left_is_swept() {
    let bench = Bench::new();
    let left = bench.write(".ckn-abcdef.part", "half a model");
    let past = std::time::SystemTime::now() - Duration::from_secs(3600);
    std::fs::File::options().write(true).open(&left).unwrap().set_modified(past).unwrap();
    bench.train("--out m").ok();
    assert!(!left.exists());
}

#[cfg(target_os = "linux")]
#[test]
fn a_training_ends_with_its_terminal() {
    let bench = Bench::new();
    let words = "train --pos pos.fa --neg neg.fa --filters 4 --width 8 --epochs 1000000 --out m";
    let mut child = bench.command(words).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    std::thread::sleep(Duration::from_millis(500));
    assert!(Command::new("kill").args(["-HUP", &child.id().to_string()]).status().unwrap().success());
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130), "{said}");
    bench.run("predict m pos.fa").ok();
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_no_fault_of_the_input() {
    let bench = Bench::new();
    bench.train("--out m").ok();
    for words in ["predict m pos.fa", "shuffle pos.fa", "scan m pos.fa --threshold -1e9", "info m"] {
        let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
        let output = bench.command(words).stdout(full).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.code() == Some(2) && said.contains("make space"), "{words}: {said}");
    }
    bench.write("short.fa", ">a\nACGT\n");
    bench.run("scan m short.fa --fpr 1e-3").refused(3, &["short.fa"]);
}
