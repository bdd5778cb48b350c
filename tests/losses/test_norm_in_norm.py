"""Norm-in-norm against the equation of the paper, its closed forms and its edge cases."""

import math

import pytest
import torch
from scipy.stats import pearsonr
from torch.testing import assert_close

from biqa.losses.norm_in_norm import norm_in_norm

EPS = 1e-8  # added to norms and, for p < 1, to differences


def equation(predicted, mos, p, q, alpha):
    """State the loss one number at a time."""

    def unit(scores):
        centred = [s - sum(scores) / len(scores) for s in scores]
        length = sum(abs(c) ** q for c in centred) ** (1 / q)
        return [c / (length + EPS) for c in centred]

    a, b = unit(predicted), unit(mos)
    largest = 2 ** max(1, 1 / q) * len(mos) ** max(0, 1 / p - 1 / q)
    added = EPS if p < 1 else 0
    slopes = (1, pearsonr(predicted, mos).statistic)
    total = 0.0
    for weight, slope in zip(alpha, slopes, strict=True):
        powers = [abs(slope * x - y + added) ** p for x, y in zip(a, b, strict=True)]
        total += weight * (sum(powers) ** (1 / p) / largest) ** p
    return total / sum(alpha)


@pytest.mark.parametrize("n", [3, 8, 41])
@pytest.mark.parametrize("alpha", [(1.0, 0.0), (0.0, 1.0), (1.0, 0.1)])
@pytest.mark.parametrize("q", [0.5, 1.0, 2.0, 3.0])
@pytest.mark.parametrize("p", [0.5, 1.0, 1.5, 2.0, 3.0])
def test_is_the_equation_of_the_paper(p, q, alpha, n, batch):
    predicted, mos = batch(n)
    expected = equation(predicted.tolist(), mos.tolist(), p, q, alpha)
    actual = norm_in_norm(predicted, mos, p=p, q=q, alpha=alpha).item()
    assert_close(actual, expected, rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("n", [3, 8, 64])
def test_with_two_norms_is_half_of_one_minus_plcc(n, batch):
    predicted, mos = batch(n)
    plcc = pearsonr(predicted, mos).statistic
    loss = norm_in_norm(predicted, mos, p=2.0, q=2.0)
    variant = norm_in_norm(predicted, mos, p=2.0, q=2.0, alpha=(0.0, 1.0))
    assert_close(loss.item(), (1 - plcc) / 2, rtol=1e-6, atol=0)
    assert_close(variant.item(), (1 - plcc**2) / 4, rtol=1e-6, atol=0)


@pytest.mark.parametrize(("p", "q"), [(1.0, 1.0), (1.0, 2.0), (2.0, 2.0), (2.0, 3.0)])
def test_reaches_one_for_opposite_signs(p, q):
    signs = torch.tensor([1.0, -1.0, -1.0, 1.0, 1.0, -1.0], dtype=torch.float64)
    assert_close(norm_in_norm(signs, -signs, p=p, q=q).item(), 1.0, rtol=1e-7, atol=0)


def test_gradient_is_orthogonal_to_the_centred_predictions(batch, value_and_gradient):
    predicted, mos = batch(16)
    _, gradient = value_and_gradient(norm_in_norm, predicted, mos)
    along = gradient @ (predicted - predicted.mean())
    assert_close(along.item(), 0.0, rtol=0, atol=1e-7)


def test_detached_statistics_change_the_gradient_and_not_the_value(batch, value_and_gradient):
    predicted, mos = batch(16)
    value, _ = value_and_gradient(norm_in_norm, predicted, mos)
    detached, gradient = value_and_gradient(
        lambda *scores: norm_in_norm(*scores, detach=True), predicted, mos
    )
    assert detached == value
    # p = 1, q = 2 by hand: each sign of the difference, over the norm and the largest value
    centred, target = predicted - predicted.mean(), mos - mos.mean()
    sign = (centred / centred.norm() - target / target.norm()).sign()
    assert_close(gradient, sign / centred.norm() / (2 * math.sqrt(16)), rtol=1e-6, atol=0)


@pytest.mark.parametrize("p", [0.5, 1.0, 2.0])
def test_one_picture_gives_zero_for_every_p(p, value_and_gradient):
    value, gradient = value_and_gradient(
        lambda *scores: norm_in_norm(*scores, p=p), torch.tensor([0.4]), torch.tensor([0.7])
    )
    assert (value, gradient.tolist()) == (0.0, [0.0])


@pytest.mark.parametrize(("predicted", "expected"), [([0.1, 0.7], 0.0), ([0.7, 0.1], 1.0)])
def test_two_pictures_give_zero_or_one_with_hardly_a_gradient(
    predicted, expected, value_and_gradient
):
    predicted = torch.tensor(predicted, dtype=torch.float64)
    mos = torch.tensor([0.2, 0.5], dtype=torch.float64)
    value, gradient = value_and_gradient(norm_in_norm, predicted, mos)
    assert_close(value, expected, rtol=0, atol=1e-6)
    assert gradient.abs().max() < 1e-6


def test_equal_predictions_have_a_gradient_of_the_order_of_one_over_eps(batch, value_and_gradient):
    _, mos = batch(8)
    predicted = torch.full((8,), 0.5, dtype=torch.float64)
    value, gradient = value_and_gradient(norm_in_norm, predicted, mos)
    target = mos - mos.mean()
    expected = (target / target.norm()).abs().sum() / (2 * math.sqrt(8))
    assert_close(value, expected.item(), rtol=1e-6, atol=0)
    assert 1e6 < gradient.abs().max() < 1e8


def test_equal_mos_still_push_the_predictions_towards_a_spike(batch, value_and_gradient):
    predicted, _ = batch(8)
    mos = torch.full((8,), 0.5, dtype=torch.float64)
    value, gradient = value_and_gradient(norm_in_norm, predicted, mos)
    centred = predicted - predicted.mean()
    expected = centred.abs().sum() / centred.norm() / (2 * math.sqrt(8))
    assert_close(value, expected.item(), rtol=1e-6, atol=0)
    assert gradient.abs().max() > 1e-3
