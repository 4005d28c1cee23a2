"""Power of `ckn words` beside that of a split of the data, on simulated sequences: the table of docs/inference.md.

A site of 8 letters, each of which is another with probability 0.1, stands in a share of the positives, on either strand. Of each set, `ckn words`
chooses and tests one word on all sequences; the split chooses by the same score on one half, and tests the chosen word on the other, by Fisher's
exact test. Both are one test at level 0.05. Needs the command, and SciPy.

    python3 docs/studies/selection_power.py target/release/ckn
"""

import random
import subprocess
import sys
import tempfile

from scipy.stats import fisher_exact

LENGTH, EACH, SETS, SITE = 100, 200, 100, "TGACGTCC"
COMPLEMENT = str.maketrans("ACGT", "TGCA")


def turned(word):
    return word.translate(COMPLEMENT)[::-1]


def sequences(stream, share):
    made = []
    for _ in range(EACH):
        letters = stream.choices("ACGT", k=LENGTH)
        if stream.random() < share:
            site = "".join(stream.choice("ACGT") if stream.random() < 0.1 else letter for letter in SITE)
            site = site if stream.random() < 0.5 else turned(site)
            start = stream.randrange(LENGTH - len(site) + 1)
            letters[start:start + len(site)] = site
        made.append("".join(letters))
    return made


def near(sequence, word):
    """Whether a window of the sequence is the word or its reverse complement but for at most one letter."""
    windows = (sequence[start:start + len(word)] for start in range(len(sequence) - len(word) + 1))
    return any(sum(a != b for a, b in zip(window, other)) <= 1 for window in windows for other in (word, turned(word)))


def words(command, folder, positives, negatives, permutations):
    for name, some in (("pos.fa", positives), ("neg.fa", negatives)):
        with open(f"{folder}/{name}", "w") as file:
            file.writelines(f">{number}\n{sequence}\n" for number, sequence in enumerate(some))
    arguments = ["words", "--pos", f"{folder}/pos.fa", "--neg", f"{folder}/neg.fa", "--most", "1", "--quiet",
                 "--permutations", str(permutations)]
    run = subprocess.run([command, *arguments], check=True, capture_output=True, text=True)
    row = run.stdout.splitlines()[1].split("\t")
    return row[0], float(row[7])


def main(command):
    print("share\twords\tsplit")
    with tempfile.TemporaryDirectory() as folder:
        for share in (0.0, 0.05, 0.075, 0.1, 0.15, 0.2):
            found = [0, 0]
            for seed in range(SETS):
                stream = random.Random(seed)
                positives, negatives = sequences(stream, share), sequences(stream, 0.0)
                found[0] += words(command, folder, positives, negatives, 199)[1] <= 0.05
                half = EACH // 2
                word = words(command, folder, positives[:half], negatives[:half], 1)[0]
                a, c = (sum(near(sequence, word) for sequence in some[half:]) for some in (positives, negatives))
                found[1] += fisher_exact([[a, EACH - half - a], [c, EACH - half - c]], alternative="greater")[1] <= 0.05
            print(f"{share}\t{found[0] / SETS}\t{found[1] / SETS}", flush=True)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
