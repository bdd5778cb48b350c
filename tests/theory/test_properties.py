"""The tidy numbers of theory are those worked out by hand."""

import numpy as np
import pytest

from biqa.theory.properties import COLUMNS, LABEL_SCALES, properties

MOS = np.random.default_rng(3).beta(5, 3, size=60)


@pytest.fixture(scope="module")
def found():
    return properties(16, MOS)


def value(found, name, quantity, setting=None):
    own = found[(found["loss"] == name) & (found["quantity"] == quantity)]
    if setting is not None:
        own = own[own["setting"] == setting]
    (one,) = own["value"]
    return one


def test_columns_and_places_are_told_apart(found):
    assert tuple(found.columns) == COLUMNS
    assert not found.duplicated(list(COLUMNS[:-1])).any()
    assert np.isfinite(found["value"]).all()


@pytest.mark.parametrize(
    ("name", "quantity", "expected"),
    [
        ("mse", "largest_curvature", 2),
        ("qdc", "largest_curvature", 4),
        ("qac", "largest_curvature", 0),
        ("rpc", "largest_curvature", 4),
        ("rpc", "lowest_curvature", 0),
        ("dcq", "lowest_curvature", 2),
        ("dcq", "largest_curvature", 6),
        ("dcq", "largest_shift", 15 / 48),
        ("rpc", "largest_shift", 15 / 32),
        ("dcq", "distance_to_closed_form", 0),
        ("rpc", "growth_near_a_tie", 0),
        ("mono", "growth_near_a_tie", 1),
        ("mono", "gradient_growth", 0),
        ("norm_in_norm", "gradient_growth", -1),
        ("qac", "gradient_right_over_wrong", 1),
        ("mono", "gain_over_constant", 0),
        ("norm_in_norm", "loss_on_a_line", 0),
        ("norm_in_norm", "change_by_a_line", 0),
        ("norm_in_norm", "sum_of_gradient", 0),
        ("norm_in_norm", "distance_to_plcc", 0),
        ("norm_in_norm", "distance_to_rmse", 0),
    ],
)
def test_a_number_is_that_of_the_closed_form(found, name, quantity, expected):
    assert value(found, name, quantity) == pytest.approx(expected, abs=1e-7)


@pytest.mark.parametrize("name", ["mse", "rpc", "dcq"])
def test_gradients_of_squares_grow_with_the_predictions(found, name):
    assert value(found, name, "gradient_growth") == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize("scale", LABEL_SCALES)
def test_the_minimum_depends_on_the_unit_of_the_labels(found, scale):
    ranks = 2 * np.argsort(np.argsort(MOS)) - (len(MOS) - 1)
    lowest = MOS + ranks / (3 * len(MOS) * scale)
    assert value(found, "dcq", "minimum_lowest", scale) == pytest.approx(lowest.min())
    assert value(found, "dcq", "minimum_highest", scale) == pytest.approx(lowest.max())
    slope = np.polyfit(MOS, lowest, 1)[0]
    assert value(found, "dcq", "minimum_slope", scale) == pytest.approx(slope)
    plcc = np.corrcoef(MOS, lowest)[0, 1]
    assert value(found, "dcq", "minimum_plcc", scale) == pytest.approx(plcc)
    curve = found[(found["loss"] == "dcq") & (found["quantity"] == "minimum")]
    curve = curve[curve["setting"] == scale].sort_values("at")
    np.testing.assert_allclose(curve["value"], np.sort(lowest), atol=1e-12)


def test_the_same_labels_give_the_same_numbers(found):
    assert properties(16, MOS).equals(found)
