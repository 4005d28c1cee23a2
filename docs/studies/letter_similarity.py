#!/usr/bin/env python3
"""What letters that have something in common bring: the tables of docs/comparisons.md.

    python3 docs/studies/letter_similarity.py CKN DATA FOLDER

CKN is the program; DATA holds protein/ (antimicrobial peptides), fastsk/ (protein families) and encode/ (transcription factors), as
published; FOLDER takes models and results, which are not made twice. An hour on one core.
"""

import gzip
import statistics
import subprocess
import sys
from pathlib import Path

CKN, DATA, FOLDER = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
PEPTIDES = ["protein/AMP_train_common.fa.gz", "protein/non_AMP_train_balanced.fa.gz"]
TESTED = ["protein/AMP_test_common.fa.gz", "protein/non_AMP_test_balanced.fa.gz"]


def auroc(name, training, test):
    """Of a test set by a model that is trained, unless its result is there."""
    result = FOLDER / f"{name}.tsv"
    if not result.exists():
        run = [CKN, "train", *training, "-q", "--threads", "1", "--force", "--out", FOLDER / "model.ckn"]
        subprocess.run(run, check=True, stdout=subprocess.DEVNULL)
        run = [CKN, "evaluate", FOLDER / "model.ckn", *test, "--out", result]
        subprocess.run(run, check=True)
    header, row = result.read_text().splitlines()
    return float(row.split("\t")[header.split("\t").index("auroc")])


def table(family, part):
    """A FASTA whose names are labels, as a table."""
    path = FOLDER / f"{family}.{part}.tsv"
    lines = gzip.open(DATA / f"fastsk/{family}.{part}.fasta.gz", "rt").read().split(">")[1:]
    rows = [(line.split()[0], "".join(line.split()[1:])) for line in lines]
    text = "".join(f"s{number}\t{sequence}\t{label}\n" for number, (label, sequence) in enumerate(rows))
    path.write_text("id\tsequence\tlabel\n" + text)
    return path


def over_seeds(name, seeds, rule, training, test):
    option = ["--letter-similarity", rule] if rule else []
    found = [auroc(f"{name}_{rule}_{seed}", [*training, *option, "--seed", str(seed)], test) for seed in range(seeds)]
    print(f"{name}\t{rule or 'none'}\t{statistics.mean(found):.4f}\t{statistics.stdev(found):.4f}", flush=True)
    return statistics.mean(found)


FOLDER.mkdir(parents=True, exist_ok=True)
print("set\tsimilarity\tmean\tsd")
for rule in ["", "blosum62:0.5", "blosum62:1", "blosum62:2"]:
    protein = ["--alphabet", "protein", "--short", "pad", "--filters", "64"]
    positives, negatives = (DATA / path for path in PEPTIDES)
    peptides = [*protein, "--pos", positives, "--neg", negatives, "--allow-duplicates", "--width", "8"]
    test = ["--pos", DATA / TESTED[0], "--neg", DATA / TESTED[1]]
    over_seeds("peptides_max", 5, rule, [*peptides, "--pooling", "max", "--sigma", "0.5"], test)
    over_seeds("peptides_mean", 5, rule, [*peptides, "--pooling", "mean", "--sigma", "0.6", "--l2", "1e-4"], test)
    for family in ["1.1", "2.31", "3.25"]:
        of_family = ["--tsv", table(family, "train"), "--width", "6", "--sigma", "0.5", "--epochs", "40"]
        for pooling in ["max", "mean"]:
            training = [*protein, *of_family, "--pooling", pooling]
            over_seeds(f"{family}_{pooling}", 5, rule, training, ["--tsv", table(family, "test")])
for rule in ["", "transitions:0.2", "transitions:0.5"]:
    means = []
    for path in sorted((DATA / "encode").glob("*_AC.seq.gz")):
        name = path.name.removesuffix("_AC.seq.gz")
        training = ["--seq", path, "--mode", "top", "--model", "network"]
        means.append(over_seeds(name, 3, rule, training, ["--seq", path.with_name(f"{name}_B.seq.gz")]))
    print(f"ten sets\t{rule or 'none'}\t{statistics.mean(means):.4f}\tNA")
