use crate::support::Bench;

#[test]
fn every_kind_of_model_says_what_it_is() {
    let bench = Bench::new();
    bench.train("--out network").ok();
    bench.run("train --task x=pos.fa,neg.fa --task y=neg.fa,pos.fa --filters 4 --epochs 2 -q --out tasks").ok();
    bench.run("train --pos pos.fa --neg neg.fa --model deepbind --calibrations 0 --epochs 2 -q --out deepbind").ok();
    bench.run("train --auto --pos pos.fa --neg neg.fa --budget 0 -q --out auto").ok();
    let common = ["alphabet", "architecture.letters", "training", "data.", "shortest_sequence\t", "format_version\t1"];
    for (model, says) in [
        ("network", &["kind\tCKN", "architecture.layers.1.width\t8", "held_out.auroc", "lengths.longest\t60"][..]),
        ("tasks", &["outputs\tx, y", "data.pos:x", "data.neg:y"]),
        ("deepbind", &["kind\tDeepBind", "architecture.strands"]),
        ("auto", &["kind\t"]),
    ] {
        let run = bench.run(&format!("info {model}")).ok();
        assert!(run.stdout.starts_with("field\tvalue\nkind\t"), "{}", run.stdout);
        assert!(run.stdout.lines().all(|line| line.split('\t').count() == 2), "{}", run.stdout);
        for word in says {
            assert!(run.stdout.contains(word), "{model}, no {word}: {}", run.stdout);
        }
        if model == "network" {
            assert!(common.iter().all(|word| run.stdout.contains(word)), "{}", run.stdout);
        }
        let json = bench.run(&format!("info {model} --json")).ok().stdout;
        let value: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(value["format_version"], 1);
        assert!(value["kind"].is_string() && value["architecture"].is_object() && value["data"].is_object());
        bench.run(&format!("info {model} --json --out {model}.json")).ok();
        assert_eq!(std::fs::read_to_string(bench.path(&format!("{model}.json"))).unwrap(), json);
    }
    bench.run("info pos.fa").refused(3, &["pos.fa is not a usable model"]);
    bench.run("info network --out pos.fa").refused(2, &["--force"]);
}
