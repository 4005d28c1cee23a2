"""Estimators by the conventions of scikit-learn, which is not needed: parameters are attributes, what is learnt ends with an underscore."""

import inspect
import warnings

from ._ckn import train
from ._errors import DataWarning, Error, InputError


class NotFittedError(Error, ValueError, AttributeError):
    """An estimator that was asked before it was fitted."""


def _not_fitted(estimator):
    message = f"this {type(estimator).__name__} is not fitted yet: call fit first"
    try:
        from sklearn.exceptions import NotFittedError as Known
    except ImportError:
        return NotFittedError(message)
    return type("NotFittedError", (NotFittedError, Known), {"__module__": NotFittedError.__module__})(message)


class _SequenceEstimator:
    """What both estimators share: parameters, the model, and what scikit-learn asks of any estimator."""

    def __init__(self, *, alphabet="dna", model=None, seed=0, threads=None, options=None):
        self.alphabet = alphabet
        self.model = model
        self.seed = seed
        self.threads = threads
        self.options = options

    @classmethod
    def _get_param_names(cls):
        return sorted(name for name in inspect.signature(cls.__init__).parameters if name != "self")

    def get_params(self, deep=True):
        """The parameters by their names; ``deep`` changes nothing, as none is an estimator."""
        return {name: getattr(self, name) for name in self._get_param_names()}

    def set_params(self, **params):
        """Sets parameters by their names, and returns the estimator; ValueError for a name that is none."""
        names = self._get_param_names()
        for name in params:
            if name not in names:
                raise ValueError(f"Invalid parameter {name!r} for estimator {self!r}. Valid parameters are: {names!r}.")
        for name, value in params.items():
            setattr(self, name, value)
        return self

    def __repr__(self):
        defaults = inspect.signature(type(self).__init__).parameters
        changed = [f"{name}={value!r}" for name, value in self.get_params().items() if value != defaults[name].default]
        return f"{type(self).__name__}({', '.join(changed)})"

    def __sklearn_is_fitted__(self):
        return hasattr(self, "model_")

    def __sklearn_tags__(self):
        from sklearn.utils import ClassifierTags, InputTags, RegressorTags, Tags, TargetTags

        classifier = self._estimator_type == "classifier"
        return Tags(
            estimator_type=self._estimator_type,
            target_tags=TargetTags(required=True),
            classifier_tags=ClassifierTags() if classifier else None,
            regressor_tags=None if classifier else RegressorTags(),
            # The letters of a matrix are bytes, which is not what others mean by two dimensions: numbers.
            input_tags=InputTags(one_d_array=True, two_d_array=False, string=True),
        )

    def _train(self, sequences, labels, **fixed):
        options = dict(self.options or {}, **fixed)
        # None leaves a choice to the search, which refuses what has no effect beside the rest.
        own = {name: getattr(self, name, None) for name in ("model", "effort", "budget")}
        options.update({name: value for name, value in own.items() if value is not None})
        return train(sequences, labels=labels, alphabet=self.alphabet, seed=self.seed, threads=self.threads, **options)

    def _scores(self, sequences):
        if not hasattr(self, "model_"):
            raise _not_fitted(self)
        return self.model_.predict(sequences, threads=self.threads)


def _labels(labels):
    import numpy

    if labels is None:
        raise InputError("requires y to be passed, but the target y is None")
    array = numpy.asarray(labels)
    if array.dtype.kind == "c":
        raise InputError("Complex data not supported: y holds complex numbers, and labels are real ones or names")
    if array.ndim == 2 and array.shape[1] == 1:
        warnings.warn(_column("A column-vector y was passed when a 1d array was expected: give y.ravel()"), stacklevel=3)
        array = array[:, 0]
    if array.ndim != 1:
        raise InputError(f"y has the shape {array.shape}: one label a sequence is expected; several tasks are for ckn.train")
    if array.dtype.kind == "f" and not numpy.isfinite(array).all():
        raise InputError("y holds NaN or infinity: leave such sequences out")
    return array


def _column(message):
    try:
        from sklearn.exceptions import DataConversionWarning as Known
    except ImportError:
        return DataWarning(message)
    return type("DataConversionWarning", (DataWarning, Known), {"__module__": DataWarning.__module__})(message)


