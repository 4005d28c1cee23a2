#![allow(clippy::print_stdout, clippy::unwrap_used, missing_docs)]
use ckn_bio::{
    Alphabet,
    motif::{compare::*, *},
};
use ckn_interpret::*;
fn main() {
    let uniform = Background::uniform(Alphabet::Dna);
    let ic = |m: &Probabilities| m.information(&uniform).unwrap().iter().sum::<f64>();
    let mut bad = 0;
    let mut all = 0;
    let mut log = 0.0;
    for name in std::env::args().skip(1) {
        let model = ckn_model::Model::load(std::path::Path::new(&format!("{name}.ckn"))).unwrap();
        let planted: Vec<Vec<[f64; 4]>> =
            serde_json::from_slice(&std::fs::read(format!("{name}.json")).unwrap()).unwrap();
        let motifs = project_motifs(&model, &Default::default()).unwrap();
        for t in &planted {
            let t = Probabilities::new(Alphabet::Dna, t.iter().flatten().copied().collect()).unwrap();
            let best = motifs
                .iter()
                .map(|m| {
                    let p = &m.motif.probabilities;
                    let a = best_alignment(p, &t, t.width().min(p.width()).min(8), true).unwrap().unwrap();
                    (a.correlation, a.overlap, ic(p) / ic(&t), p.consensus())
                })
                .max_by(|a, b| a.0.total_cmp(&b.0))
                .unwrap();
            all += 1;
            let r = best.2;
            if !(0.8..=1.2).contains(&r) || best.0 < 0.9 {
                bad += 1;
                print!("{name}:r{:.2},ov{}/{},ic{:.2} ", best.0, best.1, t.width(), r);
            }
            log += r.ln().powi(2);
        }
    }
    println!("\n  bad {bad}/{all} rms log {:.3}", (log / all as f64).sqrt());
}
