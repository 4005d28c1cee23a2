#![allow(clippy::print_stdout, clippy::unwrap_used, missing_docs)]
use ckn_bio::{
    Alphabet,
    motif::{compare::*, *},
};
use ckn_interpret::*;
fn main() {
    for name in std::env::args().skip(1) {
        let model = ckn_model::Model::load(std::path::Path::new(&format!("{name}.ckn"))).unwrap();
        let planted: Vec<Vec<[f64; 4]>> =
            serde_json::from_slice(&std::fs::read(format!("{name}.json")).unwrap()).unwrap();
        let pos = ckn_bio::io::read_sequences(format!("{name}_pos.fa"), Alphabet::Dna).unwrap();
        let uniform = Background::uniform(Alphabet::Dna);
        let ic = |m: &Probabilities| m.information(&uniform).unwrap().iter().sum::<f64>();
        for (way, motifs) in [
            ("projected", project_motifs(&model, &Default::default()).unwrap()),
            ("counted", count_motifs(&model, &pos, &Default::default()).unwrap()),
        ] {
            println!("== {name} {way}");
            for m in &motifs {
                let p = &m.motif.probabilities;
                print!(
                    "{:10} {:22} ic {:.2} f {:.2} share {:?} anchors {:?}",
                    m.motif.name,
                    p.consensus(),
                    ic(p),
                    m.function.unwrap(),
                    m.share,
                    m.anchors
                );
                for t in &planted {
                    let t = Probabilities::new(Alphabet::Dna, t.iter().flatten().copied().collect()).unwrap();
                    let a = best_alignment(p, &t, t.width().min(p.width()).min(8), true).unwrap().unwrap();
                    print!(
                        " [r {:.3} off {} ov {}/{} ic {:.2}]",
                        a.correlation,
                        a.offset,
                        a.overlap,
                        t.width(),
                        ic(p) / ic(&t)
                    );
                }
                println!();
            }
        }
    }
}
