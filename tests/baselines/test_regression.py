"""Support vector regression on features: against scikit-learn's own kernels, and without leaks."""

import numpy as np
import pytest
from sklearn.svm import SVR

from biqa.baselines.recipe import Regression
from biqa.baselines.regression import _folds, fit


@pytest.fixture
def data(rng):
    features = rng.standard_normal((80, 5)) * [1, 10, 0.1, 3, 0] + 7
    mos = 0.5 + 0.1 * np.tanh(features[:, 0] - 7) + 0.01 * rng.standard_normal(80)
    return features, mos, np.arange(60), [f"p{i}" for i in range(80)]


def test_an_rbf_regression_is_that_of_the_library_on_scaled_features(data):
    features, mos, train, groups = data
    settings = Regression("rbf", (16.0,), (0.3,), epsilon=0.5, scaling="range", label_scale=100)
    found = fit(features, mos, train, groups, settings, seed=0)
    low, high = features[train].min(0), features[train].max(0)
    scaled = np.zeros_like(features)
    scaled[:, :4] = (2 * (features - low) / np.maximum(high - low, 1e-9) - 1)[:, :4]
    machine = SVR(C=16, gamma=0.3, epsilon=0.5).fit(scaled[train], 100 * mos[train])
    np.testing.assert_allclose(found.predicted, machine.predict(scaled) / 100, atol=2e-4)
    assert (found.c, found.gamma, found.held_out_srcc) == (16, 0.3, None)
    assert found.n_support == len(machine.support_)


def test_a_linear_regression_is_that_of_the_library(data):
    features, mos, train, groups = data
    settings = Regression("linear", (0.5,), epsilon=0.01)
    found = fit(features, mos, train, groups, settings, seed=0)
    machine = SVR(kernel="linear", C=0.5, epsilon=0.01).fit(features[train], mos[train])
    np.testing.assert_allclose(found.predicted, machine.predict(features), atol=2e-3)


def test_c_and_gamma_are_those_of_the_best_held_out_order(data):
    features, mos, train, groups = data
    settings = Regression("rbf", (1.0, 100.0), (1e-7, 0.1), scaling="range", epsilon=0.01)
    found = fit(features, mos, train, groups, settings, seed=0)
    assert found.gamma == 0.1  # the other kernel is all but constant
    assert 0.5 < found.held_out_srcc <= 1


def test_scores_and_names_of_other_parts_change_nothing(data, rng):
    features, mos, train, groups = data
    settings = Regression("rbf", (1.0, 10.0), (0.01, 0.1), scaling="range")
    before = fit(features, mos, train, groups, settings, seed=0)
    hidden = np.where(np.arange(80) < 60, mos, np.nan)
    others = [*groups[:60], *(f"other{i}" for i in range(20))]
    after = fit(features, hidden, train, others, settings, seed=0)
    np.testing.assert_array_equal(after.predicted, before.predicted)
    assert after.held_out_srcc == before.held_out_srcc


def test_folds_do_not_divide_a_reference():
    groups = [f"scene{i % 7}" for i in range(70)]
    folds = _folds(groups, 3, seed=0)
    assert len({(group, int(fold)) for group, fold in zip(groups, folds, strict=True)}) == 7
    assert set(folds) == {0, 1, 2}
