"""Every check of scikit-learn's `check_estimator`, of both estimators: which of them are exceptions, and why."""

import warnings

import numpy as np
import pytest

import ckn

pytest.importorskip("sklearn", minversion="1.6")
checks = pytest.importorskip("sklearn.utils.estimator_checks")
validation = pytest.importorskip("sklearn.utils.validation")

AMINO_ACIDS = "ARNDCQEGHILKMFPSTWYV"
QUICK = {"filters": 16, "width": 4, "pooling": "mean", "epochs": 10}

# Checks that hand over no data, or data that any estimator refuses.
PASSED_BY_BOTH = """
check_complex_data check_do_not_raise_errors_in_init_or_set_params check_estimator_cloneable check_estimator_repr
check_estimator_tags_renamed check_estimators_partial_fit_n_features check_estimators_unfitted check_fit1d check_get_params_invariance
check_mixin_order check_no_attributes_set_in_init check_non_transformer_estimators_n_iter check_parameters_default_constructible
check_requires_y_none check_set_params check_supervised_y_no_nan check_valid_tag_types
"""
PASSED_BY_CLASSIFIERS = "check_classifiers_one_label check_classifiers_one_label_sample_weights check_classifiers_regression_target"

# Why the others are exceptions, of the estimators as they are. `Written` passes them all.
EXCEPTIONS = {
    "fits a matrix of numbers, which is refused by its type: sequences are letters": """
        check_array_api_input check_classifiers_classes check_classifiers_train check_decision_proba_consistency check_dict_unchanged
        check_dont_overwrite_parameters check_estimators_dtypes check_estimators_fit_returns_self check_estimators_overwrite_params
        check_estimators_pickle check_f_contiguous_array_estimator check_fit2d_predict1d check_fit_check_is_fitted check_fit_idempotent
        check_fit_score_takes_y check_methods_sample_order_invariance check_methods_subset_invariance check_n_features_in
        check_n_features_in_after_fitting check_pipeline_consistency check_positive_only_tag_during_fit check_readonly_memmap_input
        check_regressors_int check_regressors_no_decision_function check_regressors_train check_supervised_y_2d""",
    "hands over objects that are numbers, or become a matrix of numbers: sequences are text or bytes": """
        check_dtype_object check_classifier_data_not_an_array check_regressor_data_not_an_array""",
    "expects words about sparse matrices, which hold no letters and are refused as no set of sequences": """
        check_estimator_sparse_array check_estimator_sparse_matrix check_estimator_sparse_tag""",
    "expects words about NaN, numbers of columns or of rows before it is said that numbers are no sequences": """
        check_estimators_nan_inf check_estimators_empty_data_messages check_fit2d_1feature check_fit2d_1sample""",
}


class OfMatrices:
    """Says that it takes matrices of numbers, so that scikit-learn asks everything of the estimator behind it."""

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.one_d_array, tags.input_tags.two_d_array, tags.input_tags.string = False, True, False
        return tags


class Written(OfMatrices):
    """Numbers as letters: what the checks hand over becomes a sequence with a stretch of 16 letters for each column, of two amino acids
    that belong to the column, the more of the first the greater the number."""

    def _train(self, X, labels, **fixed):
        numbers = validation.validate_data(self, X)
        self.mean_, self.scale_ = numbers.mean(axis=0), numbers.std(axis=0) + 1e-12
        return super()._train(self._letters(numbers), labels, **fixed)

    def _scores(self, X):
        validation.check_is_fitted(self)
        return super()._scores(self._letters(validation.validate_data(self, X, reset=False)))

    def _letters(self, numbers):
        firsts = np.round(8 + 8 * np.tanh((numbers - self.mean_) / self.scale_ / 2)).astype(int)
        pairs = [(AMINO_ACIDS[2 * column % 20], AMINO_ACIDS[2 * column % 20 + 1]) for column in range(numbers.shape[1])]
        return ["".join(one * first + other * (16 - first) for first, (one, other) in zip(row, pairs)) for row in firsts]


class WrittenClassifier(Written, ckn.SequenceClassifier):
    """Numbers, written, before a classifier."""


class WrittenRegressor(Written, ckn.SequenceRegressor):
    """Numbers, written, before a regression."""


class Classifier(OfMatrices, ckn.SequenceClassifier):
    """A classifier as it is."""


class Regressor(OfMatrices, ckn.SequenceRegressor):
    """A regression as it is."""


def outcomes(estimator):
    """Names of the checks that were passed with all that they hand over, and what the others raised."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        results = checks.check_estimator(estimator, on_fail=None, on_skip=None)
    failed = {one["check_name"]: one["exception"] for one in results if one["status"] == "failed"}
    return {one["check_name"] for one in results if one["status"] == "passed"} - set(failed), failed


@pytest.mark.parametrize("estimator", [WrittenClassifier, WrittenRegressor])
def test_all_checks_are_passed_by_sequences_that_are_written_from_numbers(estimator):
    passed, failed = outcomes(estimator(alphabet="protein", threads=1, options=QUICK))
    assert failed == {} and len(passed) > 40


@pytest.mark.parametrize(("estimator", "own"), [(Classifier, PASSED_BY_CLASSIFIERS), (Regressor, "")])
def test_the_estimators_as_they_are_pass_all_checks_but_those_of_numbers(estimator, own):
    passed, failed = outcomes(estimator())
    # Names come and go from version to version: what is not there was not run.
    expected = set(PASSED_BY_BOTH.split()) | set(own.split())
    assert expected & set(failed) == set() and len(passed & expected) > 10
    reasons = {name: reason for reason, names in EXCEPTIONS.items() for name in names.split()}
    assert set(failed) - set(reasons) == set(), failed
    # One sample of one class is refused by classifiers with the words that are expected.
    assert passed - expected <= {"check_fit2d_1sample"}


@pytest.mark.parametrize("estimator", [ckn.SequenceClassifier, ckn.SequenceRegressor])
def test_by_their_tags_they_take_letters_and_no_matrices(estimator):
    tags = estimator().__sklearn_tags__()
    assert not tags.input_tags.two_d_array and tags.input_tags.string and tags.target_tags.required
    with pytest.warns(UserWarning, match="Can't test estimator"):
        checks.check_estimator(estimator(), on_skip=None)
