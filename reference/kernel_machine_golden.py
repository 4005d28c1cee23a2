"""Golden numbers for kernel machines of every loss (ckn-core, machine::fit_outputs), from NumPy and SciPy.

    pip install numpy scipy
    python reference/kernel_machine_golden.py

The same problems by another way: in features. With a Cholesky factor L of K + 1 the scores are L u, and u minimises
Σ w_i L(y_i, (L u)_i) + (A/2) ‖u‖², by SciPy's trust-region method with exact Hessians, polished by Newton steps. Labels that are
missing are null. Writes reference/golden/kernel_machine.json; made with NumPy 2.4.6 and SciPy 1.17.1.
"""

import json
from pathlib import Path

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit, log_softmax, softmax

FILE = Path(__file__).parent / "golden" / "kernel_machine.json"
SAMPLES = 24


def derivatives(loss, scores, label):
    """Value, gradient and Hessian of a loss by the scores of one sample, [classes]."""
    if loss == "multinomial":
        p = softmax(scores)
        one = np.eye(len(scores))[int(label)]
        return -log_softmax(scores)[int(label)], p - one, np.diag(p) - np.outer(p, p)
    f, sign = scores[0], 2 * label - 1
    if loss == "squared":
        return 0.5 * (f - label) ** 2, np.array([f - label]), np.eye(1)
    if loss == "logistic":
        p = expit(f)
        return np.logaddexp(0, -sign * f), np.array([-sign * expit(-sign * f)]), np.array([[p * (1 - p)]])
    gap = max(0.0, 1 - sign * f)
    return 0.5 * gap**2, np.array([-sign * gap]), np.array([[float(gap > 0)]])


def solved(loss, classes, kernel, labels, weights, l2):
    """Scores of one machine, [classes, samples]."""
    factor = np.linalg.cholesky(kernel + 1)
    known = [i for i in range(SAMPLES) if weights[i] > 0 and not np.isnan(labels[i])]

    def total(point):
        u = point.reshape(classes, SAMPLES)
        scores = u @ factor.T
        value, slope, hessian = 0.5 * l2 * np.sum(u * u), l2 * u, l2 * np.eye(u.size)
        for i in known:
            v, g, h = derivatives(loss, scores[:, i], labels[i])
            value += weights[i] * v
            slope = slope + weights[i] * np.outer(g, factor[i])
            hessian += weights[i] * np.kron(h, np.outer(factor[i], factor[i]))
        return value, slope.ravel(), hessian

    found = minimize(
        lambda u: total(u)[0], np.zeros(classes * SAMPLES), jac=lambda u: total(u)[1], hess=lambda u: total(u)[2],
        method="trust-exact", options={"gtol": 1e-9, "maxiter": 1000},
    )
    point = found.x
    for _ in range(5):
        _, slope, hessian = total(point)
        point = point - np.linalg.solve(hessian, slope)
    assert np.abs(total(point)[1]).max() < 1e-11, loss
    return point.reshape(classes, SAMPLES) @ factor.T


def main():
    generator = np.random.default_rng(5)
    features = generator.normal(size=(SAMPLES, 3))
    distances = ((features[:, None] - features[None]) ** 2).sum(-1)
    kernel = np.exp(-0.5 * distances) + 1e-6 * np.eye(SAMPLES)
    noise = generator.normal(size=(2, SAMPLES))
    binary = (features[:, :2].T + 0.7 * noise > 0).astype(float)
    real = features[:, :2].T * 2 + noise
    for table in (binary, real):
        table[0, ::5] = np.nan
        table[1, 1::4] = np.nan
    classes = np.argmax(features + generator.normal(size=features.shape), axis=1).astype(float)
    weights = np.round(generator.uniform(0.3, 2.0, size=(2, SAMPLES)), 3)
    weights[0, 7] = 0.0
    cases = []
    for l2 in [0.02, 0.5, 10.0]:
        for loss, labels in [("squared-hinge", binary), ("logistic", binary), ("squared", real), ("multinomial", classes[None])]:
            count = 3 if loss == "multinomial" else 1
            scores = [solved(loss, count, kernel, y, w, l2) for y, w in zip(labels, weights)]
            cases.append({
                "loss": loss, "l2": l2, "classes": count,
                "labels": [None if np.isnan(y) else y for y in labels.ravel()],
                "weights": weights[: len(labels)].ravel().tolist(),
                "scores": np.concatenate(scores).ravel().tolist(),
            })
    FILE.write_text(json.dumps({"made_by": "reference/kernel_machine_golden.py", "samples": SAMPLES, "kernel": kernel.ravel().tolist(), "cases": cases}) + "\n")


if __name__ == "__main__":
    main()
