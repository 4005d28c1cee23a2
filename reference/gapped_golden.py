"""Golden numbers for layers on gapped patches (recurrent kernel networks), from NumPy (float64).

    pip install numpy
    python reference/gapped_golden.py

Writes reference/golden/gapped.json. Everything is written from its definition: every ordered choice of letters is a patch
whose weight is the decay to the number of letters left out (the library sums over them by recursion), an inverse root by
NumPy's eigendecomposition, and the reverse complement as letters. Made with NumPy 2.4.6.
"""

import itertools
import json
from pathlib import Path

import numpy as np

FILE = Path(__file__).parent / "golden" / "gapped.json"
LETTERS = "ACGT"
SIGMA, EPSILON = 0.6, 1e-3
SEQUENCES = ["ACGTTGCANGTACCA", "GGGATTTTACC", "TTTT"]
FILTERS, WIDTH = 3, 4


def letter(c):
    return np.full(4, 0.25) if c == "N" else np.eye(4)[LETTERS.index(c)]


def reverse_complement(sequence):
    return sequence[::-1].translate(str.maketrans("ACGTN", "TGCAN"))


def psi(sequence, anchors, decay):
    """Rows: R k of every position at which a patch ends."""
    flat = anchors.reshape(FILTERS, -1)
    kappa = lambda u: np.exp((u - 1) / SIGMA**2)
    values, vectors = np.linalg.eigh(kappa(flat @ flat.T))
    root = vectors @ np.diag((values + EPSILON) ** -0.5) @ vectors.T
    rows = np.zeros((len(sequence) - WIDTH + 1, FILTERS))
    for places in itertools.combinations(range(len(sequence)), WIDTH):
        columns = [letter(sequence[place]) for place in places]
        norms = np.array([np.linalg.norm(column) for column in columns])
        patch = np.array([column / norm for column, norm in zip(columns, norms)]).T.reshape(-1) / np.sqrt(WIDTH)
        left_out = places[-1] - places[0] + 1 - WIDTH
        weight = np.sqrt(WIDTH) * (1 - decay) ** (WIDTH - 1) * decay**left_out * norms.prod()
        rows[places[-1] - WIDTH + 1] += weight * kappa(flat @ patch)
    return rows @ root


generator = np.random.default_rng(11)
anchors = generator.normal(size=(FILTERS, 4, WIDTH))
anchors /= np.linalg.norm(anchors.reshape(FILTERS, -1), axis=1)[:, None, None]
cases = []
for decay in [0.1, 0.5, 0.9]:
    for pooling in ["mean", "sum", "max"]:
        embeddings = []
        for sequence in SEQUENCES:
            for strand in [sequence, reverse_complement(sequence)]:
                rows = psi(strand, anchors, decay)
                pooled = {"mean": rows.mean(0), "sum": rows.sum(0), "max": rows.max(0)}[pooling]
                embeddings.append(pooled.tolist())
        cases.append({"decay": decay, "pooling": pooling, "embeddings": embeddings})
FILE.write_text(
    json.dumps(
        {
            "sigma": SIGMA,
            "epsilon": EPSILON,
            "width": WIDTH,
            "anchors": anchors.reshape(-1).tolist(),
            "sequences": SEQUENCES,
            "cases": cases,
        },
        indent=1,
    )
    + "\n"
)
