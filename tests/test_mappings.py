"""The fitted curves against their formulas, other optimisers and published predictions."""

import json
import math

import numpy as np
import pytest
from scipy import optimize

from biqa.mappings import LogisticFitError, fit_logistic, least_squares_line, plcc_logistic
from biqa.metrics import CollapsedPredictionsError, plcc


def logistic4(x, b1, b2, b3, b4):
    return np.array([(b1 - b2) / (1 + math.exp(-(v - b3) / b4)) + b2 for v in x])


def logistic5(x, b1, b2, b3, b4, b5):
    return np.array([b1 * (0.5 - 1 / (1 + math.exp(b2 * (v - b3)))) + b4 * v + b5 for v in x])


CURVES = {4: logistic4, 5: logistic5}


@pytest.fixture
def scores(rng):
    """Predictions and MOS with a bent relation, 120 pictures."""
    predicted = rng.normal(30, 12, size=120)
    return predicted, 3 + np.tanh((predicted - 35) / 9) + rng.normal(0, 0.2, size=120)


@pytest.mark.parametrize(
    ("parameters", "truth"),
    [
        (4, (90.0, 10.0, 35.0, 6.0)),
        (4, (10.0, 90.0, 25.0, 3.0)),
        (5, (30.0, 0.25, 28.0, 1.2, 40.0)),
        (5, (-50.0, 0.4, 33.0, -0.5, 60.0)),
    ],
)
@pytest.mark.parametrize("scale", [1.0, 1e-3])
def test_a_curve_without_noise_gives_its_parameters_back(parameters, truth, scale, rng):
    predicted = rng.normal(30, 12, size=80)
    fit = fit_logistic(
        scale * predicted, CURVES[parameters](predicted, *truth), parameters=parameters
    )
    units = (1, 1, scale, scale) if parameters == 4 else (1, 1 / scale, scale, 1 / scale, 1)
    assert fit.parameters == pytest.approx(np.multiply(truth, units), rel=1e-6)


@pytest.mark.parametrize("parameters", [4, 5])
def test_mapped_scores_are_the_formula_at_the_parameters(parameters, scores):
    fit = fit_logistic(*scores, parameters=parameters)
    assert fit.mapped == pytest.approx(CURVES[parameters](scores[0], *fit.parameters), rel=1e-10)


@pytest.mark.parametrize("parameters", [4, 5])
def test_no_other_optimiser_finds_a_better_curve(parameters, scores, rng):
    predicted, mos = scores
    error = np.sum((fit_logistic(*scores, parameters=parameters).mapped - mos) ** 2)

    def residuals(b):
        with np.errstate(over="ignore"):
            z = (predicted - 30) / 12
            if parameters == 4:
                return (b[0] - b[1]) / (1 + np.exp(-(z - b[2]) / abs(b[3]))) + b[1] - mos
            return b[0] * (0.5 - 1 / (1 + np.exp(b[1] * (z - b[2])))) + b[3] * z + b[4] - mos

    others = []
    for _ in range(10):
        start = rng.uniform(-2, 4, size=parameters)
        others.append(2 * optimize.least_squares(residuals, start, method="trf").cost)
    assert error <= min(others) * (1 + 1e-9)


@pytest.mark.parametrize("kind", ["line", "noise", "two_levels", "outlier"])
@pytest.mark.parametrize("n", [5, 20, 300])
def test_five_parameters_are_never_worse_than_the_straight_line(kind, n, rng):
    predicted, mos = rng.normal(size=(2, n))
    if kind == "line":
        mos = 3 * predicted + 1
    elif kind == "two_levels":
        mos = np.where(predicted > 0.1 * predicted.std() + predicted.mean(), 1.0, 0.0)
    elif kind == "outlier":
        predicted[0] = 1e2
    assert plcc_logistic(predicted, mos, parameters=5) >= abs(plcc(predicted, mos)) - 1e-9


@pytest.mark.parametrize("parameters", [4, 5])
def test_the_fit_follows_a_change_of_units(parameters, scores):
    predicted, mos = scores
    changed = plcc_logistic(1e-4 * predicted - 700, 25 * mos, parameters=parameters)
    assert changed == pytest.approx(plcc_logistic(*scores, parameters=parameters), abs=1e-8)


@pytest.mark.parametrize("parameters", [4, 5])
def test_a_falling_relation_counts_as_much_as_a_rising_one(parameters, scores):
    predicted, mos = scores
    rising = plcc_logistic(predicted, mos, parameters=parameters)
    assert plcc_logistic(-predicted, mos, parameters=parameters) == pytest.approx(rising, abs=1e-9)


