"""Golden numbers for the layers of ckn-burn, from JAX (float64), mpmath and NumPy.

    pip install numpy jax mpmath
    python reference/layer_golden.py

Writes reference/golden/layer.json. The layer is written patch by patch from its definition; its inverse root is a
Denman-Beavers iteration, so that the gradients of automatic differentiation never see an eigenvector or the formula of
the erratum; mpmath's central differences at 60 digits are the golden adjoint of the root itself. The training gradient
of the "reference" regularisation is that of the public code of CKN-seq, written out in NumPy: it is not a derivative.

Anchor points are integers over a power of two with a norm of exactly one, maps and upstream gradients are dyadic: the
same numbers in single and in double precision. Made with NumPy 2.4.6, JAX 0.10.2 and mpmath 1.4.1.
"""

import json
from pathlib import Path

import jax
import jax.numpy as jnp
import mpmath
import numpy as np

jax.config.update("jax_enable_x64", True)
FILE = Path(__file__).parent / "golden" / "layer.json"
CHANNELS, FILTERS, WIDTH, LENGTH = 4, 3, 3, 9
LENGTHS = [9, 6, 4]
UNIT = 2048


def unit_vector(generator, size):
    """Integers whose squares sum to UNIT**2: all but three at random, the rest by search."""
    squares = {k * k: k for k in range(UNIT + 1)}
    while True:
        head = generator.integers(-UNIT // 4, UNIT // 4, size - 2)
        rest = UNIT**2 - int((head**2).sum())
        for a in range(int(max(rest, 0) ** 0.5) + 1):
            if rest - a * a in squares:
                return np.append(head, [a, squares[rest - a * a]]) / UNIT


def near_duplicate(anchor):
    """The anchor with the two entries exchanged that differ least: the same norm, exactly."""
    order = np.argsort(anchor)
    gaps = np.diff(anchor[order])
    gaps[gaps == 0] = np.inf
    k = int(np.argmin(gaps))
    twin = anchor.copy()
    twin[order[[k, k + 1]]] = anchor[order[[k + 1, k]]]
    return twin


def kappa(kernel, u):
    kind = kernel["type"]
    if kind == "exponential":
        return jnp.exp((u - 1) / kernel["sigma"] ** 2)
    if kind == "polynomial":
        return u ** kernel["degree"]
    if kind == "linear":
        return u
    if kernel["order"] == 0:
        return 1 - jnp.arccos(jnp.clip(u, -1, 1)) / jnp.pi
    safe = jnp.where(u * u < 1, u, 0.0)
    # At u = 1 value and slope are 1; JAX's own derivative of the square root is infinite there.
    inside = (safe * (jnp.pi - jnp.arccos(safe)) + jnp.sqrt(1 - safe * safe)) / jnp.pi
    return jnp.where(u * u < 1, inside, jnp.where(u > 0, u, 0.0))


def gram(kernel, anchors):
    flat = anchors.reshape(anchors.shape[0], -1)
    if kernel == {"type": "arc-cosine", "order": 0}:
        # Order 0 has no derivative at 1; on the sphere the diagonal is constant.
        eye = jnp.eye(len(flat))
        return jnp.where(eye == 1, 1.0, kappa(kernel, (1 - eye) * (flat @ flat.T)))
    return kappa(kernel, flat @ flat.T)


def denman_beavers(matrix):
    """Inverse square root of a positive definite matrix."""
    y, z = matrix, jnp.eye(len(matrix))
    for _ in range(25):
        y, z = (y + jnp.linalg.inv(z)) / 2, (z + jnp.linalg.inv(y)) / 2
    return z


def reference_root(matrix, epsilon):
    values, vectors = np.linalg.eigh(matrix)
    roots = np.sqrt(np.maximum(values, 0)) + epsilon
    return (vectors / roots) @ vectors.T, roots, vectors


def reference_training_adjoint(matrix, epsilon, upstream):
    """MatrixInverseSqrt.backward of the public code."""
    _, s, u = reference_root(matrix, epsilon)
    factor = 1 / (np.outer(s, s) * (s[:, None] + s[None, :]))
    inner = factor * (u.T @ ((upstream + upstream.T) / 2) @ u)
    return -u @ inner @ u.T


def gaussian(s):
    if s == 1:
        return np.ones(1)
    x = np.arange(-(s - 1), s)
    deviation = (2 * s - 2) / (2 * np.sqrt(2))
    weights = np.exp(-x * x / (2 * deviation**2))
    return weights / weights.sum()


def windows(case, sequence):
    """Patches [channels, width] of one sequence [channels, own length]."""
    width = case["width"]
    if case["border"] == "same":
        sequence = jnp.pad(sequence, [(0, 0), ((width - 1) // 2, width // 2)])
    return [sequence[:, t : t + width] for t in range(sequence.shape[1] - width + 1)]


def layer(case, anchors, root, maps):
    """Outputs of a batch: a list of [positions, filters], or [batch, filters] if pooled globally."""
    flat = anchors.reshape(anchors.shape[0], -1)
    filter_weights = gaussian(case["subsampling"])
    reach, stride = case["subsampling"] - 1, case["subsampling"]
    outputs = []
    for sequence, length in zip(maps, case["lengths"]):
        rows = []
        for patch in windows(case, sequence[:, :length]):
            energy = (patch**2).sum()
            norm = jnp.sqrt(jnp.where(energy == 0, 1.0, energy))
            value = norm * kappa(case["kernel"], flat @ patch.reshape(-1) / norm)
            rows.append(jnp.where(energy == 0, 0.0, root @ value))
        pooled = []
        for t in range(0, len(rows), stride):
            taps = [(o, t + o) for o in range(-reach, reach + 1) if 0 <= t + o < len(rows)]
            pooled.append(sum(filter_weights[o + reach] * rows[k] for o, k in taps))
        stacked = jnp.stack(pooled)
        globally = {"mean": lambda m: m.mean(0), "sum": lambda m: m.sum(0), "max": lambda m: m.max(0)}
        outputs.append(globally[case["pooling"]](stacked) if case["pooling"] else stacked)
    return outputs


def padded(outputs):
    if outputs[0].ndim == 1:
        return jnp.stack(outputs)
    longest = max(len(rows) for rows in outputs)
    return jnp.stack([jnp.pad(rows, [(0, longest - len(rows)), (0, 0)]).T for rows in outputs])


def run(case, anchors, maps, generator):
    kernel, epsilon = case["kernel"], case["regularisation"]["epsilon"]
    shift = case["regularisation"]["type"] == "shift"

    def root_of(z):
        matrix = gram(kernel, z)
        if shift:
            return denman_beavers(matrix + epsilon * jnp.eye(len(matrix)))
        return jnp.asarray(reference_root(np.asarray(matrix), epsilon)[0])

    with_root = lambda z, root, x: padded(layer(case, z, root, x))
    root = root_of(jnp.asarray(anchors))
    output = np.asarray(with_root(jnp.asarray(anchors), root, jnp.asarray(maps)))
    upstream = np.round(64 * generator.normal(size=output.shape)) / 64
    by_anchors, by_root, by_map = jax.grad(
        lambda z, r, x: (with_root(z, r, x) * upstream).sum(), argnums=(0, 1, 2)
    )(jnp.asarray(anchors), root, jnp.asarray(maps))
    if shift:
        through_root = jax.vjp(root_of, jnp.asarray(anchors))[1](by_root)[0]
    else:
        matrix, pull = jax.vjp(lambda z: gram(kernel, z), jnp.asarray(anchors))
        through_root = pull(jnp.asarray(reference_training_adjoint(np.asarray(matrix), epsilon, np.asarray(by_root))))[0]
    case |= {
        "anchors": anchors.tolist(),
        "map": maps.tolist(),
        "upstream": upstream.tolist(),
        "output": output.tolist(),
        "gradient_by_anchors": np.asarray(by_anchors + through_root).tolist(),
        "gradient_by_map": np.asarray(by_map).tolist(),
    }
    return case


def maps_of(kind, generator):
    batch = len(LENGTHS)
    if kind == "letters":
        maps = np.zeros((batch, CHANNELS, LENGTH))
        letters = generator.integers(0, CHANNELS, (batch, LENGTH))
        np.put_along_axis(maps, letters[:, None, :], 1.0, 1)
        maps[0, :, 2] = maps[1, :, 5] = 1 / CHANNELS
    else:
        maps = np.round(64 * generator.normal(size=(batch, CHANNELS, LENGTH))) / 64
        maps[0, :, 1:5] = 0.0
    # What lies beyond a sequence must not matter.
    for row, length in enumerate(LENGTHS):
        maps[row, :, length:] = 7.5
    return maps


def layer_cases():
    generator = np.random.default_rng(20190401)
    exponential = {"type": "exponential", "sigma": 0.5}
    kernels = [
        exponential,
        {"type": "polynomial", "degree": 3},
        {"type": "arc-cosine", "order": 1},
        {"type": "arc-cosine", "order": 0},
        {"type": "linear"},
    ]
    shift, reference = {"type": "shift", "epsilon": 1e-3}, {"type": "reference", "epsilon": 1e-2}
    rows = []
    for index, kernel in enumerate(kernels):
        for border in ["valid", "same"]:
            for place, (pooling, subsampling) in enumerate([("mean", 1), ("max", 1), ("sum", 1), (None, 1), (None, 2), (None, 3)]):
                # Every kernel with every border; poolings in full for the exponential, in turn for the others.
                if index == 0 or (place + index + (border == "same")) % 3 == 0:
                    kind = "letters" if place % 2 == 0 else "real"
                    rows.append((kernel, border, pooling, subsampling, kind, shift, False))
    rows += [
        (exponential, "valid", "mean", 1, "letters", shift, True),
        (exponential, "same", None, 2, "real", shift, True),
        (exponential, "valid", "max", 1, "letters", shift, True),
        (exponential, "valid", "mean", 1, "letters", reference, False),
        (exponential, "same", "max", 1, "real", reference, False),
        (exponential, "valid", "mean", 1, "letters", reference, True),
        (exponential, "valid", "mean", 2, "letters", shift, False),
    ]
    for kernel, border, pooling, subsampling, kind, regularisation, duplicates in rows:
        anchors = np.stack([unit_vector(generator, CHANNELS * WIDTH) for _ in range(FILTERS)])
        if duplicates:
            anchors[1] = near_duplicate(anchors[0])
        case = {
            "kernel": kernel,
            "border": border,
            "pooling": pooling,
            "subsampling": subsampling,
            "regularisation": regularisation,
            "near_duplicates": duplicates,
            "letters": kind == "letters",
            "width": WIDTH,
            "lengths": LENGTHS,
        }
        yield run(case, anchors.reshape(FILTERS, CHANNELS, WIDTH), maps_of(kind, generator), generator)


def exact_root(matrix, epsilon):
    values, vectors = mpmath.eigsy(matrix + epsilon * mpmath.eye(matrix.rows))
    return vectors * mpmath.diag([1 / mpmath.sqrt(value) for value in values]) * vectors.T


def root_cases():
    """The inverse root by mpmath at 60 digits; its adjoint by central differences of step 1e-20."""
    mpmath.mp.dps = 60
    generator = np.random.default_rng(7)
    for size, epsilon, duplicates in [(3, 1e-3, False), (3, 1e-3, True), (5, 1e-2, True), (5, 1.0, False)]:
        anchors = np.stack([unit_vector(generator, 12) for _ in range(size)])
        if duplicates:
            anchors[1] = near_duplicate(anchors[0])
        matrix = np.round(2**20 * np.exp((anchors @ anchors.T - 1) / 0.25)) / 2**20
        upstream = np.round(64 * generator.normal(size=(size, size))) / 64
        exact, step, exact_epsilon = mpmath.matrix(matrix.tolist()), mpmath.mpf(10) ** -20, mpmath.mpf(epsilon)
        weights = mpmath.matrix(upstream.tolist())

        def objective(moved):
            root = exact_root(moved, exact_epsilon)
            return sum(root[i, j] * weights[i, j] for i in range(size) for j in range(size))

        adjoint = np.zeros((size, size))
        for i in range(size):
            for j in range(i + 1):
                above, below = exact.copy(), exact.copy()
                for k, l in {(i, j), (j, i)}:
                    above[k, l] += step
                    below[k, l] -= step
                slope = float((objective(above) - objective(below)) / (2 * step))
                adjoint[i, j] = adjoint[j, i] = slope if i == j else slope / 2
        root = np.array(exact_root(exact, exact_epsilon).tolist(), dtype=float)
        by_jax = jax.vjp(lambda a: denman_beavers(a + epsilon * jnp.eye(size)), jnp.asarray(matrix))
        assert np.abs(np.asarray(by_jax[0]) - root).max() < 1e-11 * np.abs(root).max()
        symmetric = np.asarray(by_jax[1](jnp.asarray(upstream))[0])
        assert np.abs((symmetric + symmetric.T) / 2 - adjoint).max() < 1e-10 * np.abs(adjoint).max()
        shared = {"gram": matrix.tolist(), "upstream": upstream.tolist()}
        yield shared | {
            "regularisation": {"type": "shift", "epsilon": epsilon},
            "root": root.tolist(),
            "adjoint": adjoint.tolist(),
        }
        yield shared | {
            "regularisation": {"type": "reference", "epsilon": epsilon},
            "root": reference_root(matrix, epsilon)[0].tolist(),
            "adjoint": reference_training_adjoint(matrix, epsilon, upstream).tolist(),
        }


def main():
    golden = {"made_by": "reference/layer_golden.py", "layers": list(layer_cases()), "roots": list(root_cases())}
    FILE.write_text(json.dumps(golden, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
