"""The conventions of scikit-learn, with it where it is installed, and without."""

import subprocess
import sys

import numpy as np
import pytest

import ckn

QUICK = {"options": {"filters": 4, "epochs": 2}}


@pytest.fixture(scope="module")
def data(specimens):
    """Sequences and labels of two classes."""
    bound, unbound = (ckn.read_sequences(specimens / name)[1] for name in ["bound.fa.gz", "unbound.fa.gz"])
    order = np.random.default_rng(0).permutation(len(bound) + len(unbound))
    return np.array(bound + unbound)[order], np.repeat([1, 0], [len(bound), len(unbound)])[order]


def test_the_module_needs_no_sklearn(tmp_path):
    program = "import sys; sys.modules['sklearn'] = None; import ckn; e = ckn.SequenceClassifier(seed=3); print(e, e.get_params()['seed'])"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=tmp_path)
    assert ran.stdout == "SequenceClassifier(seed=3) 3\n", ran.stderr
    program = "import sys; sys.modules['sklearn'] = None; import ckn; ckn.SequenceClassifier().predict(['ACGT'])"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=tmp_path)
    assert "NotFittedError: this SequenceClassifier is not fitted yet" in ran.stderr


def test_a_classifier_gives_what_the_model_gives(data, specimens):
    sequences, labels = data
    fitted = ckn.SequenceClassifier(**QUICK).fit(sequences, labels)
    scores = ckn.train(sequences, labels=labels, **QUICK["options"]).predict(sequences)
    assert (fitted.decision_function(sequences) == scores).all()
    assert ((fitted.predict(sequences) == 1) == (scores > 0)).all()
    probabilities = fitted.predict_proba(sequences)
    assert np.allclose(probabilities[:, 1], 1 / (1 + np.exp(-scores))) and np.allclose(probabilities.sum(axis=1), 1)
    assert fitted.score(sequences, labels) == (fitted.predict(sequences) == labels).mean() > 0.8


def test_labels_keep_their_type_and_there_may_be_several_classes(data, specimens):
    sequences, labels = data
    for made in [np.array(["no", "yes"])[labels], labels.astype(bool), labels * 3.0 - 1, labels.astype(np.int8)]:
        fitted = ckn.SequenceClassifier(**QUICK).fit(sequences, made)
        assert fitted.predict(sequences).dtype == np.asarray(made).dtype and set(fitted.classes_) == set(made)
    three = np.where(np.arange(len(labels)) % 5 == 0, "other", np.array(["no", "yes"])[labels])
    fitted = ckn.SequenceClassifier(**QUICK).fit(sequences, three)
    assert fitted.predict_proba(sequences).shape == (len(labels), 3) and fitted.decision_function(sequences).shape == (len(labels), 3)


def test_a_regressor_gives_what_the_model_gives(specimens):
    rows = [line.split(",") for line in (specimens / "affinities.csv").read_text().splitlines()[1:]]
    sequences, labels = [row[0] for row in rows], [float(row[1]) for row in rows]
    fitted = ckn.SequenceRegressor().fit(sequences, labels)
    assert (fitted.predict(sequences) == ckn.train(tsv=specimens / "affinities.csv").predict(sequences)).all()
    assert fitted.score(sequences, labels) > 0.3


@pytest.mark.parametrize(
    ("labels", "says"),
    [
        ([0.5, 1.5, 2.5, 3.5], "continuous"),
        ([0, 1, np.nan, 1], "NaN"),
        ([1, 1, 1, 1], "one class"),
        (None, "y to be passed"),
        (np.zeros((4, 2)), "shape"),
        ([1j] * 4, "Complex data"),
        (["yes", 1, None, "no"], "no order"),
    ],
)
def test_labels_that_are_none_are_refused(labels, says):
    with pytest.raises(ckn.InputError, match=says):
        ckn.SequenceClassifier().fit(["ACGTACGTACGTACGT"] * 4, labels)


def test_measurements_are_numbers_whatever_holds_them(data):
    sequences, labels = data
    made = ckn.SequenceRegressor(**QUICK)
    scores = made.fit(sequences, labels * 0.5).predict(sequences)
    assert (made.fit(sequences, np.array(labels * 0.5, dtype=object)).predict(sequences) == scores).all()
    with pytest.warns(ckn.DataWarning, match="column-vector"):
        assert (made.fit(sequences, (labels * 0.5)[:, None]).predict(sequences) == scores).all()
    for bad in [["a"] * len(labels), [None] * len(labels), [np.inf] * len(labels)]:
        with pytest.raises(ckn.InputError):
            made.fit(sequences, bad)
    assert made.score(sequences[:3], [5, 5, 5]) == 0