@pytest.mark.parametrize("parameters", [4, 5])
def test_fewer_distinct_predictions_than_parameters_are_refused(parameters):
    predicted = np.tile(np.arange(parameters - 1.0), 4)
    with pytest.raises(LogisticFitError, match=f"{parameters - 1} distinct predictions"):
        fit_logistic(predicted, np.arange(4.0 * (parameters - 1)), parameters=parameters)


@pytest.mark.parametrize("parameters", [4, 5])
def test_a_search_that_does_not_converge_is_an_error(parameters, scores, monkeypatch):
    monkeypatch.setattr("biqa.mappings.MAX_STEPS", 1)
    with pytest.raises(LogisticFitError, match="no start converged in 1 steps on 120 pictures"):
        plcc_logistic(*scores, parameters=parameters)


def test_other_numbers_of_parameters_are_refused(scores):
    with pytest.raises(ValueError, match="parameters is 3, expected 4 or 5"):
        fit_logistic(*scores, parameters=3)


def test_least_squares_line_by_hand():
    # Means 2 and 3; sum of products 4, of squares 8.
    predicted, mos = np.array([0.0, 2.0, 4.0, 2.0]), np.array([2.0, 3.0, 4.0, 3.0])
    assert least_squares_line(predicted, mos) == pytest.approx((4 / 8, 2.0), rel=1e-12)


@pytest.mark.parametrize("n", [2, 3, 1000])
def test_least_squares_line_is_that_of_polyfit(n, rng):
    predicted, mos = rng.normal(50, 3, size=(2, n))
    line = least_squares_line(predicted, mos)
    assert line == pytest.approx(tuple(np.polyfit(predicted, mos, 1)), rel=1e-8)


def test_collapsed_predictions_have_no_fit():
    predicted, mos = np.full(9, 0.3), np.arange(9.0)
    for fit in (least_squares_line, lambda p, m: fit_logistic(p, m, parameters=5)):
        with pytest.raises(CollapsedPredictionsError):
            fit(predicted, mos)


@pytest.fixture
def references(references_folder):
    return json.loads((references_folder / "metrics.json").read_text())


@pytest.mark.data
def test_synthetic_curves_give_the_reference_optimum(references):
    seen = set()
    for case in references["synthetic_fits"]:
        parameters = 4 if "logistic_4" in case else 5
        seen.add(parameters)
        expected = case[f"logistic_{parameters}"]
        mos = np.array(case["mos"])
        fit = fit_logistic(np.array(case["predicted"]), mos, parameters=parameters)
        wanted = np.array(expected["parameters"])
        if parameters == 5 and wanted[1] < 0:
            wanted[:2] *= -1  # the curve is unchanged when both change sign
        assert fit.parameters == pytest.approx(wanted, rel=1e-6), case["id"]
        assert plcc(fit.mapped, mos) == pytest.approx(expected["plcc"], abs=1e-9), case["id"]
        error = np.sqrt(np.mean((fit.mapped - mos) ** 2))
        assert error == pytest.approx(expected["rmse"], rel=1e-9), case["id"]
    assert seen == {4, 5}


@pytest.mark.data
def test_published_predictions_give_the_reference_fits(references):
    for case in references["real"]:
        predicted, mos = np.array(case["predicted_raw"]), np.array(case["mos"])
        fits = case["fits_on_raw"]
        optimum = fits["logistic_4"]["optimum"]
        loose = 1e-5 if optimum["shape"] == "valley" else 1e-8  # parameters without bound
        four = plcc_logistic(predicted, mos, parameters=4)
        assert four == pytest.approx(optimum["plcc"], abs=loose), case["id"]
        five = plcc_logistic(predicted, mos, parameters=5)
        best = max(minimum["plcc"] for minimum in fits["logistic_5"]["local_minima"])
        assert five == pytest.approx(best, abs=1e-8), case["id"]


@pytest.mark.data
def test_published_predictions_give_the_reference_lines(references):
    cases = [(case["predicted"], case["mos"], case["metrics"]) for case in references["small"]]
    for case in references["real"]:
        cases.append((case["predicted_raw"], case["mos"], case["metrics"]["raw"]))
    for predicted, mos, metrics in cases:
        wanted = metrics["least_squares"]
        line = least_squares_line(np.array(predicted), np.array(mos))
        assert line == pytest.approx((wanted["slope"], wanted["intercept"]), rel=1e-9)
