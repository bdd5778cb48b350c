"""The metrics against hand-worked ties, scipy-free arithmetic and published predictions."""

import json
import subprocess
import sys

import numpy as np
import pytest

from biqa.metrics import CollapsedPredictionsError, krcc, plcc, rmse, srcc

CORRELATIONS = [srcc, plcc, krcc]

# Ranks of PREDICTED: 1, 2.5, 2.5, 4; of MOS: 2, 1, 3.5, 3.5. Deviations from the mean rank 2.5:
# (-1.5, 0, 0, 1.5) and (-.5, -1.5, 1, 1); products sum to 2.25, squares to 4.5 and 4.5.
# Of the 6 pairs 3 are concordant, 1 is discordant, 1 is tied in PREDICTED and 1 in MOS.
PREDICTED = np.array([1.0, 2.0, 2.0, 5.0])
MOS = np.array([2.0, 1.0, 4.0, 4.0])


def test_srcc_gives_tied_scores_their_mean_rank():
    assert srcc(PREDICTED, MOS) == pytest.approx(2.25 / 4.5, rel=1e-12)


def test_krcc_is_tau_b_with_ties_on_both_sides():
    assert krcc(PREDICTED, MOS) == pytest.approx((3 - 1) / np.sqrt(5 * 5), rel=1e-12)


def test_plcc_is_the_ratio_of_hand_worked_sums():
    # Means 2.5 and 2.75; sum of products 4.5, sums of squares 9 and 6.75.
    assert plcc(PREDICTED, MOS) == pytest.approx(4.5 / np.sqrt(9 * 6.75), rel=1e-12)


def test_rmse_is_the_root_of_the_mean_square():
    # Differences -1, 1, -2, 1.
    assert rmse(PREDICTED, MOS) == pytest.approx(np.sqrt(7 / 4), rel=1e-12)


def srcc_by_counting(predicted, mos):
    """Spearman's correlation from ranks that are counted, one picture at a time."""

    def ranks(scores):
        return [
            sum(s < own for s in scores) + (1 + sum(s == own for s in scores)) / 2 for own in scores
        ]

    return np.corrcoef(ranks(predicted), ranks(mos))[0, 1]


def krcc_by_counting(predicted, mos):
    """Kendall's tau-b from the signs of all pairs."""
    sign_p = np.sign(predicted[:, None] - predicted[None, :])
    sign_m = np.sign(mos[:, None] - mos[None, :])
    return np.sum(sign_p * sign_m) / np.sqrt(np.sum(sign_p**2) * np.sum(sign_m**2))


@pytest.mark.parametrize("n", [2, 3, 10, 500])
def test_rank_correlations_are_what_counting_gives(n, rng):
    predicted, mos = rng.permutation(n) // 2.0, rng.permutation(n) // 1.5
    if n == 2:
        predicted = np.array([0.0, 1.0])
        mos = np.array([1.0, 0.0])
    assert srcc(predicted, mos) == pytest.approx(srcc_by_counting(predicted, mos), rel=1e-10)
    assert krcc(predicted, mos) == pytest.approx(krcc_by_counting(predicted, mos), rel=1e-10)


@pytest.mark.parametrize("metric", CORRELATIONS)
def test_correlations_change_sign_with_the_predictions(metric, rng):
    predicted, mos = rng.normal(size=(2, 40))
    assert metric(-3 * predicted + 2, mos) == pytest.approx(-metric(predicted, mos), rel=1e-12)


@pytest.mark.parametrize("metric", CORRELATIONS)
@pytest.mark.parametrize("value", [0.0, 0.7, -40.0])
def test_constant_predictions_have_collapsed(metric, value):
    with pytest.raises(CollapsedPredictionsError, match=rf"predicted is {value} for all 4 .*colla"):
        metric(np.full(4, value), MOS)


@pytest.mark.parametrize("metric", CORRELATIONS)
def test_float_noise_does_not_hide_a_collapse(metric, rng):
    predicted = (0.7 + 1e-7 * rng.normal(size=50)).astype(np.float32)
    assert np.ptp(predicted) > 0
    with pytest.raises(CollapsedPredictionsError):
        metric(predicted, rng.normal(size=50))


def test_predictions_of_a_small_scale_have_not_collapsed(rng):
    predicted, mos = rng.normal(size=(2, 50))
    assert srcc(1e-9 * predicted, mos) == pytest.approx(srcc(predicted, mos), rel=1e-12)


def test_rmse_is_defined_for_collapsed_predictions():
    assert rmse(np.full(4, 2.0), MOS) == pytest.approx(np.sqrt(9 / 4), rel=1e-12)


@pytest.mark.parametrize("metric", CORRELATIONS)
def test_constant_mos_is_not_called_a_collapse(metric):
    with pytest.raises(ValueError, match=r"^mos is 3\.0 for all 4 pictures") as caught:
        metric(PREDICTED, np.full(4, 3.0))
    assert not isinstance(caught.value, CollapsedPredictionsError)


@pytest.mark.parametrize("metric", [*CORRELATIONS, rmse])
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_scores_that_are_not_finite_are_named(metric, value):
    broken = PREDICTED.copy()
    broken[2] = value
    with pytest.raises(ValueError, match=rf"predicted\[2\] is {value}"):
        metric(broken, MOS)
    with pytest.raises(ValueError, match=rf"mos\[2\] is {value}"):
        metric(MOS, broken)


@pytest.mark.parametrize("metric", [*CORRELATIONS, rmse])
@pytest.mark.parametrize(("n", "m"), [(3, 4), (1, 4), (0, 0)])
def test_lengths_that_differ_or_are_zero_are_refused(metric, n, m):
    with pytest.raises(ValueError, match=rf"shape \({n},\) and mos \({m},\)"):
        metric(PREDICTED[:n], MOS[:m])


@pytest.mark.parametrize("metric", CORRELATIONS)
def test_one_picture_has_no_correlation(metric):
    with pytest.raises(ValueError, match="at least 2 pictures, got 1"):
        metric(PREDICTED[:1], MOS[:1])


def test_evaluation_does_not_load_torch():
    modules = "metrics, mappings, splits, evaluation, evaluation.statistics, commands.split"
    imports = "; ".join(f"import biqa.{module}" for module in modules.split(", "))
    code = f"import sys; {imports}; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], env=_environment()).returncode == 0


def _environment():
    from pathlib import Path

    import biqa

    return {"PYTHONPATH": str(Path(biqa.__file__).parents[1])}


@pytest.mark.data
def test_metrics_are_the_reference_numbers(references_folder):
    references = json.loads((references_folder / "metrics.json").read_text())
    cases = [(case, "predicted", case["metrics"]) for case in references["small"]]
    for case in references["real"]:
        cases += [(case, f"predicted_{kind}", case["metrics"][kind]) for kind in ("raw", "mapped")]
    assert len(cases) >= 14
    for case, column, expected in cases:
        for metric in (srcc, plcc, krcc, rmse):
            actual = metric(np.array(case[column]), np.array(case["mos"]))
            name = metric.__name__
            assert actual == pytest.approx(expected[name], rel=1e-10), (case["id"], column, name)