def _measurements(labels):
    import numpy

    try:
        # Of objects, too: a column of a table may be called that and hold numbers alone.
        numbers = labels.astype(float)
    except (TypeError, ValueError) as error:
        raise InputError(f"Unknown label type: y holds no numbers ({error}): SequenceClassifier is for classes") from error
    if not numpy.isfinite(numbers).all():
        raise InputError("y holds NaN or infinity: leave such sequences out")
    return numbers


class SequenceClassifier(_SequenceEstimator):
    """A classifier of sequences of two classes or several.

    ``X`` is what ``ckn.train`` takes: a list of text or bytes, an array of bytes, or the path of a file. Labels may be of any type that
    has an order; of two, the greater is the positive class. ``options`` holds further arguments of ``ckn.train``. Fitted, it has
    ``model_`` (the ``ckn.Model``) and ``classes_``.
    """

    _estimator_type = "classifier"

    def __init__(self, *, alphabet="dna", model=None, effort=None, budget=None, seed=0, threads=None, options=None):
        super().__init__(alphabet=alphabet, model=model, seed=seed, threads=threads, options=options)
        self.effort = effort
        self.budget = budget

    def fit(self, X, y):
        """Trains on sequences ``X`` and labels ``y`` ``[sequences]``, and returns the estimator; InputError for data that cannot be used."""
        import numpy

        labels = _labels(y)
        if labels.dtype.kind == "f" and (labels != numpy.floor(labels)).any():
            raise InputError("Unknown label type: continuous. The labels are measurements: SequenceRegressor is for these")
        try:
            classes, numbers = numpy.unique(labels, return_inverse=True)
        except TypeError as error:
            raise InputError(f"Unknown label type: y has no order ({error}): give numbers alone, or names alone") from error
        if len(classes) < 2:
            raise InputError(f"there is one class, {classes.tolist()}: a classifier is trained on at least two")
        several = {"loss": "multinomial"} if len(classes) > 2 else {}
        self.model_ = self._train(X, numbers, **several)
        self.classes_ = classes
        return self

    def decision_function(self, X):
        """Scores: log-odds of the positive class ``[sequences]``, or one a class ``[sequences, classes]``."""
        return self._scores(X)

    def predict_proba(self, X):
        """Probabilities of the classes, ``[sequences, classes]``."""
        import numpy

        scores = self._scores(X)
        if scores.ndim == 1:
            # Of both signs without overflow.
            scores = numpy.stack([numpy.zeros_like(scores), scores], axis=1)
        powers = numpy.exp(scores - scores.max(axis=1, keepdims=True))
        return powers / powers.sum(axis=1, keepdims=True)

    def predict(self, X):
        """The most probable class of each sequence, ``[sequences]``."""
        scores = self._scores(X)
        return self.classes_[(scores > 0).astype(int) if scores.ndim == 1 else scores.argmax(axis=1)]

    def score(self, X, y):
        """Share of the sequences whose class is predicted."""
        return float((self.predict(X) == _labels(y)).mean())


class SequenceRegressor(_SequenceEstimator):
    """A regression of measurements on sequences, by a network and squared errors.

    ``X`` is what ``ckn.train`` takes; ``options`` holds further arguments of it. Fitted, it has ``model_`` (the ``ckn.Model``).
    """

    _estimator_type = "regressor"

    def fit(self, X, y):
        """Trains on sequences ``X`` and measurements ``y`` ``[sequences]``, and returns the estimator; InputError for data that cannot be
        used."""
        self.model_ = self._train(X, _measurements(_labels(y)), loss="squared")
        return self

    def predict(self, X):
        """The measurement that is expected of each sequence, ``[sequences]``."""
        return self._scores(X)

    def score(self, X, y):
        """Share of the variance that is explained, R²; 0 where there is none, or 1 if that is predicted."""
        labels = _measurements(_labels(y))
        left = ((labels - self.predict(X)) ** 2).sum()
        total = ((labels - labels.mean()) ** 2).sum()
        return float(1 - left / total) if total > 0 else float(left == 0)
