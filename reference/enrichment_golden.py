"""Golden numbers for the evidence of motifs in ckn-bio, from SciPy.

    pip install mpmath numpy scipy
    python reference/enrichment_golden.py

Writes reference/golden/enrichment.json. Tails are those of SciPy where they agree with sums with 60 digits to 1e-11; where
SciPy's own rounding is larger, the sums are taken. Made with NumPy 2.4.6, SciPy 1.17.1 and mpmath 1.3.0.
"""

import json
from itertools import combinations
from pathlib import Path

import numpy as np
from mpmath import binomial, mp, mpf
from scipy.stats import binomtest, false_discovery_control, fisher_exact, mannwhitneyu

TARGET = Path(__file__).parent / "golden" / "enrichment.json"
SMALLEST = 2.2250738585072014e-308

mp.dps = 60


def exact(table):
    """P(first cell >= a) by Fisher: one term from binomial coefficients, the others by their ratios."""
    (a, b), (c, d) = table
    positives, with_hit, total = a + b, a + c, a + b + c + d
    term = binomial(with_hit, a) * binomial(total - with_hit, positives - a) / binomial(total, positives)
    tail = mpf(0)
    for x in range(a, min(positives, with_hit) + 1):
        tail += term
        below = (x + 1) * (total - with_hit - positives + x + 1)
        term = term * (with_hit - x) * (positives - x) / below
        if term < tail * mpf("1e-40") and x > positives * with_hit / total:
            break
    return max(float(tail), SMALLEST)


def fisher(table):
    p, theirs = exact(table), fisher_exact(table, alternative="greater").pvalue
    return theirs if abs(theirs / p - 1) < 1e-11 else p


def fisher_cases():
    tables = [[[4, 0], [0, 4]], [[1, 3], [3, 1]], [[0, 5], [0, 7]], [[5, 0], [7, 0]], [[0, 3], [9, 2]], [[8, 2], [1, 5]]]
    tables += [[[120, 380], [60, 440]], [[310, 190], [305, 195]], [[10, 990], [40, 960]], [[900, 100], [100, 900]]]
    tables += [[[400, 100], [100, 400]], [[780, 220], [170, 830]], [[2_000, 998_000], [1_000, 999_000]]]
    tables += [[[1_000, 999_000], [800, 999_200]], [[500_500, 499_500], [500_000, 500_000]]]
    tables += [[[501_500, 498_500], [498_500, 501_500]], [[12_000, 988_000], [3, 999_997]], [[3, 999_997], [12_000, 988_000]]]
    return [{"table": table, "p_value": fisher(table)} for table in tables]


def rank_sum_cases():
    generator = np.random.default_rng(31)
    cases = []
    for positives, negatives, shift, digits in [(12, 15, 0.5, 3), (40, 60, 0.4, 1), (30, 20, -0.3, 0), (200, 180, 1.5, 2)]:
        first = np.round(generator.normal(shift, 1, positives), digits)
        second = np.round(generator.normal(0, 1, negatives), digits)
        p = [mannwhitneyu(first, second, alternative=side, method="asymptotic").pvalue for side in ("greater", "less")]
        area = mannwhitneyu(first, second).statistic / (positives * negatives)
        cases.append({"positives": list(first), "negatives": list(second), "auroc": area, "greater": p[0], "less": p[1]})
    return cases


def false_discovery_cases():
    generator = np.random.default_rng(32)
    sets = [[0.01, 0.04, 0.03, 0.005], [0.2, 0.2, 0.01, 1.0, 0.0], [1.0], list(generator.random(50) ** 3)]
    return [{"p_values": p, "adjusted": list(false_discovery_control(p))} for p in sets]


def central(lengths, positions, width, windows=50):
    """The smallest binomial p-value over central windows, from the definition: every possible position is listed."""
    best = (1.0, 1.0, len(positions))
    for parts in range(1, windows):
        shares, hits = [], 0
        for length, position in zip(lengths, positions):
            possible = length - width + 1
            inside = [abs(2 * x + 1 - possible) * windows <= parts * possible for x in range(possible)]
            shares.append(sum(inside) / possible)
            hits += inside[position]
        p = binomtest(hits, len(positions), np.mean(shares), alternative="greater").pvalue
        if p < best[0]:
            best = (p, np.mean(shares), hits)
    return best


