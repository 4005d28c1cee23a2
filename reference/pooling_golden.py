"""Golden numbers for global poolings and strands of a one-layer network, from NumPy (float64).

    pip install numpy
    python reference/pooling_golden.py

Writes reference/golden/pooling.json. Everything is written from its definition: one-hot patches, an inverse root by
NumPy's eigendecomposition, generalised max pooling by the positions x positions system of Murray and Perronnin (not the
channels x channels system that the library solves), and the reverse complement as letters. Made with NumPy 2.4.6.
"""

import json
from pathlib import Path

import numpy as np

FILE = Path(__file__).parent / "golden" / "pooling.json"
LETTERS = "ACGT"
SIGMA, EPSILON, RIDGE = 0.6, 1e-3, 1e-3
SEQUENCES = ["ACGTTGCANGTACCA", "GGGATTTTACCAGT", "TTTTTTTTTT"]
FILTERS, WIDTH = 3, 4


def one_hot(sequence):
    columns = [np.full(4, 0.25) if c == "N" else np.eye(4)[LETTERS.index(c)] for c in sequence]
    return np.array(columns)


def reverse_complement(sequence):
    return sequence[::-1].translate(str.maketrans("ACGTN", "TGCAN"))


def psi(sequence, anchors, border):
    """Rows: R ||z|| kappa(Z z / ||z||) of every window."""
    columns = one_hot(sequence)
    if border == "same":
        columns = np.pad(columns, (((WIDTH - 1) // 2, WIDTH // 2), (0, 0)))
    flat = anchors.reshape(FILTERS, -1)
    kappa = lambda u: np.exp((u - 1) / SIGMA**2)
    values, vectors = np.linalg.eigh(kappa(flat @ flat.T))
    root = vectors @ np.diag((values + EPSILON) ** -0.5) @ vectors.T
    rows = []
    for start in range(len(columns) - WIDTH + 1):
        patch = columns[start : start + WIDTH].T.reshape(-1)  # channel after channel, as the anchors
        norm = np.linalg.norm(patch)
        rows.append(root @ (norm * kappa(flat @ patch / norm)))
    return np.array(rows)


def pool(rows, pooling):
    if pooling == "mean":
        return rows.mean(0)
    if pooling == "sum":
        return rows.sum(0)
    if pooling == "max":
        return rows.max(0)
    gram = rows @ rows.T + RIDGE * np.eye(len(rows))
    return np.linalg.solve(gram, rows).mean(0)


generator = np.random.default_rng(7)
anchors = generator.integers(-8, 9, (FILTERS, 4, WIDTH)).astype(float)
anchors /= np.linalg.norm(anchors.reshape(FILTERS, -1), axis=1)[:, None, None]
cases = []
for pooling in ["mean", "max", "sum", "gmp"]:
    for border in ["valid", "same"]:
        embeddings = [
            pool(psi(strand, anchors, border), pooling).tolist()
            for sequence in SEQUENCES
            for strand in (sequence, reverse_complement(sequence))
        ]
        cases.append({"pooling": pooling, "border": border, "embeddings": embeddings})
FILE.write_text(
    json.dumps(
        {
            "sigma": SIGMA,
            "epsilon": EPSILON,
            "filters": FILTERS,
            "width": WIDTH,
            "anchors": anchors.reshape(-1).tolist(),
            "sequences": SEQUENCES,
            "cases": cases,
        },
        indent=1,
    )
    + "\n"
)
