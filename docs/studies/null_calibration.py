"""P-values where the null hypothesis holds: the numbers of docs/inference.md.

1,000 sets of 60 positives and 60 negatives of 60 random letters. `ckn differ` and the first word of `ckn words` are tested on labels that mean
nothing; the second word beside a first that stands in eight tenths of the positives and one tenth of the negatives. Prints how many p-values
are at most 0.05, and the p-value of Kolmogorov and Smirnov's test that all are uniform. Needs the command, and SciPy.

    python3 docs/studies/null_calibration.py target/release/ckn
"""

import random
import subprocess
import sys
import tempfile

from scipy.stats import kstest

SETS, EACH, LENGTH, WORD = 1000, 60, 60, "ACGTAA"


def sequences(stream, share):
    made = []
    for _ in range(EACH):
        letters = stream.choices("ACGT", k=LENGTH)
        if stream.random() < share:
            start = stream.randrange(LENGTH - len(WORD) + 1)
            letters[start:start + len(WORD)] = WORD
        made.append("".join(letters))
    return made


def p_values(command, folder, seed, shares, *arguments):
    stream = random.Random(seed)
    for name, share in zip(("pos.fa", "neg.fa"), shares):
        with open(f"{folder}/{name}", "w") as file:
            file.writelines(f">{name[:3]}{number}\n{letters}\n" for number, letters in enumerate(sequences(stream, share)))
    files = ["--pos", f"{folder}/pos.fa", "--neg", f"{folder}/neg.fa", "--quiet", "--seed", str(seed)]
    run = subprocess.run([command, *arguments, *files], check=True, capture_output=True, text=True)
    return [float(row.split("\t")[-1]) for row in run.stdout.splitlines()[1:]]


def main(command):
    words = ["words", "--width", "6", "--mismatches", "0", "--max-p", "1", "--permutations", "199"]
    tests = {
        "differ": ((0.0, 0.0), ["differ", "--profile", "gapped:6,4", "--permutations", "199"], 0),
        "words, the first": ((0.0, 0.0), [*words, "--most", "1"], 0),
        "words, the second": ((0.8, 0.1), [*words, "--most", "2"], 1),
    }
    print("test\tat most 0.05\tuniform")
    with tempfile.TemporaryDirectory() as folder:
        for name, (shares, arguments, row) in tests.items():
            found = [p_values(command, folder, seed, shares, *arguments)[row] for seed in range(SETS)]
            small = sum(p <= 0.05 for p in found) / SETS
            # P-values are multiples of 1/200: spread over the steps below them, by streams of their own.
            spread = [p - random.Random(seed).random() / 200 for seed, p in enumerate(found)]
            print(f"{name}\t{small:.3f}\t{kstest(spread, 'uniform').pvalue:.3f}", flush=True)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
