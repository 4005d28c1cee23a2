"""P-values where the null hypothesis holds, and where composition makes it wrong: the numbers of docs/inference.md.

*Null.* 1,000 sets of 60 positives and 60 negatives of 60 random letters. `ckn differ` and the first word of `ckn words` are tested on labels that
mean nothing; the second word beside a first that stands in eight tenths of the positives and one tenth of the negatives. 500 sets of 120 positives and
150 negatives of 100 letters: `ckn enrich` with one motif of 8 letters. Prints how many p-values are at most 0.05, and the p-value of Kolmogorov and
Smirnov's test that all are uniform.

*Given.* 1,000 sets of 60 and 60 sequences of 60 random letters, of which C and G are 55 in 100 of the positives and 45 of the negatives: the same tests with
--given-gc, and without; the second word with it beside a first that stands in eight tenths of the positives and one tenth of the negatives.

*Composition.* Letters are random, but C and G are 60 in 100 of the positives and 40 of the negatives (50 sets of 200 and 200 sequences of 100 letters):
no motif, and yet labels are not exchangeable. Then with negatives like the positives: their dinucleotide shuffles; and for `ckn enrich`, contents that
overlap (means 0.55 and 0.47, of 300 and 900 sequences, standard deviation 0.08), with and without --match-gc, for a motif of C and G. Prints in how many of
the sets the p-value is at most 0.05, or a motif is shown.

Needs the command, and SciPy.

    python3 docs/studies/null_calibration.py target/release/ckn [null|given|composition]
"""

import random
import subprocess
import sys
import tempfile

from scipy.stats import kstest

SETS, EACH, LENGTH, WORD = 1000, 60, 60, "ACGTAA"
WORDS = ["words", "--width", "6", "--mismatches", "0", "--max-p", "1", "--permutations", "199"]
DIFFER = ["differ", "--profile", "gapped:6,4", "--permutations", "199"]

# Shares of positives and negatives with a word, the command, and the row that is tested.
TESTS = {
    "differ": ((0.0, 0.0), DIFFER, 0),
    "words, the first": ((0.0, 0.0), [*WORDS, "--most", "1"], 0),
    "words, the second": ((0.8, 0.1), [*WORDS, "--most", "2"], 1),
}


def sequences(stream, share, each=EACH, length=LENGTH, content=lambda stream: None):
    made = []
    for _ in range(each):
        strong = content(stream)
        weights = None if strong is None else [1 - strong, strong, strong, 1 - strong]
        letters = stream.choices("ACGT", weights, k=length)
        if stream.random() < share:
            start = stream.randrange(length - len(WORD) + 1)
            letters[start:start + len(WORD)] = WORD
        made.append("".join(letters))
    return made


def motif(word):
    rows = "".join(" ".join("0.91" if other == letter else "0.03" for other in "ACGT") + "\n" for letter in word)
    return f"MEME version 5\n\nALPHABET= ACGT\n\nMOTIF {word}\nletter-probability matrix: alength= 4 w= {len(word)}\n{rows}"


class Bench:
    """A folder of sequences, and the command."""

    def __init__(self, command, folder):
        self.command, self.folder = command, folder

    def write(self, name, made):
        with open(f"{self.folder}/{name}", "w") as file:
            file.writelines(f">{name[:3]}{number}\n{letters}\n" for number, letters in enumerate(made))

    def write_motif(self, word):
        with open(f"{self.folder}/motif.meme", "w") as file:
            file.write(motif(word))
        return f"{self.folder}/motif.meme"

    def rows(self, seed, *arguments, negatives=True):
        files = ["--pos", f"{self.folder}/pos.fa", *(["--neg", f"{self.folder}/neg.fa"] if negatives else [])]
        arguments = [self.command, *arguments, *files, "--quiet", "--seed", str(seed)]
        run = subprocess.run(arguments, check=True, capture_output=True, text=True)
        header, *rows = (line.split("\t") for line in run.stdout.splitlines())
        return [dict(zip(header, row)) for row in rows]


