"""Golden numbers for the losses, metrics and solver of ckn-core, from NumPy, SciPy and scikit-learn.

    pip install numpy scipy scikit-learn
    python reference/metrics_and_losses.py

Writes three tables to reference/golden: losses.tsv, metrics.tsv, solver.tsv. Numbers are shortest
round-trip decimals, so that they parse back to the same f64. Made with NumPy 2.4.6, SciPy 1.17.1 and scikit-learn 1.9.1.
"""

from pathlib import Path

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit, log_softmax, softmax
from scipy.stats import pearsonr, spearmanr
from sklearn.metrics import accuracy_score, average_precision_score, log_loss, roc_auc_score

FOLDER = Path(__file__).parent / "golden"


def text(values):
    return " ".join(repr(float(value)) for value in np.ravel(values))


def write(name, header, rows):
    lines = ["# made by reference/metrics_and_losses.py", "# " + "\t".join(header)]
    lines += ["\t".join(row) for row in rows]
    (FOLDER / name).write_text("\n".join(lines) + "\n")


def losses():
    """Rows of (loss, scores, label, value, gradient by the scores)."""
    for score in [-1e4, -745.0, -40.0, -3.5, -1.0, -1e-9, 0.0, 0.25, 1.0, 2.0, 36.7, 710.0, 1e4]:
        for label in [0.0, 1.0]:
            sign = 2 * label - 1
            gap = max(0.0, 1 - sign * score)
            yield "logistic", text(score), text(label), text(np.logaddexp(0, -sign * score)), text(-sign * expit(-sign * score))
            yield "squared-hinge", text(score), text(label), text(0.5 * gap**2), text(-sign * gap)
        for label in [-2.5, 0.0, 7.0]:
            yield "squared", text(score), text(label), text(0.5 * (score - label) ** 2), text(score - label)
    for scores in [[0.0, 0.0], [1.0, -2.0, 0.5], [1e4, -1e4, 0.0], [-1e4, -1e4 + 1, -1e4 - 1], [3.0, 3.0, 3.0, -800.0]]:
        for label in range(len(scores)):
            gradient = softmax(scores) - np.eye(len(scores))[label]
            yield "multinomial", text(scores), text(label), text(-log_softmax(scores)[label]), text(gradient)


def metric_inputs(generator):
    """Cases of (name, scores, labels in {0, 1}, real target)."""
    hand = np.array([0.1, 0.4, 0.35, 0.8])
    yield "four-by-hand", hand, np.array([0, 0, 1, 1]), np.array([1.0, 3.0, 2.0, 2.0])
    for name, size, levels, share in [("few-ties", 50, 200, 0.5), ("many-ties", 80, 5, 0.4), ("two-levels", 40, 2, 0.5), ("rare", 90, 12, 0.05)]:
        labels = (generator.random(size) < share).astype(int)
        labels[:2] = [0, 1]
        scores = generator.integers(0, levels, size) / 4 - levels / 8 + 0.25 * (labels * generator.integers(0, 2, size))
        target = np.round(scores + 2 * generator.normal(size=size), 1)
        yield name, scores, labels, target
    labels = generator.integers(0, 2, 30)
    yield "no-ties-far-from-zero", 1e6 + generator.normal(size=30), labels, 1e-6 * generator.normal(size=30)


def metrics():
    """Rows of (case, quantity, values)."""
    for name, scores, labels, target in metric_inputs(np.random.default_rng(7)):
        yield name, "scores", text(scores)
        yield name, "labels", text(labels)
        yield name, "target", text(target)
        yield name, "auroc", text(roc_auc_score(labels, scores))
        yield name, "auprc", text(average_precision_score(labels, scores))
        yield name, "accuracy", text(accuracy_score(labels, scores > 0))
        yield name, "pearson", text(pearsonr(scores, target).statistic)
        yield name, "spearman", text(spearmanr(scores, target).statistic)
        # Of probabilities close to 1 too few digits are left for the logarithm of their complement.
        if np.abs(scores).max() < 6:
            yield name, "log-loss", text(log_loss(labels, expit(scores)))
    generator = np.random.default_rng(8)
    scores, classes = np.round(generator.normal(size=(40, 3)), 1), generator.integers(0, 3, 40)
    yield "three-classes", "rows", text(scores)
    yield "three-classes", "labels", text(classes)
    yield "three-classes", "accuracy", text(accuracy_score(classes, scores.argmax(axis=1)))
    yield "three-classes", "log-loss", text(log_loss(classes, softmax(scores, axis=1)))


def logistic_regression():
    """Rows of (case, quantity, values): minima of mean logistic loss + (l2/2) ‖w‖², no intercept."""
    generator = np.random.default_rng(9)
    size, dimension = 60, 5
    features = np.round(generator.normal(size=(size, dimension)) * np.array([1, 0.3, 0.1, 0.03, 0.001]), 5)
    features[:, 1] = np.round(features[:, 0] + 0.01 * generator.normal(size=size), 4)
    labels = (features[:, 0] + generator.normal(size=size) > 0).astype(float)
    signs = 2 * labels - 1
    yield "data", "features", text(features)
    yield "data", "labels", text(labels)
    for name, l2 in [("strong", 1e-1), ("weak", 1e-5), ("tiny", 1e-9)]:

        def value(w):
            return np.logaddexp(0, -signs * (features @ w)).mean() + l2 / 2 * w @ w

        def gradient(w):
            return -features.T @ (signs * expit(-signs * (features @ w))) / size + l2 * w

        def hessian(w):
            p = expit(features @ w)
            return (features * (p * (1 - p))[:, None]).T @ features / size + l2 * np.eye(dimension)

        found = minimize(value, np.zeros(dimension), jac=gradient, hess=hessian, method="trust-exact", options={"gtol": 1e-10})
        point = found.x
        for _ in range(5):
            point = point - np.linalg.solve(hessian(point), gradient(point))
        assert np.abs(gradient(point)).max() < 1e-15, np.abs(gradient(point)).max()
        spectrum = np.linalg.eigvalsh(hessian(point))
        yield name, "l2", text(l2)
        yield name, "condition", text(spectrum[-1] / spectrum[0])
        yield name, "point", text(point)
        yield name, "value", text(value(point))


def quadratic_steps():
    """Row of (case, quantity, values): steps and evaluations of SciPy's L-BFGS-B on a quadratic of many curvatures."""
    index = np.arange(15)
    curvatures = 7453.0 ** (index / 14)
    start = 50.0 * (index % 3) - 20
    options = {"maxcor": 10, "maxiter": 2000, "gtol": 1e-6, "ftol": 0}
    found = minimize(
        lambda x: (0.5 * (curvatures * (x - index) ** 2).sum(), curvatures * (x - index)),
        start,
        jac=True,
        method="L-BFGS-B",
        options=options,
    )
    assert found.success, found.message
    yield "quadratic", "steps", text([found.nit, found.nfev])


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    write("losses.tsv", ["loss", "scores", "label", "value", "gradient"], losses())
    write("metrics.tsv", ["case", "quantity", "values"], metrics())
    write("solver.tsv", ["case", "quantity", "values"], [*logistic_regression(), *quadratic_steps()])
