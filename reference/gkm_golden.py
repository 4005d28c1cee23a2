"""Golden numbers for models of LS-GKM, evaluated by definition with NumPy: no table of words, no Walsh functions.

    pip install numpy
    CKN_DATA=folder python reference/gkm_golden.py

Writes reference/golden/gkm.json: small random models of all six kernels as files of LS-GKM, sequences, and their scores. Estimated
words are the words' counts of least norm that explain the counts of gapped k-mers, by the pseudo-inverse of the matrix from words to
gapped k-mers; kernels are sums over all pairs of windows. No part of LS-GKM was used: what its kernels are is taken from Ghandi et
al. 2014, Lee 2016 and its documentation.

`tal1_gata` are scores of the first sequences of attribution/tal1_gata.simdata.gz by the model beside it (kernel gkmrbf), and the
largest distance from 1 of the margins of its vectors inside the box: the conditions of Karush, Kuhn and Tucker of its own training,
which hold for no other kernel. Without the data these numbers are left as they are. Made with NumPy 2.4.6.
"""

import gzip
import json
import os
from itertools import combinations, product
from math import comb, exp, floor, log
from pathlib import Path

import numpy as np

TARGET = Path(__file__).parent / "golden" / "gkm.json"
DATA = Path(os.environ.get("CKN_DATA", Path(__file__).parents[2] / "shared" / "data")) / "attribution"
NAMES = ["gkm_cnt", "gkm_estfull", "gkm_esttrunc", "gkmrbf", "wgkm", "wgkmrbf"]
COMPLEMENT = str.maketrans("ACGT", "TGCA")


def read_as_dna(sequence):
    """LS-GKM reads what is not A, C, G or T as A."""
    return "".join(letter if letter in "ACGT" else "A" for letter in sequence.upper())


def gapped(word, k):
    return [(places, "".join(word[p] for p in places)) for places in combinations(range(len(word)), k)]


def filter_of(l, k):
    """g(m) from the projection of counts of words onto what counts of gapped k-mers know."""
    words = ["".join(letters) for letters in product("ACGT", repeat=l)]
    rows = {}
    for word in words:
        for feature in gapped(word, k):
            rows.setdefault(feature, len(rows))
    matrix = np.zeros((len(rows), len(words)))
    for column, word in enumerate(words):
        for feature in gapped(word, k):
            matrix[rows[feature], column] = 1
    projection = np.linalg.pinv(matrix, rcond=1e-10) @ matrix
    values = {}
    for column, word in enumerate(words):
        values.setdefault(sum(letter != "A" for letter in word), []).append(projection[0, column])
    assert all(np.ptp(of_m) < 1e-9 for of_m in values.values())
    return [float(np.mean(values[m])) for m in range(l + 1)]


def profile(kernel, l, k, d):
    """h(m), by summing over all words between two that differ in m letters."""
    if kernel == 0:
        first = "A" * l
        shared = lambda m: len(set(gapped(first, k)) & set(gapped("C" * m + "A" * (l - m), k)))
        return [float(shared(m)) if m <= d else 0.0 for m in range(l + 1)]
    g = filter_of(l, k)
    if kernel != 1:
        end = next((m for m, value in enumerate(g) if value < 1e-12), l + 1)
        g = g[:end] + [0.0] * (l + 1 - end)
    words = np.array(list(product(range(4), repeat=l)))
    to = lambda word: np.array(g)[(words != word).sum(axis=1)]
    pair = lambda m: float(to(np.zeros(l, int)) @ to(np.array([1] * m + [0] * (l - m))))
    return [pair(m) if m <= d else 0.0 for m in range(l + 1)]


def windows(sequence, l):
    return [sequence[start : start + l] for start in range(len(sequence) - l + 1)]


def weights(sequence, l, centre):
    if centre is None:
        return [1.0] * (len(sequence) - l + 1)
    maximum, half_life = centre
    distance = lambda start: abs(start + l / 2 - len(sequence) / 2)
    of = lambda start: min(maximum, floor(maximum * exp(-log(2) * distance(start) / half_life) + 1))
    return [float(of(start)) for start in range(len(sequence) - l + 1)]


def raw(x, y, l, h, both, centre):
    """Windows of x with those of both strands of y, each of which weighs what it does on the strand that is written."""
    strands = [(windows(y, l), weights(y, l, centre))]
    if both:
        mirrored = [word.translate(COMPLEMENT)[::-1] for word in windows(y, l)]
        strands.append((mirrored, weights(y, l, centre)))
    total = 0.0
    for word, weight in zip(windows(x, l), weights(x, l, centre)):
        for others, their_weights in strands:
            for other, their_weight in zip(others, their_weights):
                total += weight * their_weight * h[sum(a != b for a, b in zip(word, other))]
    return total


def scores(queries, vectors, alphas, rho, l, h, both, centre, gamma):
    vectors = [read_as_dna(vector) for vector in vectors]
    norm = lambda x: raw(x, x, l, h, both, centre) ** 0.5
    norms, result = [norm(vector) for vector in vectors], []
    for query in queries:
        own, total = norm(query), -rho
        for vector, alpha, other in zip(vectors, alphas, norms):
            value = raw(vector, query, l, h, both, centre) / (own * other)
            total += alpha * (value if gamma is None else exp(gamma * (value - 1)))
        result.append(total)
    return result


