"""Golden numbers for the input maps of ckn-vision, from NumPy (float64).

    pip install numpy
    python reference/image_maps_golden.py

Writes reference/golden/image_maps.json. Gradients are numpy.gradient and numpy.diff; whitening goes patch by patch through
the singular values of the patches themselves, not through their products. Images are bytes of a smooth texture and noise.
Made with NumPy 2.4.6.
"""

import json
from pathlib import Path

import numpy as np

FILE = Path(__file__).parent / "golden" / "image_maps.json"


def texture(generator, height, width, channels):
    """Bytes, [height, width, channels]."""
    rows, columns = np.mgrid[:height, :width]
    phases = generator.uniform(0, 6.28, channels)
    waves = [np.sin(0.7 * rows + 0.4 * columns + phase) for phase in phases]
    image = 128 + 70 * np.stack(waves, -1) + generator.normal(0, 15, (height, width, channels))
    return np.clip(np.round(image), 0, 255).astype(np.uint8)


def gradient(image, kind):
    """[height, width, 2]: along rows, along columns, of the channel with the longest gradient."""
    if kind == "central":
        down, right = (np.gradient(image, axis=axis) for axis in (0, 1))
    else:
        down, right = (
            np.diff(image, axis=axis, append=np.take(image, [-1], axis)) for axis in (0, 1)
        )
    best = np.argmax(right**2 + down**2, axis=2)[..., None]
    return np.concatenate([np.take_along_axis(part, best, 2) for part in (right, down)], axis=2)


def take(image, side):
    """[places, side * side * channels]"""
    places = [
        (row, column)
        for row in range(image.shape[0] - side + 1)
        for column in range(image.shape[1] - side + 1)
    ]
    return np.stack([image[r : r + side, c : c + side].ravel() for r, c in places]), places


def put(patches, places, shape, side):
    total, count = np.zeros(shape), np.zeros(shape)
    for patch, (row, column) in zip(patches, places):
        total[row : row + side, column : column + side] += patch.reshape(side, side, shape[2])
        count[row : row + side, column : column + side] += 1
    return total / count


def local_whitening(image, side, power):
    patches, places = take(image, side)
    colours = patches.reshape(len(patches), side * side, image.shape[2])
    patches = (colours - colours.mean(1, keepdims=True)).reshape(patches.shape)
    patches, _ = take(put(patches, places, image.shape, side), side)
    _, singular, axes = np.linalg.svd(patches, full_matrices=False)
    keep = singular > 1e-8 * singular.max()
    scale = np.zeros_like(singular)
    scale[keep] = (singular[keep] ** 2) ** -power
    return put(patches @ (axes.T * scale) @ axes, places, image.shape, side)


def main():
    generator = np.random.default_rng(20140612)
    gradients, whitenings = [], []
    for shape in [(5, 7, 1), (4, 3, 3), (1, 5, 1), (3, 1, 2), (2, 2, 3)]:
        data = texture(generator, *shape)
        for kind in ["central", "forward"]:
            pixels = data / 255.0
            padded = pixels
            # numpy.gradient refuses a single pixel; a difference of two equal ones is 0.
            for axis in (0, 1):
                if padded.shape[axis] == 1:
                    padded = np.repeat(padded, 2, axis)
            map_ = gradient(padded, kind)[: shape[0], : shape[1]]
            gradients.append(
                {"shape": shape, "bytes": data.ravel().tolist(), "kind": kind, "map": map_.ravel().tolist()}
            )
    for shape, side, power, grey in [
        ((12, 10, 3), 3, 0.25, False),
        ((12, 10, 3), 3, 0.5, False),
        ((9, 9, 1), 2, 0.25, False),
        ((8, 11, 1), 3, 0.25, False),
        ((11, 8, 3), 3, 0.25, True),
        ((7, 7, 2), 1, 0.25, False),
        ((3, 3, 1), 3, 0.25, False),
        ((10, 10, 3), 4, 0.0, False),
    ]:
        data = texture(generator, *shape)
        if grey:
            data = np.repeat(data[..., :1], shape[2], axis=2)
        white = local_whitening(data / 255.0, side, power)
        whitenings.append(
            {
                "shape": shape,
                "bytes": data.ravel().tolist(),
                "side": side,
                "power": power,
                "image": white.ravel().tolist(),
            }
        )
    patches = np.round(generator.normal(0, 1, (40, 6)) @ generator.normal(0, 1, (6, 6)), 3)
    epsilon = 1e-3
    mean = patches.mean(0)
    values, axes = np.linalg.eigh((patches - mean).T @ (patches - mean) / len(patches) + epsilon * np.eye(6))
    white = (patches - mean) @ (axes / np.sqrt(values)) @ axes.T
    whole = {
        "gradients": gradients,
        "local_whitening": whitenings,
        "patch_whitening": {
            "size": 6,
            "epsilon": epsilon,
            "patches": patches.ravel().tolist(),
            "whitened": white.ravel().tolist(),
        },
    }
    FILE.write_text(json.dumps(whole, separators=(",", ":")) + "\n")


main()
