"""Power of `ckn words` beside that of a split of the data, on simulated sequences: the table of docs/inference.md.

A site of 8 letters, each of which is another with probability 0.1, stands in a share of the positives, on either strand. Of each set, `ckn words`
chooses and tests one word on all sequences; the split chooses by the same score on one half, and tests the chosen word on the other, by Fisher's
exact test. Both are one test at level 0.05. Needs the command, and SciPy. Writes selection_power.tsv beside itself, and draws docs/figures/selection_power.svg
of it, with 95 % intervals (Wilson); without a command it only draws, of the numbers that are there.

    python3 docs/studies/selection_power.py target/release/ckn
    python3 docs/studies/selection_power.py
"""

import math
import random
import subprocess
import sys
import tempfile
from pathlib import Path

TABLE = Path(__file__).with_suffix(".tsv")
FIGURE = Path(__file__).parent.parent / "figures" / "selection_power.svg"

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


def study(command):
    from scipy.stats import fisher_exact

    rows = ["share\twords\tsplit"]
    print(rows[0])
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
            rows.append(f"{share}\t{found[0] / SETS}\t{found[1] / SETS}")
            print(rows[-1], flush=True)
    TABLE.write_text("\n".join(rows) + "\n")


def wilson(share, of):
    """Ends of the 95 % interval of a share."""
    z = 1.959964
    middle, scale = share + z * z / (2 * of), 1 + z * z / of
    reach = z * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    return (middle - reach) / scale, (middle + reach) / scale


def text(x, y, words, anchor="middle", size=9.68, colour="#000000", more=""):
    return (f'<text x="{x}" y="{y}" text-anchor="{anchor}" font-family="sans-serif" font-size="{size}" fill="{colour}"{more}>'
            f"{words}</text>")


def line(x1, y1, x2, y2, colour="#000000", opacity=1.0, width=1):
    return f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" stroke="{colour}" stroke-width="{width}" opacity="{opacity}"/>'


def draw():
    left, right, top, bottom = 66, 637, 37, 427
    rows = [[float(cell) for cell in row.split("\t")] for row in TABLE.read_text().splitlines()[1:]]

    def x(share):
        return round(left + (right - left) * share / 0.2)

    def y(power):
        return round(bottom - (bottom - top) * power)

    parts = ['<svg width="760" height="480" viewBox="0 0 760 480" xmlns="http://www.w3.org/2000/svg">',
             '<rect width="760" height="480" fill="#FFFFFF"/>',
             text(352, 27, "Found at level 0.05, of 100 sets of 200 positives and 200 negatives", size=14.5),
             text(352, 466, "share of the positives with a site"),
             text(20, 232, "share of the sets in which the word is found", more=' transform="rotate(270, 20, 232)"')]
    for share in (0.0, 0.05, 0.1, 0.15, 0.2):
        parts += [line(x(share), bottom, x(share), top, opacity=0.2), line(x(share), bottom, x(share), bottom + 5),
                  text(x(share), bottom + 18, share)]
    for power in (0.0, 0.2, 0.4, 0.6, 0.8, 1.0):
        parts += [line(left, y(power), right, y(power), opacity=0.2), line(left - 5, y(power), left, y(power)),
                  text(left - 10, y(power) + 3, power, "end")]
    parts += [line(left, top, left, bottom), line(left, bottom, right, bottom), line(left, y(0.05), right, y(0.05), "#E6194B", 0.5)]
    parts.append(text(right + 8, y(0.05) + 3, "level", "start", colour="#E6194B"))
    for column, (colour, label) in enumerate([("#0082C8", "ckn words"), ("#F58230", "split")], start=1):
        points = " ".join(f"{x(row[0])},{y(row[column])}" for row in rows)
        parts.append(f'<polyline fill="none" stroke="{colour}" stroke-width="2" points="{points}"/>')
        for row in rows:
            low, high = wilson(row[column], SETS)
            # Side by side, where intervals would hide one another.
            at = x(row[0]) + (-1 if column == 1 else 1)
            parts += [line(at, y(low), at, y(high), colour, 0.6),
                      f'<circle cx="{x(row[0])}" cy="{y(row[column])}" r="3" fill="{colour}"/>']
        parts.append(text(right + 8, y(rows[-1][column]) + 3, label, "start", colour=colour))
    FIGURE.write_text("\n".join([*parts, "</svg>"]) + "\n")


if __name__ == "__main__":
    if len(sys.argv) > 2:
        sys.exit(__doc__)
    if len(sys.argv) == 2:
        study(sys.argv[1])
    draw()