@pytest.mark.parametrize("estimator", [ckn.SequenceClassifier, ckn.SequenceRegressor])
def test_matrices_of_numbers_are_refused_by_name(estimator):
    with pytest.raises(ckn.InputError, match="float64"):
        estimator().fit(np.random.default_rng(0).normal(size=(20, 3)), np.arange(20) % 2)


def make_pickle(estimator):
    import pickle

    return pickle.loads(pickle.dumps(estimator))


@pytest.mark.parametrize("estimator", [ckn.SequenceClassifier, ckn.SequenceRegressor])
def test_what_the_other_checks_of_sklearn_ask_holds_for_sequences(data, estimator):
    """By the names of the checks: what each asks, of sequences."""
    base = pytest.importorskip("sklearn.base")
    exceptions = pytest.importorskip("sklearn.exceptions")
    validation = pytest.importorskip("sklearn.utils.validation")
    sequences, labels = data[0][:200], data[1][:200]
    made = estimator(**QUICK)
    with pytest.raises(exceptions.NotFittedError):  # check_estimators_unfitted
        made.predict(sequences)
    with pytest.raises(ckn.InputError, match="requires y"):  # check_requires_y_none
        made.fit(sequences, None)
    before = repr(made.get_params())
    assert made.fit(sequences, labels) is made  # check_estimators_fit_returns_self
    validation.check_is_fitted(made)
    assert repr(made.get_params()) == before  # check_dont_overwrite_attributes, check_dict_unchanged
    learnt = {name for name in vars(made) if name not in made.get_params()}
    assert learnt and all(name.endswith("_") for name in learnt)
    predicted = made.predict(sequences)
    assert (base.clone(made).fit(sequences, labels).predict(sequences) == predicted).all()  # check_fit_idempotent
    assert not hasattr(base.clone(made), "model_")
    assert (make_pickle(made).predict(sequences) == predicted).all()  # check_estimators_pickle
    order = np.random.default_rng(1).permutation(len(sequences))
    assert (made.predict(sequences[order]) == predicted[order]).all()  # check_methods_sample_order_invariance
    assert (np.concatenate([made.predict(sequences[:1]), made.predict(sequences[1:])]) == predicted).all()  # check_methods_subset_invariance
    assert (made.predict(list(sequences)) == predicted).all()  # check_estimators_dtypes: text of any container
    sequences.setflags(write=False)
    with pytest.warns(exceptions.DataConversionWarning):
        made.fit(sequences, labels[:, None])  # check_readonly_memmap_input, check_supervised_y_2d
    assert (made.predict(sequences) == predicted).all()
    for bad in [[], ["ACGT\x00"], [np.nan] * 4]:  # check_estimators_empty_data_messages, check_estimators_nan_inf
        with pytest.raises(ValueError):
            made.fit(bad, labels[: len(bad)])
    with pytest.raises(ValueError):
        made.fit(sequences, labels[:50])  # check_supervised_y_no_nan and lengths
    with pytest.raises(ValueError, match="Invalid parameter"):
        made.set_params(nonsense=1)


@pytest.mark.filterwarnings("ignore::ckn.TrainingWarning")  # So quick a training finds next to nothing.
def test_pipelines_grids_and_cross_validation_take_them(data):
    selection = pytest.importorskip("sklearn.model_selection")
    pipeline = pytest.importorskip("sklearn.pipeline")
    sequences, labels = data[0][:200], data[1][:200]
    steps = pipeline.make_pipeline(ckn.SequenceClassifier(**QUICK))
    scores = selection.cross_val_score(steps, sequences, labels, cv=3, scoring="roc_auc")
    assert scores.shape == (3,) and scores.min() > 0.5
    grid = selection.GridSearchCV(ckn.SequenceClassifier(**QUICK), {"seed": [0, 1]}, cv=2).fit(sequences, labels)
    assert grid.best_params_["seed"] in (0, 1) and grid.predict(sequences).shape == (200,)
    assert "SequenceClassifier" in steps._repr_html_()


def test_columns_of_tables_are_sequences_and_labels(data):
    pandas = pytest.importorskip("pandas")
    sequences, labels = data
    table = pandas.DataFrame({"sequence": sequences, "label": np.array(["no", "yes"])[labels]})
    fitted = ckn.SequenceClassifier(**QUICK).fit(table["sequence"], table["label"])
    assert list(fitted.classes_) == ["no", "yes"]
    assert (fitted.predict(table["sequence"]) == fitted.predict(list(sequences))).all()
    assert (ckn.train(table["sequence"], labels=table["label"], **QUICK["options"]).predict(sequences) == fitted.decision_function(sequences)).all()
