"""Earth mover's distance, Huber's loss and the fidelity loss against other statements of them."""

import math
from statistics import NormalDist

import pytest
import torch
from scipy.special import huber as scipy_huber
from scipy.stats import wasserstein_distance
from torch.testing import assert_close

from biqa.losses import loss


@pytest.mark.parametrize("n", [1, 2, 9, 64])
def test_emd_is_the_distance_of_scipy(n, batch):
    predicted, mos = batch(n, ties=True)
    expected = wasserstein_distance(predicted.numpy(), mos.numpy())
    assert_close(loss("emd", r=1)(predicted, mos).item(), expected, rtol=1e-12, atol=1e-14)


def test_emd_squared_by_hand_does_not_see_the_order(value_and_gradient):
    predicted = torch.tensor([3.0, 1.0, 2.0], dtype=torch.float64)
    mos = torch.tensor([1.0, 5.0, 2.0], dtype=torch.float64)  # sorted: 1 2 5 beside 1 2 3
    value, gradient = value_and_gradient(loss("emd"), predicted, mos)
    assert_close(value, 4 / 3)
    assert_close(gradient.tolist(), [-4 / 3, 0.0, 0.0])
    assert loss("emd")(mos.flip(0), mos).item() == 0


@pytest.mark.parametrize("delta", [0.1, 1.0, 30.0])
def test_huber_is_that_of_scipy(delta, batch):
    predicted, mos = batch(20)
    expected = scipy_huber(delta, (predicted - mos).numpy()).mean()
    assert_close(loss("huber", delta=delta)(predicted, mos).item(), expected, rtol=1e-12, atol=0)


def fidelity_by_loops(predicted, mos, std):
    total, n_pairs = 0.0, 0
    for i in range(len(mos)):
        for j in range(i):
            p = NormalDist(0, math.sqrt(2) * std).cdf(predicted[i] - predicted[j])
            g = 0.5 if mos[i] == mos[j] else float(mos[i] > mos[j])
            total += 1 - math.sqrt(p * g + 1e-8) - math.sqrt((1 - p) * (1 - g) + 1e-8)
            n_pairs += 1
    return total / n_pairs


@pytest.mark.parametrize("n", [2, 7, 150])
@pytest.mark.parametrize("std", [0.5, 1.0, 20.0])
def test_fidelity_is_the_mean_over_all_pairs(n, std, batch):
    predicted, mos = batch(n, ties=n > 2)
    expected = fidelity_by_loops(predicted.tolist(), mos.tolist(), std)
    assert_close(loss("fidelity", std=std)(predicted, mos).item(), expected, rtol=1e-9, atol=1e-11)


def test_fidelity_knows_no_order_in_equal_predictions_or_equal_mos(value_and_gradient):
    mos = torch.tensor([0.1, 0.4, 0.9], dtype=torch.float64)
    equal = torch.full_like(mos, 0.3)
    assert_close(loss("fidelity")(equal, mos).item(), 1 - math.sqrt(0.5), rtol=0, atol=2e-4)
    value, gradient = value_and_gradient(loss("fidelity"), equal, equal)
    assert_close(value, 0.0, rtol=0, atol=1e-7)
    assert_close(gradient.tolist(), [0.0] * 3, rtol=0, atol=1e-15)
