"""MONO, its normalised form and RankNet against double loops over the pairs."""

import math

import pytest
import torch
from torch.testing import assert_close

from biqa.losses import _pairs
from biqa.losses.mono import mono
from biqa.losses.mono_normalised import mono_normalised
from biqa.losses.qac import qac
from biqa.losses.ranknet import ranknet


def depths(predicted, mos):
    """Return the depth of inversion of each of the n^2 pairs, as the MDTVSFA code defines it."""
    sign = [[(b > a) - (b < a) for b in mos] for a in mos]
    pairs = [(i, j) for i in range(len(mos)) for j in range(len(mos))]
    return [max(0.0, (predicted[i] - predicted[j]) * sign[i][j]) for i, j in pairs]


def mono_by_loops(predicted, mos):
    return sum(depths(predicted, mos)) / (len(mos) * (len(mos) - 1))


def mono_normalised_by_loops(predicted, mos):
    return mono_by_loops(predicted, mos) / (1 + max(depths(predicted, mos)))


def ranknet_by_loops(predicted, mos):
    pairs = [
        (a, b)
        for a, s in zip(predicted, mos, strict=True)
        for b, t in zip(predicted, mos, strict=True)
        if s > t
    ]
    return sum(math.log(1 + math.exp(b - a)) for a, b in pairs) / len(pairs)


BY_LOOPS = [
    (mono, mono_by_loops),
    (mono_normalised, mono_normalised_by_loops),
    (ranknet, ranknet_by_loops),
]
every_rank_loss = pytest.mark.parametrize(("loss", "by_loops"), BY_LOOPS)


@every_rank_loss
@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize("n", [3, 8, 33])
def test_is_the_double_loop(loss, by_loops, n, ties, batch):
    predicted, mos = batch(n, ties=ties)
    expected = by_loops(predicted.tolist(), mos.tolist())
    assert expected > 0
    assert_close(loss(predicted, mos).item(), expected, rtol=1e-12, atol=0)


@every_rank_loss
@pytest.mark.parametrize("rows", [1, 7, 32])
def test_blocks_of_any_size_give_the_same_value_and_gradient(
    loss, by_loops, rows, batch, value_and_gradient, monkeypatch
):
    predicted, mos = batch(33, ties=True)
    whole, whole_gradient = value_and_gradient(loss, predicted, mos)
    monkeypatch.setattr(_pairs, "ROWS", rows)
    value, gradient = value_and_gradient(loss, predicted, mos)
    assert_close(value, by_loops(predicted.tolist(), mos.tolist()), rtol=1e-12, atol=0)
    assert_close(value, whole, rtol=1e-12, atol=0)
    assert_close(gradient, whole_gradient, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("loss", [mono, mono_normalised])
def test_a_right_order_costs_nothing(loss, batch, value_and_gradient):
    _, mos = batch(9, ties=True)
    value, gradient = value_and_gradient(loss, 3 * mos**3, mos)
    assert value == 0
    assert not gradient.any()


@pytest.mark.parametrize("loss", [mono, mono_normalised])
def test_equal_predictions_are_a_resting_point(loss, batch, value_and_gradient):
    _, mos = batch(9)
    value, gradient = value_and_gradient(loss, torch.full_like(mos, 0.3), mos)
    assert value == 0
    assert not gradient.any()


@pytest.mark.parametrize("loss", [mono, mono_normalised, ranknet])
def test_equal_mos_teach_nothing(loss, batch, value_and_gradient):
    predicted, mos = batch(9)
    value, gradient = value_and_gradient(loss, predicted, torch.full_like(mos, 0.3))
    assert value == 0
    assert not gradient.any()


def test_mono_is_proportional_to_the_scale_of_the_predictions(batch):
    predicted, mos = batch(9, ties=True)
    assert_close(mono(40 * predicted, mos), 40 * mono(predicted, mos))


@pytest.mark.parametrize("ties", [False, True])
def test_mono_is_qac_plus_the_mean_spread(ties, batch):
    predicted, mos = batch(20, ties=ties)
    differs = mos[:, None] != mos
    spread = ((predicted[:, None] - predicted).abs() * differs).mean()
    assert_close(19 / 20 * mono(predicted, mos), (qac(predicted, mos) + spread) / 2)


def test_mono_normalised_stays_below_one():
    mos = torch.arange(6, dtype=torch.float64)
    value = mono_normalised(-1e9 * mos, mos).item()
    assert_close(value, 7 / 3 / 5, rtol=1e-6, atol=0)  # mean distance over the largest one


def test_mono_normalised_detached_divides_the_gradient_by_a_constant(batch, value_and_gradient):
    predicted, mos = batch(9)
    _, plain = value_and_gradient(mono, predicted, mos)
    value, gradient = value_and_gradient(
        lambda *scores: mono_normalised(*scores, detach=True), predicted, mos
    )
    assert value == mono_normalised(predicted, mos).item()
    assert_close(gradient, plain / (1 + max(depths(predicted.tolist(), mos.tolist()))))


@pytest.mark.parametrize(("lead", "cost"), [(5.0, 0.006715), (0.0, 0.693147), (-5.0, 5.006715)])
def test_ranknet_of_one_pair_is_the_cost_of_burges(lead, cost):
    mos = torch.tensor([0.8, 0.2], dtype=torch.float64)
    predicted = torch.tensor([lead, 0.0], dtype=torch.float64)
    assert_close(ranknet(predicted, mos).item(), cost, rtol=0, atol=1e-6)


def test_ranknet_does_not_overflow_at_large_scores():
    predicted, mos = torch.tensor([0.0, 1e4]), torch.tensor([1.0, 0.0])
    assert ranknet(predicted, mos).item() == 1e4


def test_ranknet_is_exact_at_an_inversion_of_many_units(value_and_gradient):
    mos = torch.tensor([1.0, 0.0], dtype=torch.float64)
    predicted = torch.tensor([0.0, 21.0], dtype=torch.float64)
    _, gradient = value_and_gradient(ranknet, predicted, mos)
    slope = 1 / (1 + math.exp(-21))
    assert_close(gradient.tolist(), [-slope, slope], rtol=1e-12, atol=0)
