"""Golden numbers for first layers on letters that have something in common, from NumPy (float64).

    pip install numpy
    python reference/similar_golden.py

Writes reference/golden/similar.json. Everything is written from its definition: letters are rows of the symmetric square root of
their dot products, a patch is their columns one by one, an unknown letter their mean, and the places around a sequence are empty.
With gaps, every ordered choice of letters is a patch whose weight is the decay to the number of letters left out, each of
its letters scaled to unit norm. Made with NumPy 2.4.6.
"""

import itertools
import json
from pathlib import Path

import numpy as np

FILE = Path(__file__).parent / "golden" / "similar.json"
LETTERS = "ACGT"
SIGMA, EPSILON = 0.6, 1e-3
SEQUENCES = ["ACGTTGCANGTACCA", "GGGATTTTACC", "TTTT"]
FILTERS, WIDTH = 3, 4
SIMILARITY = np.array([[1, 0.15, 0.6, 0.05], [0.15, 1, 0.2, 0.4], [0.6, 0.2, 1, 0], [0.05, 0.4, 0, 1]])


def root_of(matrix, epsilon, power):
    values, vectors = np.linalg.eigh(matrix)
    return vectors @ np.diag((values + epsilon) ** power) @ vectors.T


EMBEDDED = root_of(SIMILARITY, 0.0, 0.5)


def letter(c):
    return EMBEDDED.mean(0) if c == "N" else EMBEDDED[LETTERS.index(c)]


def reverse_complement(sequence):
    return sequence[::-1].translate(str.maketrans("ACGTN", "TGCAN"))


def kappa(u):
    return np.exp((u - 1) / SIGMA**2)


def contiguous(sequence, flat, border):
    columns = [letter(c) for c in sequence]
    if border == "same":
        # A window around every letter; of even width, the letter is the first of the middle ones.
        before, after = (WIDTH - 1) // 2, WIDTH // 2
        columns = [np.zeros(4)] * before + columns + [np.zeros(4)] * after
    for start in range(len(columns) - WIDTH + 1):
        patch = np.array(columns[start : start + WIDTH]).T.reshape(-1)
        norm = np.linalg.norm(patch)
        yield start, norm * kappa(flat @ patch / norm)


def gapped(sequence, flat, decay):
    for places in itertools.combinations(range(len(sequence)), WIDTH):
        columns = [letter(sequence[place]) for place in places]
        norms = np.array([np.linalg.norm(column) for column in columns])
        patch = np.array([column / norm for column, norm in zip(columns, norms)]).T.reshape(-1) / np.sqrt(WIDTH)
        left_out = places[-1] - places[0] + 1 - WIDTH
        weight = np.sqrt(WIDTH) * (1 - decay) ** (WIDTH - 1) * decay**left_out * norms.prod()
        yield places[-1] - WIDTH + 1, weight * kappa(flat @ patch)


def psi(sequence, anchors, decay, border):
    """Rows: R k of every window, or of every position at which a gapped patch ends."""
    flat = anchors.reshape(FILTERS, -1)
    rows = np.zeros((len(sequence) - (0 if border == "same" else WIDTH - 1), FILTERS))
    for row, values in gapped(sequence, flat, decay) if decay else contiguous(sequence, flat, border):
        rows[row] += values
    return rows @ root_of(kappa(flat @ flat.T), EPSILON, -0.5)


generator = np.random.default_rng(12)
anchors = generator.normal(size=(FILTERS, 4, WIDTH))
anchors /= np.linalg.norm(anchors.reshape(FILTERS, -1), axis=1)[:, None, None]
cases = []
for decay, border in [(0, "valid"), (0, "same"), (0.5, "valid")]:
    for pooling in ["mean", "sum", "max"]:
        embeddings = []
        for sequence in SEQUENCES:
            for strand in [sequence, reverse_complement(sequence)]:
                rows = psi(strand, anchors, decay, border)
                pooled = {"mean": rows.mean(0), "sum": rows.sum(0), "max": rows.max(0)}[pooling]
                embeddings.append(pooled.tolist())
        cases.append({"decay": decay, "border": border, "pooling": pooling, "embeddings": embeddings})
FILE.write_text(
    json.dumps(
        {
            "similarity": SIMILARITY.reshape(-1).tolist(),
            "anchors": anchors.reshape(-1).tolist(),
            "sequences": SEQUENCES,
            "cases": cases,
        },
        indent=1,
    )
    + "\n"
)
