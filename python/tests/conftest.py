"""What the tests share: the specimens of the guide, the command of the wheel, and one trained model."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import ckn

# One of scikit-learn's checks is run with it alone; read when SciPy is imported.
os.environ.setdefault("SCIPY_ARRAY_API", "1")

ROOT = Path(__file__).resolve().parents[2]
COMMAND = Path(sys.executable).parent / "ckn"


@pytest.fixture(scope="session")
def specimens(tmp_path_factory):
    """The folder of the files that the guide is run on."""
    folder = tmp_path_factory.mktemp("specimens")
    subprocess.run([sys.executable, ROOT / "docs" / "specimens.py", folder], check=True)
    return folder


@pytest.fixture(scope="session")
def command():
    """Runs the command that the wheel installed; returns what it did."""

    def run(*words, **settings):
        words = [COMMAND, *map(os.fspath, words)]
        return subprocess.run(words, capture_output=True, text=True, timeout=300, **settings)

    return run


@pytest.fixture(scope="session")
def model(specimens):
    """A network, of two files."""
    return ckn.train(specimens / "bound.fa.gz", specimens / "unbound.fa.gz", filters=16, epochs=5)


@pytest.fixture(scope="session")
def test_sequences(specimens):
    """Names, sequences and labels that no model was trained on."""
    positives = ckn.read_sequences(specimens / "test_bound.fa.gz")
    negatives = ckn.read_sequences(specimens / "test_unbound.fa.gz")
    names, sequences = (one + other for one, other in zip(positives, negatives))
    return names, sequences, [1] * len(positives[0]) + [0] * len(negatives[0])