def small_models():
    generator = np.random.default_rng(8)
    letters = lambda length: "".join(generator.choice(list("ACGT"), length))
    cases = []
    for kernel, (l, k, d), both in [
        (0, (5, 3, 2), True), (0, (4, 2, 1), False), (1, (5, 3, 3), True), (1, (4, 2, 4), False), (2, (5, 4, 3), True),
        (2, (4, 2, 3), False), (3, (5, 4, 2), True), (4, (4, 3, 2), True), (4, (5, 2, 3), False), (5, (5, 4, 3), True),
    ]:
        vectors = [letters(int(generator.integers(12, 30))) for _ in range(6)]
        vectors[1] = vectors[1].lower()
        vectors[4] = vectors[4][:6] + "NR" + vectors[4][8:]
        queries = [letters(int(generator.integers(10, 40))) for _ in range(5)]
        alphas = [round(float(alpha), 6) for alpha in generator.normal(size=6)]
        alphas = sorted(alphas, reverse=True)
        rho = round(float(generator.normal()), 6)
        gamma = 1.75 if kernel in (3, 5) else None
        centre = (20, 4.5) if kernel in (4, 5) else None
        head = ["svm_type c_svc", f"kernel_type {NAMES[kernel]}", f"L {l}", f"k {k}", f"d {d}"]
        head += [] if both else ["norc 1"]
        head += [] if gamma is None else [f"gamma {gamma}"]
        head += [] if centre is None else [f"M {centre[0]}", f"H {centre[1]}"]
        positives = sum(alpha > 0 for alpha in alphas)
        head += ["nr_class 2", "total_sv 6", f"rho {rho}", "label 1 -1", f"nr_sv {positives} {6 - positives}", "SV"]
        lines = head + [f"{alpha} {vector}" for alpha, vector in zip(alphas, vectors)]
        h = profile(kernel, l, k, d)
        cases.append({
            "model": "\n".join(lines) + "\n",
            "profile": [value / h[0] for value in h],
            "queries": queries,
            "scores": scores(queries, vectors, alphas, rho, l, h, both, centre, gamma),
        })
    return cases


def tal1_gata():
    """Dense counts of words and the kernel of all pairs of words: only 6 letters."""
    head, alphas, vectors = {}, [], []
    with gzip.open(DATA / "tal1_gata.gkmrbf.model.txt.gz", "rt") as file:
        for line in file:
            name, *values = line.split()
            if name == "SV":
                break
            head[name] = values
        for line in file:
            alpha, vector = line.split()
            alphas.append(float(alpha))
            vectors.append(vector)
    l, k, d = (int(head[name][0]) for name in "Lkd")
    gamma, rho = float(head["gamma"][0]), float(head["rho"][0])
    with gzip.open(DATA / "tal1_gata.simdata.gz", "rt") as file:
        next(file)
        queries = [next(file).split("\t")[1] for _ in range(40)]
    # g by the closed form, checked against the pseudo-inverse for fewer letters.
    krawtchouk = lambda w, m, l: sum((-1) ** j * 3 ** (w - j) * comb(m, j) * comb(l - m, w - j) for j in range(w + 1))
    closed = lambda l, k: [sum(krawtchouk(w, m, l) for w in range(k + 1)) / 4**l for m in range(l + 1)]
    assert np.allclose(closed(5, 4), filter_of(5, 4)) and np.allclose(closed(4, 2), filter_of(4, 2))
    g = closed(l, k)
    end = next((m for m, value in enumerate(g) if value < 1e-50), l + 1)
    g = np.array(g[:end] + [0.0] * (l + 1 - end))
    words = np.array(list(product(range(4), repeat=l)), dtype=np.int8)
    to = lambda word: g[(words != np.array(word)).sum(axis=1)]
    h = np.array([to([0] * l) @ to([1] * m + [0] * (l - m)) if m <= d else 0.0 for m in range(l + 1)])
    pairs = h[sum((words[:, None, j] != words[None, :, j]).astype(np.int8) for j in range(l))]

    def counts(sequences, both):
        table = np.zeros((len(sequences), 4**l))
        for row, sequence in enumerate(sequences):
            codes = np.array(["ACGT".index(letter) for letter in read_as_dna(sequence)])
            for strand in [codes, 3 - codes[::-1]][: 2 if both else 1]:
                here = np.lib.stride_tricks.sliding_window_view(strand, l) @ 4 ** np.arange(l - 1, -1, -1)
                np.add.at(table[row], here, 1)
        return table

    def kernel(left, right):
        norm = lambda sequences: np.sqrt(np.einsum("ij,ij->i", counts(sequences, False) @ pairs, counts(sequences, True)))
        value = counts(left, False) @ pairs @ counts(right, True).T / np.outer(norm(left), norm(right))
        return np.exp(gamma * (value - 1))

    alphas = np.array(alphas)
    margins = np.sign(alphas) * (kernel(vectors, vectors) @ alphas - rho)
    bound = np.where(alphas > 0, alphas.max(), -alphas.min())
    inside = np.abs(alphas) < 0.999 * bound
    return {
        "scores": (kernel(queries, vectors) @ alphas - rho).tolist(),
        "vectors_inside": int(inside.sum()),
        "largest_distance_from_margin": float(np.abs(margins - 1)[inside].max()),
    }


def main():
    before = json.loads(TARGET.read_text()) if TARGET.exists() else {}
    result = {"models": small_models(), "tal1_gata": before.get("tal1_gata")}
    if (DATA / "tal1_gata.simdata.gz").exists():
        result["tal1_gata"] = tal1_gata()
    TARGET.write_text(json.dumps(result, indent=1) + "\n")


main()
