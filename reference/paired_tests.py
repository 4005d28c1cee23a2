"""Golden numbers for the paired tests of ckn-core, from NumPy and SciPy.

    pip install numpy scipy
    python reference/paired_tests.py

Writes reference/golden/paired.tsv. DeLong's variance is computed from its definition, the matrices of all pairs; the exact
Wilcoxon p-value with ties by enumerating all signs; the bootstrap with NumPy's own generator, so that its ends agree only
up to their Monte Carlo error. Made with NumPy 2.4.6 and SciPy 1.17.1.
"""

from itertools import product
from pathlib import Path

import numpy as np
from scipy.stats import norm, rankdata, wilcoxon

TARGET = Path(__file__).parent / "golden" / "paired.tsv"


def text(values):
    return " ".join(repr(float(value)) for value in np.ravel(values))


def delong(first, second, labels):
    """AUROCs, standard error of their difference, p-value: DeLong et al. 1988, equations 3 to 6."""
    positive, negative = labels == 1, labels == 0
    kernels = [np.sign(s[positive][:, None] - s[negative][None, :]) / 2 + 0.5 for s in (first, second)]
    areas = [kernel.mean() for kernel in kernels]
    by_positive = np.cov([kernel.mean(axis=1) for kernel in kernels])
    by_negative = np.cov([kernel.mean(axis=0) for kernel in kernels])
    covariance = by_positive / positive.sum() + by_negative / negative.sum()
    contrast = np.array([1, -1])
    error = np.sqrt(contrast @ covariance @ contrast)
    return areas, error, 2 * norm.sf(abs(areas[0] - areas[1]) / error)


def correlated(generator, size, levels):
    labels = (generator.random(size) < 0.4).astype(int)
    labels[:4] = [0, 1, 0, 1]
    common = generator.normal(size=size) + labels
    pair = [common + 0.7 * generator.normal(size=size) + extra * labels for extra in (0.0, 0.5)]
    return [np.round(scores * levels) / levels for scores in pair], labels


def bootstrap(first, second, labels, level, resamples=40_000):
    generator = np.random.default_rng(3)
    positive, negative = np.flatnonzero(labels == 1), np.flatnonzero(labels == 0)
    kernels = [np.sign(s[positive][:, None] - s[negative][None, :]) / 2 for s in (first, second)]
    kernel = kernels[0] - kernels[1]
    differences = []
    for _ in range(resamples):
        rows = np.bincount(generator.integers(0, len(positive), len(positive)), minlength=len(positive))
        columns = np.bincount(generator.integers(0, len(negative), len(negative)), minlength=len(negative))
        differences.append(rows @ kernel @ columns / (len(positive) * len(negative)))
    return np.quantile(differences, [(1 - level) / 2, (1 + level) / 2])


def comparisons():
    generator = np.random.default_rng(21)
    for name, size, levels in [("smooth", 60, 1000), ("tied", 90, 2), ("small", 9, 3)]:
        (first, second), labels = correlated(generator, size, levels)
        areas, error, p = delong(first, second, labels)
        yield name, "first", text(first)
        yield name, "second", text(second)
        yield name, "labels", text(labels)
        yield name, "delong", text([*areas, error, p])
        yield name, "interval-99", text(areas[0] - areas[1] + norm.ppf([0.005, 0.995]) * error)
        if size > 20:
            yield name, "bootstrap-90", text(bootstrap(first, second, labels, 0.9))


def enumerated(differences):
    """P(W+ >= observed) over all signs, given the midranks."""
    ranks = rankdata(np.abs(differences))
    observed = ranks[differences > 0].sum()
    sums = np.array([np.dot(signs, ranks) for signs in product([0, 1], repeat=len(ranks))])
    return (sums >= observed - 1e-9).mean()


def signed_ranks():
    generator = np.random.default_rng(22)
    ten = np.array([0.02, 0.013, -0.004, 0.031, 0.007, 0.0011, -0.0095, 0.022, 0.041, 0.0051])
    cases = [("ten", ten, "exact"), ("twenty-five", generator.normal(0.3, 1, 25), "exact")]
    cases += [("tied", np.array([1, 1, 2, -1, 3, 3, -2, 4, 0, 5, 5, -0.5]), "enumerated")]
    cases += [("many", generator.normal(0.1, 1, 60), "asymptotic")]
    cases += [("many-tied", np.round(generator.normal(0.3, 1, 80) * 2), "asymptotic")]
    for name, differences, method in cases:
        nonzero = differences[differences != 0]
        yield name, "differences", text(differences)
        yield name, "statistic", text(rankdata(np.abs(nonzero))[nonzero > 0].sum())
        if method == "enumerated":
            p = [enumerated(nonzero), enumerated(-nonzero)]
        else:
            options = {"zero_method": "wilcox", "method": method, "correction": True}
            p = [wilcoxon(differences, alternative=side, **options).pvalue for side in ("greater", "less")]
        yield name, "p", text(p)


if __name__ == "__main__":
    rows = ["# made by reference/paired_tests.py", "# case\tquantity\tvalues"]
    rows += ["\t".join(row) for row in [*comparisons(), *signed_ranks()]]
    TARGET.write_text("\n".join(rows) + "\n")
