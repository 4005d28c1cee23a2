"""Types of the module; docstrings are those of the module itself (``help(ckn.train)``)."""

import os
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Literal, TypeAlias, TypedDict, final

import numpy as np
from numpy.typing import ArrayLike, NDArray

__version__: str

Path: TypeAlias = str | os.PathLike[str]
Sequences: TypeAlias = Path | Iterable[str] | Iterable[bytes] | NDArray[np.uint8] | NDArray[np.bytes_] | NDArray[np.str_]
Alphabet: TypeAlias = Literal["dna", "rna", "protein"]
Rule: TypeAlias = Literal["matches", "shapley", "gradient", "substitution", "occlusion"]
Floats: TypeAlias = NDArray[np.float64]

class Error(Exception): ...
class SettingError(Error, ValueError): ...
class InputError(Error, ValueError): ...
class DeviceError(Error, RuntimeError): ...
class UnfinishedError(Error, RuntimeError): ...
class InternalError(Error, RuntimeError): ...
class DataWarning(UserWarning): ...
class TrainingWarning(UserWarning): ...

@final
class Attribution:
    @property
    def name(self) -> str: ...
    @property
    def score(self) -> float: ...
    @property
    def baseline(self) -> float | None: ...
    @property
    def contributions(self) -> Floats: ...
    @property
    def hypothetical(self) -> Floats | None: ...

class Evidence(TypedDict):
    positives: int
    positives_with_hit: int
    negatives: int
    negatives_with_hit: int
    log2_ratio: float
    fisher_p: float
    auroc: float
    rank_sum_p: float
    p_value: float
    q_value: float
    e_value: float
    shuffled_p: float

@final
class Motif:
    @property
    def name(self) -> str: ...
    @property
    def matrix(self) -> Floats: ...
    @property
    def letters(self) -> str: ...
    @property
    def consensus(self) -> str: ...
    @property
    def found_in(self) -> Literal["model", "sequences"]: ...
    @property
    def direction(self) -> Literal["enriched", "depleted"]: ...
    @property
    def sites(self) -> float | None: ...
    @property
    def q_value(self) -> float | None: ...
    @property
    def evidence(self) -> Evidence | None: ...
    @property
    def match(self) -> tuple[str, str | None, float] | None: ...
    @property
    def matches(self) -> list[tuple[str, str | None, float]]: ...
    def _repr_svg_(self) -> str: ...

@final
class Model:
    @staticmethod
    def load(path: Path) -> Model: ...
    @staticmethod
    def from_bytes(bytes: bytes) -> Model: ...
    def to_bytes(self) -> bytes: ...
    def save(self, path: Path, *, overwrite: bool = False) -> None: ...
    def predict(
        self, sequences: Sequences, *, output: str | None = None, allow_duplicates: bool = False, threads: int | None = None
    ) -> Floats: ...
    def attribute(
        self,
        sequences: Sequences,
        *,
        by: Rule | None = None,
        hypothetical: bool = False,
        output: str | None = None,
        allow_duplicates: bool = False,
        threads: int | None = None,
    ) -> list[Attribution]: ...
    def variants(
        self,
        *,
        vcf: Path | None = None,
        tsv: Path | None = None,
        genome: Path | None = None,
        reference: Sequences | None = None,
        alternative: Sequences | None = None,
        window: int | None = None,
        null: int = 10000,
        seed: int = 0,
        output: str | None = None,
        threads: int | None = None,
    ) -> dict[str, Any]: ...
    def motifs(
        self,
        positives: Sequences | None = None,
        negatives: Sequences | None = None,
        *,
        output: str | None = None,
        model_only: bool = False,
        database: Path | None = None,
        max_q: float | None = None,
        seed: int = 0,
        allow_duplicates: bool = False,
        threads: int | None = None,
    ) -> list[Motif]: ...
    def scan(
        self,
        genome: Sequences,
        *,
        threshold: float | None = None,
        fpr: float | None = None,
        region: str | None = None,
        length: int | None = None,
        strands: Literal["both", "forward"] | None = None,
        output: str | None = None,
        seed: int = 0,
        threads: int | None = None,
    ) -> dict[str, Any]: ...
    @property
    def kind(self) -> str: ...
    @property
    def alphabet(self) -> Alphabet: ...
    @property
    def letters(self) -> str: ...
    @property
    def outputs(self) -> list[str]: ...
    @property
    def classes(self) -> list[str]: ...
    @property
    def shortest_sequence(self) -> int: ...
    @property
    def card(self) -> dict[str, Any]: ...
    def _repr_html_(self) -> str: ...

def train(
    positives: Sequences | None = None,
    negatives: Sequences | None = None,
    *,
    labels: ArrayLike | None = None,
    task_names: Sequence[str] | None = None,
    alphabet: Alphabet | None = None,
    threads: int | None = None,
    progress: bool | Callable[[str], object] | None = None,
    **options: Any,
) -> Model: ...
def find_motifs(
    positives: Sequences,
    negatives: Sequences | None = None,
    *,
    alphabet: Alphabet = "dna",
    database: Path | None = None,
    max_q: float | None = None,
    seed: int = 0,
    allow_duplicates: bool = False,
    threads: int | None = None,
) -> list[Motif]: ...
def read_sequences(path: Path, *, alphabet: Alphabet = "dna") -> tuple[list[str], list[str]]: ...

class _SequenceEstimator:
    model_: Model
    def get_params(self, deep: bool = True) -> dict[str, Any]: ...
    def set_params(self, **params: Any) -> Any: ...

class SequenceClassifier(_SequenceEstimator):
    classes_: NDArray[Any]
    def __init__(
        self,
        *,
        alphabet: Alphabet = "dna",
        model: str | None = None,
        effort: Literal["quick", "standard", "thorough"] | None = None,
        budget: float | None = None,
        seed: int = 0,
        threads: int | None = None,
        options: dict[str, Any] | None = None,
    ) -> None: ...
    def fit(self, X: Sequences, y: ArrayLike) -> SequenceClassifier: ...
    def predict(self, X: Sequences) -> NDArray[Any]: ...
    def predict_proba(self, X: Sequences) -> Floats: ...
    def decision_function(self, X: Sequences) -> Floats: ...
    def score(self, X: Sequences, y: ArrayLike) -> float: ...

class SequenceRegressor(_SequenceEstimator):
    def __init__(
        self,
        *,
        alphabet: Alphabet = "dna",
        model: str | None = None,
        seed: int = 0,
        threads: int | None = None,
        options: dict[str, Any] | None = None,
    ) -> None: ...
    def fit(self, X: Sequences, y: ArrayLike) -> SequenceRegressor: ...
    def predict(self, X: Sequences) -> Floats: ...
    def score(self, X: Sequences, y: ArrayLike) -> float: ...