def central_cases():
    generator = np.random.default_rng(33)
    width, cases = 9, []
    for name, size, spread in [("uniform", 80, None), ("central", 120, 0.1), ("sharp", 200, 0.02), ("flanks", 60, -1), ("edge", 30, 0)]:
        lengths = generator.integers(80, 140, size) if name != "uniform" else np.full(size, 101)
        # Of 150 positions, these two lie on the edge of the smallest window.
        lengths = np.full(size, 158) if name == "edge" else lengths
        possible = lengths - width + 1
        if spread is None:
            fraction = generator.random(size)
        elif name == "edge":
            fraction = generator.choice([73.5 / 150, 76.5 / 150], size)
        elif spread < 0:
            fraction = generator.choice([0.02, 0.97], size)
        else:
            fraction = np.clip(generator.normal(0.5, spread, size), 0, 0.999)
        positions = (fraction * possible).astype(int)
        p, share, hits = central(lengths, positions, width)
        corrected = float(-np.expm1(49 * np.log1p(-p))) if p < 1 else 1.0
        counts = np.bincount((2 * positions + 1) * 10 // (2 * possible), minlength=10)
        cases.append({
            "name": name, "width": width, "lengths": lengths.tolist(), "positions": positions.tolist(),
            "window": float(share), "in_window": int(hits), "p_value": corrected, "counts": counts.tolist(),
        })
    return cases


def best_threshold_cases():
    """The smallest p-value over thresholds above which positives have more than their share, and how many of all labellings have one as
    small, by trying them all."""
    generator = np.random.default_rng(34)
    cases = []
    for positives, negatives, levels, shift in [(4, 4, 50, 2.0), (5, 7, 4, 0.5), (6, 6, 100, 0.0), (3, 11, 6, 1.0), (8, 7, 5, 1.5), (7, 8, 40, 3.0)]:
        total = positives + negatives
        scores = np.round(generator.normal(0, 1, total) * levels / 4).astype(int)
        scores[:positives] += round(shift * levels / 4)
        ends = [np.flatnonzero(scores >= score) for score in sorted(set(scores), reverse=True)]
        tails = {}

        def smallest(chosen):
            least = 1.0
            for above in ends:
                n, k = len(above), len(chosen.intersection(above))
                if k * total <= n * positives:
                    continue
                if (n, k) not in tails:
                    tails[n, k] = exact([[k, positives - k], [n - k, negatives - (n - k)]])
                least = min(least, tails[n, k])
            return least

        observed = smallest(set(range(positives)))
        labellings = list(combinations(range(total), positives))
        reached = sum(smallest(set(chosen)) <= observed * (1 + 1e-9) for chosen in labellings)
        cases.append({
            "positives": scores[:positives].tolist(), "negatives": scores[positives:].tolist(),
            "fisher_p": observed, "p_value": reached / len(labellings),
        })
    return cases


def irwin_hall(count, total):
    """P(a sum of so many numbers between 0 and 1 is at most total), with as many digits as the terms cancel."""
    mp.dps = 60 + 2 * count
    terms = ((-1) ** k * binomial(count, k) * (total - k) ** count for k in range(int(total) + 1))
    p = sum(terms, mpf(0)) / mp.factorial(count)
    mp.dps = 60
    return float(p)


def centrality_cases():
    generator = np.random.default_rng(35)
    cases = []
    for hits, spread, width in [(1, None, 3), (3, 0.1, 2), (12, None, 8), (13, None, 8), (40, 0.2, 6), (150, 0.28, 1), (400, None, 10), (400, 0.05, 11)]:
        lengths = generator.integers(40, 120, hits)
        possible = lengths - width + 1
        fraction = generator.random(hits) if spread is None else np.clip(generator.normal(0.5, spread, hits), 0, 0.999)
        positions = (fraction * possible).astype(int)
        twice = abs(2 * positions + 1 - possible)
        total = sum((mpf(max(float(d), 0.5)) / int(m) for d, m in zip(twice, possible)), mpf(0)) + mpf(1) / int(possible.min())
        cases.append({
            "width": width, "lengths": lengths.tolist(), "positions": positions.tolist(),
            "distance": float(twice.mean() / 2), "p_value": irwin_hall(hits, total) if total < hits else 1.0,
        })
    return cases


if __name__ == "__main__":
    golden = {
        "made_by": "reference/enrichment_golden.py",
        "fisher": fisher_cases(),
        "rank_sum": rank_sum_cases(),
        "false_discovery": false_discovery_cases(),
        "central": central_cases(),
        "best_threshold": best_threshold_cases(),
        "centrality": centrality_cases(),
    }
    TARGET.write_text(json.dumps(golden, indent=1) + "\n")