def show(name, found, steps=None):
    small = sum(p <= 0.05 for p in found) / len(found)
    # P-values of permutations are multiples of 1/200: spread over the steps below them, by streams of their own.
    spread = found if steps is None else [p - random.Random(seed).random() / steps for seed, p in enumerate(found)]
    print(f"{name}\t{small:.3f}\t{kstest(spread, 'uniform').pvalue:.3f}", flush=True)


def null(bench):
    print("test\tat most 0.05\tuniform")
    for name, (shares, arguments, row) in TESTS.items():
        found = []
        for seed in range(SETS):
            stream = random.Random(seed)
            for file, share in zip(("pos.fa", "neg.fa"), shares):
                bench.write(file, sequences(stream, share))
            found.append(float(bench.rows(seed, *arguments)[row]["p_value"]))
        show(name, found, 200)
    columns = ["fisher_p", "rank_sum_p", "best_p", "centre_p"]
    found = {column: [] for column in columns}
    known = bench.write_motif("ACGTAACC")
    for seed in range(500):
        stream = random.Random(seed)
        for file, each in (("pos.fa", 120), ("neg.fa", 150)):
            bench.write(file, sequences(stream, 0.0, each, 100))
        # Half of the random sequences have a hit, so that there are places to look at.
        row = bench.rows(seed, "enrich", known, "--max-q", "1", "--chance", "0.5")[0]
        for column in columns:
            found[column].append(float(row[column]))
    for column in columns:
        show(f"enrich, {column}", found[column])


def given(bench):
    print("test\tat most 0.05\tuniform")
    for name, (shares, arguments, row) in TESTS.items():
        for more in (["--given-gc"], []):
            found = []
            for seed in range(SETS):
                stream = random.Random(seed)
                for file, share, strong in zip(("pos.fa", "neg.fa"), shares, (0.55, 0.45)):
                    bench.write(file, sequences(stream, share, content=lambda _, strong=strong: strong))
                found.append(float(bench.rows(seed, *arguments, *more)[row]["p_value"]))
            show(" ".join([name, *more]), found, 200)


def composition(bench):
    print("test\tsets\trejected")
    sets = 50
    counts = {}

    def count(name, is_small):
        counts[name] = counts.get(name, 0) + bool(is_small)

    for seed in range(sets):
        stream = random.Random(seed)
        for file, strong in (("pos.fa", 0.6), ("neg.fa", 0.4)):
            bench.write(file, sequences(stream, 0.0, 200, 100, lambda _, strong=strong: strong))
        for like, negatives in (("40 % GC", True), ("shuffles", False)):
            count(f"differ, {like}", float(bench.rows(seed, *DIFFER, negatives=negatives)[0]["p_value"]) <= 0.05)
            words = bench.rows(seed, *WORDS, "--most", "2", negatives=negatives)
            for row, place in zip(words, ("first", "second")):
                count(f"words, the {place}, {like}", float(row["p_value"]) <= 0.05)
            shown = bench.rows(seed, "motifs", "--out", f"{bench.folder}/found", "--force", negatives=negatives)
            for direction in ("enriched", "depleted"):
                count(f"motifs, {direction}, {like}", any(row["direction"] == direction for row in shown))
        for file, each, mean in (("pos.fa", 300, 0.55), ("neg.fa", 900, 0.47)):
            content = lambda stream, mean=mean: min(max(stream.gauss(mean, 0.08), 0.05), 0.95)
            bench.write(file, sequences(stream, 0.0, each, 100, content))
        known = bench.write_motif("CCGCGGCG")
        for name, more in (("all negatives", []), ("--match-gc", ["--match-gc"])):
            row = bench.rows(seed, "enrich", known, "--max-q", "1", *more)[0]
            for column in ("p_value", "best_p"):
                count(f"enrich, {column}, {name}", float(row[column]) <= 0.05)
    for name, small in counts.items():
        print(f"{name}\t{sets}\t{small}", flush=True)


PARTS = {"null": null, "given": given, "composition": composition}


def main(command, part=None):
    with tempfile.TemporaryDirectory() as folder:
        for name, study in PARTS.items():
            if part in (None, name):
                study(Bench(command, folder))


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3) or not set(sys.argv[2:]) <= set(PARTS):
        sys.exit(__doc__)
    main(*sys.argv[1:])
