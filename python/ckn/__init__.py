"""Convolutional kernel networks for DNA, RNA and protein sequences.

``train`` makes a ``Model``, as the command ``ckn train`` does; a model predicts, explains its scores, ranks variants, shows its motifs
and scans genomes. ``SequenceClassifier`` and ``SequenceRegressor`` follow the conventions of scikit-learn, which they do not need.
"""

from ._ckn import Attribution, Model, Motif, __version__, find_motifs, read_sequences, train
from ._errors import (
    DataWarning,
    DeviceError,
    Error,
    InputError,
    InternalError,
    SettingError,
    TrainingWarning,
    UnfinishedError,
)
from ._estimators import SequenceClassifier, SequenceRegressor

__all__ = [
    "Attribution",
    "DataWarning",
    "DeviceError",
    "Error",
    "InputError",
    "InternalError",
    "Model",
    "Motif",
    "SequenceClassifier",
    "SequenceRegressor",
    "SettingError",
    "TrainingWarning",
    "UnfinishedError",
    "__version__",
    "find_motifs",
    "read_sequences",
    "train",
]
