"""Golden numbers for exact convolutional kernels between images, from NumPy (float64).

    pip install numpy
    python reference/exact_image_kernel_golden.py

Writes reference/golden/exact_image_kernel.json. The kernel of 2014 is computed by recursion on its definition, one double
sum for each pair of positions. The kernel of networks is computed with explicit features: at every layer the kernel matrix
of all patches of all images is factorised, so that a patch has as many coordinates as there are patches, and maps of these
are pooled and cut into patches like any other. The library does neither. Made with NumPy 2.4.6.
"""

import json
from functools import lru_cache
from math import exp, sqrt
from pathlib import Path

import numpy as np

FILE = Path(__file__).parent / "golden" / "exact_image_kernel.json"
generator = np.random.default_rng(14)


def image(height, width, channels):
    values = generator.integers(-6, 10, (height, width, channels)) / 8
    values[: height // 2, : width // 2] = 0  # a blank corner
    return values


def hierarchical(images, patch, centred, inner, last):
    """Definitions 1 to 3 of Mairal et al. 2014; inner: (side, beta, sigma) of each layer, last: (beta, sigma)."""
    height, width = images[0].shape[:2]

    def pixels(i, y, x):
        vectors = images[i][y : y + patch, x : x + patch].reshape(patch * patch, -1)
        return vectors - vectors.mean(0) if centred else vectors

    @lru_cache(None)
    def feature_inner(layer, i, z, j, u):
        """<phi_layer(z), phi'_layer(u)>: layer 0 are the pixels."""
        if layer == 0:
            return float((pixels(i, *z) * pixels(j, *u)).sum())
        side, beta, sigma = inner[layer - 1]
        offsets = [(y, x) for y in range(side) for x in range(side)]
        return double_sum(layer - 1, i, z, j, u, offsets, beta, sigma)

    def double_sum(layer, i, start, j, other, offsets, beta, sigma):
        total = 0.0
        for o in offsets:
            for q in offsets:
                z, u = (start[0] + o[0], start[1] + o[1]), (other[0] + q[0], other[1] + q[1])
                norm = sqrt(feature_inner(layer, i, z, i, z))
                norm_u = sqrt(feature_inner(layer, j, u, j, u))
                if norm == 0 or norm_u == 0:
                    continue
                distance = 2 - 2 * feature_inner(layer, i, z, j, u) / (norm * norm_u)
                far = (o[0] - q[0]) ** 2 + (o[1] - q[1]) ** 2
                total += norm * norm_u * exp(-far / (2 * beta**2)) * exp(-distance / (2 * sigma**2))
        return total

    lost = patch - 1 + sum(side - 1 for side, _, _ in inner)
    whole = [(y, x) for y in range(height - lost) for x in range(width - lost)]
    count = range(len(images))
    return [[double_sum(len(inner), i, (0, 0), j, (0, 0), whole, *last) for j in count] for i in count]


def axis_weights(pooling, n):
    """Rows: weights of each position after pooling."""
    kind, number = pooling
    if kind == "none":
        return np.eye(n)
    at = np.arange(n)
    if kind == "stride":
        taps = np.exp(-((np.arange(-number, number + 1) / number) ** 2))
        rows = [np.where(abs(at - c) <= number, np.exp(-(((at - c) / number) ** 2)), 0) for c in range(0, n, number)]
        return np.array(rows) / taps.sum()
    length = number if kind == "to" else int(np.ceil(n / number))
    gamma = n / length if kind == "to" else number
    centres = (n - 1) / 2 + gamma * (np.arange(length) - (length - 1) / 2)
    distances = abs(at[None] - centres[:, None])
    return np.where(distances <= 3 * gamma, (2 / np.pi) ** 0.25 * np.exp(-((distances / gamma) ** 2)), 0)


def kappa(kernel, cosine):
    if kernel[0] == "exponential":
        return np.exp((cosine - 1) / kernel[1] ** 2)
    if kernel[0] == "polynomial":
        return cosine ** kernel[1]
    return (cosine * (np.pi - np.arccos(cosine)) + np.sqrt(1 - cosine**2)) / np.pi


def cut(image, layer):
    """Patches, one a row."""
    side = layer["patch"]
    if layer["border"] == "same":
        around = ((side - 1) // 2, side // 2)
        image = np.pad(image, (around, around, (0, 0)))
    height, width = image.shape[0] - side + 1, image.shape[1] - side + 1
    rows = []
    for y in range(height):
        for x in range(width):
            patch = image[y : y + side, x : x + side].reshape(side * side, -1)
            rows.append((patch - patch.mean(0) if layer["centred"] else patch).reshape(-1))
    return np.array(rows), (height, width)


def network(images, layers):
    maps = images
    for layer in layers:
        parts = [cut(m, layer) for m in maps]
        patches, (height, width) = np.concatenate([rows for rows, _ in parts]), parts[0][1]
        norms = np.linalg.norm(patches, axis=1)
        norms[norms < 1e-9] = 0
        unit = patches / np.where(norms > 0, norms, 1)[:, None]
        gram = norms[:, None] * norms * kappa(layer["kernel"], np.clip(unit @ unit.T, -1, 1))
        values, vectors = np.linalg.eigh(gram)
        features = (vectors * np.sqrt(np.clip(values, 0, None))).reshape(len(maps), height, width, -1)
        rows, columns = axis_weights(layer["pooling"], height), axis_weights(layer["pooling"], width)
        maps = np.einsum("ay,bx,iyxf->iabf", rows, columns, features)
    flat = maps.reshape(len(maps), -1)
    return (flat @ flat.T).tolist()


cases = []
for shape, patch, centred, inner, last in [
    ((5, 4, 1), 1, False, [], (1.5, 0.4)),
    ((5, 6, 3), 2, True, [], (2.0, 0.7)),
    ((5, 5, 2), 1, False, [(2, 1.0, 0.5)], (1.5, 0.8)),
    ((6, 5, 1), 2, False, [(2, 0.7, 0.5), (2, 1.2, 0.9)], (2.0, 0.6)),
]:
    images = [image(*shape) for _ in range(3)]
    cases.append(
        {
            "kind": "hierarchical",
            "shape": shape,
            "patch": patch,
            "centred": centred,
            "inner": inner,
            "last": last,
            "images": [one.reshape(-1).tolist() for one in images],
            "matrix": hierarchical(images, patch, centred, inner, last),
        }
    )


def layer(patch, border, centred, kernel, pooling):
    return {"patch": patch, "border": border, "centred": centred, "kernel": kernel, "pooling": pooling}


SHARP, WIDE = ("exponential", 0.5), ("exponential", 0.9)
for shape, layers in [
    ((5, 4, 2), [layer(2, "valid", False, SHARP, ("none", 0))]),
    ((6, 6, 3), [layer(3, "same", True, SHARP, ("by", 2.0))]),
    (
        (7, 6, 1),
        [layer(2, "valid", False, SHARP, ("by", 1.5)), layer(2, "valid", False, ("polynomial", 2), ("to", 2))],
    ),
    (
        (6, 7, 2),
        [
            layer(3, "same", False, WIDE, ("stride", 2)),
            layer(2, "same", True, ("arc-cosine", 1), ("none", 0)),
            layer(1, "valid", False, SHARP, ("to", 2)),
        ],
    ),
]:
    images = [image(*shape) for _ in range(3)]
    cases.append(
        {
            "kind": "network",
            "shape": shape,
            "layers": layers,
            "images": [one.reshape(-1).tolist() for one in images],
            "matrix": network(images, layers),
        }
    )
FILE.write_text(json.dumps({"cases": cases}, indent=1) + "\n")
