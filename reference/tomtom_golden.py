"""Golden numbers for the comparison of motifs, from memelite (numba), an implementation of Tomtom by other authors.

    pip install memelite
    python reference/tomtom_golden.py

Writes reference/golden/tomtom.json. The motifs are made here: 36 targets of widths 4 to 24 and of varied information, and
queries that are noisy copies of some of them, shifted, trimmed, turned over, with flat columns, or unrelated. Each case has
memelite's p-value, offset, strand and overlap of all pairs, at Tomtom's 100 score bins and at 1000. Target columns are not
merged (n_target_bins=None) and medians are all but exact (n_median_bins): both are approximations of memelite that move
p-values by up to a fifth, and by far more below 1e-15.

memelite breaks ties between offsets otherwise than Tomtom, and the scores of its best offsets do not say where there are
ties. `unique` is therefore computed here, by NumPy and without bins: the best score leads by more than rounding to bins can
change. The strand is the target's, 1 for its reverse complement. Made with memelite 0.5.0 and NumPy 2.4.6.
"""

import json
import warnings
from pathlib import Path

import numpy as np
from memelite import tomtom

FILE = Path(__file__).parent / "golden" / "tomtom.json"
SITES = 1000
warnings.simplefilter("ignore")
generator = np.random.default_rng(2007)


def counted(distribution):
    """A column as a thousand sites count it: three decimals, which JSON keeps exactly."""
    return generator.multinomial(SITES, np.asarray(distribution) / np.sum(distribution)) / SITES


def random_motif(width, letters):
    """Columns from all but certain to all but flat."""
    return np.array([counted(generator.dirichlet(np.full(letters, generator.choice([0.05, 0.2, 0.6, 3.0])))) for _ in range(width)])


def noisy(motif, strength):
    return np.array([counted(generator.dirichlet(strength * column + 0.3)) for column in motif])


def turned(motif):
    return motif[::-1, ::-1]


def extended(motif, left, right):
    letters = motif.shape[1]
    return np.vstack([part for part in (random_motif(left, letters), motif, random_motif(right, letters)) if len(part)])


def unique(query, target, columns, strands, bins):
    """Whether one offset and strand leads by more than bins can hide."""
    distance = lambda a, b: -np.sqrt(((a[:, None] - b[None]) ** 2).sum(-1))
    median = np.median(distance(query, columns), axis=1, keepdims=True)
    scores = []
    for turn in strands:
        table = distance(query, turned(target) if turn else target) - median
        scores += [np.trace(table, offset=k) for k in range(-len(query) + 1, len(target))]
    best = np.sort(scores)[::-1]
    # A bin is at most 3.5/bins wide, and each column is rounded by half of one on either side.
    return len(best) == 1 or bool(best[0] - best[1] > len(query) * 4.5 / bins)


def case(name, alphabet, targets, queries, both_strands, bins):
    columns = np.vstack(targets + ([turned(target) for target in targets] if both_strands else []))
    result = tomtom(
        [query.T for query in queries], [target.T for target in targets],
        n_score_bins=bins, n_median_bins=1_000_000, n_target_bins=None, n_cache=bins, reverse_complement=both_strands,
    )
    strands = [False, True] if both_strands else [False]
    sure = [[unique(query, target, columns, strands, bins) for target in targets] for query in queries]
    p = result[0]
    print(name, bins, p.size, "pairs, p", p.min(), "to", p.max(), "|", np.sum(p < 1e-6), "below 1e-6, unique", np.sum(sure))
    integers = lambda values: values.astype(int).tolist()
    return {
        "motifs": name, "alphabet": alphabet, "both_strands": both_strands, "bins": bins, "p_values": p.tolist(),
        "offsets": integers(result[2]), "overlaps": integers(result[3]), "strands": integers(result[4]), "unique": sure,
    }


def nucleotide_motifs():
    targets = [random_motif(int(width), 4) for width in generator.integers(5, 25, 30)]
    # Relatives of other targets, a narrow one, and flat columns inside.
    targets += [noisy(targets[0], 40), turned(noisy(targets[1], 20)), noisy(targets[2], 60)[1:-1], random_motif(4, 4)]
    targets += [np.vstack([targets[3][:4], np.full((3, 4), 0.25), targets[3][4:]]), targets[4].copy()]
    queries = [noisy(targets[k], strength) for k, strength in [(4, 200), (6, 60), (7, 20), (8, 8)]]
    queries += [turned(noisy(targets[9], 30)), noisy(targets[10], 30)[1:-1], extended(noisy(targets[11], 30), 3, 2)]
    queries += [turned(extended(noisy(targets[12], 60), 0, 6)), extended(targets[33], 10, 10), targets[13].copy()]
    queries += [np.vstack([targets[14][:3], np.full((2, 4), 0.25), targets[14][3:]]), random_motif(1, 4), random_motif(12, 4)]
    return targets, queries


def protein_motifs():
    targets = [random_motif(int(width), 20) for width in generator.integers(3, 9, 26)]
    return targets, [noisy(targets[0], 60), extended(noisy(targets[1], 60), 1, 1), random_motif(6, 20)]


def main():
    nucleotides, proteins = nucleotide_motifs(), protein_motifs()
    golden = {
        "motifs": {
            name: {"targets": [target.tolist() for target in targets], "queries": [query.tolist() for query in queries]}
            for name, (targets, queries) in [("nucleotides", nucleotides), ("proteins", proteins)]
        },
        "cases": [
            case("nucleotides", "dna", *nucleotides, True, 100),
            case("nucleotides", "dna", *nucleotides, True, 1000),
            case("nucleotides", "rna", *nucleotides, False, 1000),
            case("proteins", "protein", *proteins, False, 1000),
        ],
    }
    FILE.write_text(json.dumps(golden, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
