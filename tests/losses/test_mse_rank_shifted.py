"""Squared error on rank-shifted labels, and what it has to do with DCQ."""

import pytest
from scipy.stats import rankdata
from torch.testing import assert_close

from biqa.losses import loss


@pytest.mark.parametrize("n", [1, 2, 9, 64])
@pytest.mark.parametrize("kappa", [0.0, 0.3, 1 / 3])
def test_labels_move_by_their_mid_rank(n, kappa, batch):
    predicted, mos = batch(n, ties=True)
    distribution = (rankdata(mos.numpy()) - 0.5) / n  # F at mid-ranks
    shifted = mos.numpy() + kappa * (2 * distribution - 1)
    expected = ((predicted.numpy() - shifted) ** 2).mean()
    actual = loss("mse_rank_shifted", kappa=kappa)(predicted, mos)
    assert_close(actual.item(), expected, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("n", [2, 9, 64])
def test_with_a_third_dcq_is_this_loss_and_qdc_on_the_same_labels(n, batch, value_and_gradient):
    predicted, mos = batch(n, ties=True)
    direction = (mos[:, None] > mos).double().sum(1) - (mos[:, None] < mos).double().sum(1)
    shifted = mos + direction / (3 * n)
    constant = -2 * (mos * direction).sum() / n**2 - (direction**2).sum() / (3 * n**3)
    ours = loss("mse_rank_shifted")
    value, gradient = value_and_gradient(
        lambda p, t: ours(p, t) + loss("qdc")(p, shifted) + constant, predicted, mos
    )
    expected, expected_gradient = value_and_gradient(loss("dcq"), predicted, mos)
    assert_close(value, expected, rtol=1e-12, atol=1e-14)
    assert_close(gradient, expected_gradient, rtol=1e-12, atol=1e-14)
