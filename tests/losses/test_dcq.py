"""DCQ and its parts against double loops over the pairs, and against their closed forms."""

from functools import partial
from itertools import product

import pytest
import torch
from scipy.stats import rankdata
from torch.testing import assert_close

from biqa.losses import loss as named
from biqa.losses.dcq import dcq
from biqa.losses.mse import mse
from biqa.losses.qac import qac
from biqa.losses.qdc import qdc
from biqa.losses.rpc import rpc

WEIGHTS = [weights for weights in product((0.0, 1.0, 0.25), repeat=3) if any(weights)]
sizes = pytest.mark.parametrize("n", [1, 2, 3, 8, 33])
with_and_without_ties = pytest.mark.parametrize("ties", [False, True])


def sign(number):
    return (number > 0) - (number < 0)


def parts_by_loops(predicted, mos):
    """Return MSE and equations 2 and 3 of the paper, one pair at a time."""
    n, squares, aligned = len(mos), 0.0, 0.0
    for i, j in product(range(n), range(n)):
        difference, true = predicted[i] - predicted[j], mos[i] - mos[j]
        squares += (difference - true) ** 2 / n**2
        aligned -= difference * sign(true) / n**2
    error = sum((p - t) ** 2 for p, t in zip(predicted, mos, strict=True)) / n
    return error, squares, aligned


def lead(mos):
    """Return s: for each picture, the number with a lower MOS minus that with a higher one."""
    return torch.tensor([sum(sign(a - b) for b in mos.tolist()) for a in mos.tolist()]).double()


@sizes
@with_and_without_ties
def test_parts_are_the_equations_of_the_paper(n, ties, batch):
    predicted, mos = batch(n, ties=ties)
    error, squares, aligned = parts_by_loops(predicted.tolist(), mos.tolist())
    found = [loss(predicted, mos).item() for loss in (mse, qdc, qac, rpc, dcq)]
    expected = [error, squares, aligned, squares + aligned, error + squares + aligned]
    assert_close(found, expected, rtol=1e-9, atol=1e-13)


@sizes
@with_and_without_ties
def test_gradients_are_the_closed_forms(n, ties, batch, value_and_gradient):
    predicted, mos = batch(n, ties=ties)
    error, s = predicted - mos, lead(mos)
    of_mse, of_qdc, of_qac = 2 / n * error, 4 / n * (error - error.mean()), -2 / n**2 * s
    for loss, expected in [
        (qdc, of_qdc),
        (qac, of_qac),
        (rpc, of_qdc + of_qac),
        (dcq, of_mse + of_qdc + of_qac),
    ]:
        _, gradient = value_and_gradient(loss, predicted, mos)
        assert_close(gradient, expected, rtol=1e-9, atol=1e-13)


@pytest.mark.parametrize("weights", WEIGHTS)
def test_each_part_has_its_weight(weights, batch):
    predicted, mos = batch(12, ties=True)
    parts = parts_by_loops(predicted.tolist(), mos.tolist())
    expected = sum(weight * part for weight, part in zip(weights, parts, strict=True))
    actual = dcq(predicted, mos, mse=weights[0], qdc=weights[1], qac=weights[2])
    assert_close(actual.item(), expected, rtol=1e-9, atol=1e-13)


def test_qdc_is_twice_the_variance_of_the_error(batch):
    predicted, mos = batch(33)
    assert_close(qdc(predicted, mos), 2 * (predicted - mos).var(correction=0))


@with_and_without_ties
def test_qac_is_the_covariance_with_the_mean_ranks(ties, batch):
    predicted, mos = batch(33, ties=ties)
    ranks = torch.tensor(rankdata(mos))
    covariance = (predicted * ranks).mean() - predicted.mean() * ranks.mean()
    assert_close(qac(predicted, mos), -4 / 33 * covariance)


def test_qac_of_the_mos_is_minus_their_mean_difference(batch):
    _, mos = batch(33)
    assert_close(qac(mos, mos), -(mos[:, None] - mos).abs().mean())


def test_qac_of_two_pictures_is_half_their_distance():
    mos = torch.tensor([0.2, 0.6], dtype=torch.float64)
    predicted = torch.tensor([0.9, 0.1], dtype=torch.float64)
    assert_close(qac(predicted, mos).item(), 0.4)


def test_equal_mos_leave_the_errors_alone(batch):
    predicted, mos = batch(9)
    constant = torch.full_like(mos, 0.3)
    assert qac(predicted, constant).item() == 0
    assert_close(dcq(predicted, constant), mse(predicted, constant) + qdc(predicted, constant))


@pytest.mark.parametrize("n", [2, 16, 64])
@with_and_without_ties
def test_minima_are_where_theory_puts_them(n, ties, batch, value_and_gradient):
    _, mos = batch(n, ties=ties)
    s = lead(mos)
    for loss, shift in [
        (dcq, s / (3 * n)),
        (rpc, s / (2 * n)),
        (partial(dcq, qdc=0.0), s / n),
        (partial(dcq, qac=0.0), 0 * s),
    ]:
        _, gradient = value_and_gradient(loss, mos + shift, mos)
        assert_close(gradient, torch.zeros_like(gradient), rtol=0, atol=1e-15)


@pytest.mark.parametrize("n", [2, 7, 16])
def test_curvature_is_three_times_larger_for_the_spread_than_for_the_level(n, batch):
    predicted, mos = batch(n, ties=True)
    hessian = torch.autograd.functional.hessian(lambda scores: dcq(scores, mos), predicted)
    expected = torch.tensor([2 / n] + (n - 1) * [6 / n], dtype=torch.float64)
    assert_close(torch.linalg.eigvalsh(hessian), expected)


def test_dcq_is_a_weighted_squared_error_on_shifted_labels(batch):
    predicted, mos = batch(16, ties=True)
    s = lead(mos)
    shifted = mos + s / 48
    constant = -2 / 256 * (mos * s).sum() - (s**2).sum() / (3 * 16**3)
    expected = mse(predicted, shifted) + qdc(predicted, shifted) + constant
    assert_close(dcq(predicted, mos), expected)


@with_and_without_ties
def test_largest_data_set_agrees_with_the_pairs(ties, batch):
    predicted, mos = batch(10_073, ties=ties)
    squares = aligned = 0.0
    for p, t in zip(predicted.split(512), mos.split(512), strict=True):
        difference, true = p[:, None] - predicted, t[:, None] - mos
        squares += ((difference - true) ** 2).sum().item() / 10_073**2
        aligned -= (difference * true.sign()).sum().item() / 10_073**2
    assert_close(qdc(predicted, mos).item(), squares, rtol=1e-9, atol=0)
    assert_close(qac(predicted, mos).item(), aligned, rtol=1e-9, atol=0)


@pytest.mark.parametrize("name", ["mse", "dcq", "rpc", "mse_rank_shifted", "norm_in_norm", "mae"])
def test_an_offset_of_labels_and_predictions_changes_nothing(name, batch, value_and_gradient):
    """Labels 1 to 5 are labels 0 to 4 for a network whose last bias starts at the mean label."""
    predicted, mos = batch(16)
    value, gradient = value_and_gradient(named(name), predicted, 4 * mos)
    moved, its_gradient = value_and_gradient(named(name), predicted + 1, 4 * mos + 1)
    assert moved == pytest.approx(value, abs=1e-12)
    assert_close(its_gradient, gradient, atol=1e-12, rtol=1e-12)
