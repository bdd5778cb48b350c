"""The losses of correlation: against scipy, each other, and their edge cases."""

import pytest
import torch
from scipy.stats import pearsonr
from torch.testing import assert_close

from biqa.losses.linearity_induced import linearity_induced
from biqa.losses.mono_normalised import mono_normalised
from biqa.losses.norm_in_norm import norm_in_norm
from biqa.losses.plcc import plcc
from biqa.losses.plcc_srcc import plcc_srcc

CONSTANT = torch.full((8,), 0.5, dtype=torch.float64)


@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize("n", [3, 8, 65])
def test_plcc_is_half_of_one_minus_pearsons_correlation(n, ties, batch):
    predicted, mos = batch(n, ties=ties)
    expected = (1 - pearsonr(predicted, mos).statistic) / 2
    assert_close(plcc(predicted, mos).item(), expected, rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("alpha", [(1.0, 0.0), (0.0, 1.0), (1.0, 1.0), (1.0, 0.1)])
@pytest.mark.parametrize("n", [3, 8, 65])
def test_linearity_induced_is_its_closed_form_in_the_correlation(n, alpha, batch):
    predicted, mos = batch(n)
    r = pearsonr(predicted, mos).statistic
    expected = (alpha[0] * (1 - r) / 2 + alpha[1] * (1 - r**2) / 4) / sum(alpha)
    actual = linearity_induced(predicted, mos, alpha=alpha).item()
    assert_close(actual, expected, rtol=1e-6, atol=0)  # EPS beside standard deviations below 1


def test_linearity_induced_is_norm_in_norm_with_two_norms(batch, value_and_gradient):
    predicted, mos = batch(16)
    one, one_gradient = value_and_gradient(linearity_induced, predicted, mos)
    other, other_gradient = value_and_gradient(
        lambda *scores: norm_in_norm(*scores, p=2.0, q=2.0), predicted, mos
    )
    assert_close(one, other, rtol=1e-6, atol=0)
    assert_close(one_gradient, other_gradient, rtol=1e-5, atol=1e-7)  # EPS is added elsewhere


def test_linearity_induced_detached_has_the_gradient_of_plain_squares(batch, value_and_gradient):
    predicted, mos = batch(16)
    value, _ = value_and_gradient(linearity_induced, predicted, mos)
    detached, gradient = value_and_gradient(
        lambda *scores: linearity_induced(*scores, detach=True), predicted, mos
    )
    assert detached == value
    spread = predicted.std(correction=0)
    z = (predicted - predicted.mean()) / spread
    w = (mos - mos.mean()) / mos.std(correction=0)
    assert_close(gradient, (z - w) / (2 * 16) / spread, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("rank_weight", [0.0, 0.3, 1.0])
def test_plcc_srcc_is_the_sum_of_its_terms(rank_weight, batch):
    predicted, mos = batch(16, ties=True)
    r = pearsonr(predicted, mos).statistic
    expected = (1 - r) / 4 + (1 - r**2) / 8 + rank_weight * mono_normalised(predicted, mos).item()
    actual = plcc_srcc(predicted, mos, rank_weight=rank_weight).item()
    assert_close(actual, expected, rtol=1e-6, atol=0)


def test_plcc_srcc_weighs_the_rank_term_as_fast_vqa_does(batch):
    predicted, mos = batch(16)
    assert plcc_srcc(predicted, mos).item() == plcc_srcc(predicted, mos, rank_weight=0.3).item()


@pytest.mark.parametrize(("loss", "level"), [(plcc, 1 / 2), (linearity_induced, 1 / 4)])
def test_equal_predictions_have_a_gradient_against_the_mos(loss, level, batch, value_and_gradient):
    _, mos = batch(8)
    value, gradient = value_and_gradient(loss, CONSTANT, mos)
    assert_close(value, level, rtol=1e-6, atol=0)
    target = mos - mos.mean()
    # steepest descent moves the predictions towards the MOS
    assert_close(-gradient / gradient.norm(), target / target.norm(), rtol=1e-6, atol=1e-9)
    assert gradient.abs().max() > 1e6


@pytest.mark.parametrize(
    ("loss", "level"), [(plcc, 1 / 2), (linearity_induced, 1 / 4), (plcc_srcc, 1 / 8)]
)
def test_equal_mos_teach_a_correlation_nothing(loss, level, batch, value_and_gradient):
    predicted, _ = batch(8)
    value, gradient = value_and_gradient(loss, predicted, CONSTANT)
    assert_close(value, level, rtol=1e-6, atol=0)
    assert gradient.abs().max() < 1e-6
