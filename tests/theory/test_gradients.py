"""Gradients, curvature and minima against closed forms and finite differences."""

import numpy as np
import pytest
import torch
from scipy import optimize
from torch.testing import assert_close

from biqa.losses import loss
from biqa.theory.gradients import (
    changes_across_a_tie,
    eigenvalues,
    gradient,
    gradient_lengths,
    hessian,
    minimiser,
)

SMOOTH = ("mse", "qdc", "qac", "rpc", "dcq", "plcc", "mse_rank_shifted", "linearity_induced")


@pytest.fixture
def batch(rng):
    def draw(n: int) -> tuple[torch.Tensor, torch.Tensor]:
        return torch.tensor(rng.normal(size=n)), torch.tensor(rng.random(n))

    return draw


@pytest.mark.parametrize("name", [*SMOOTH, "mae", "mono", "norm_in_norm"])
def test_the_gradient_is_the_finite_difference(name, batch):
    predicted, mos = batch(7)
    chosen = loss(name)
    found = gradient(chosen, predicted, mos)
    numeric = optimize.approx_fprime(
        predicted.numpy(), lambda scores: chosen(torch.tensor(scores), mos).item(), 1e-7
    )
    np.testing.assert_allclose(found.numpy(), numeric, atol=1e-5)


@pytest.mark.parametrize("name", SMOOTH)
def test_the_hessian_is_the_finite_difference_of_the_gradient(name, batch):
    predicted, mos = batch(6)
    found = hessian(loss(name), predicted, mos)
    step = 1e-6
    for place in range(6):
        moved = torch.zeros(6, dtype=torch.double)
        moved[place] = step
        above, below = (gradient(loss(name), predicted + sign * moved, mos) for sign in (1, -1))
        assert_close(found[place], (above - below) / (2 * step), atol=1e-7, rtol=1e-6)


def quadratic_form(name: str, n: int) -> torch.Tensor:
    """Return the Hessian by hand: of the mean square, and of the mean over all pairs."""
    eye, mean = torch.eye(n, dtype=torch.double), torch.full((n, n), 1 / n, dtype=torch.double)
    pairs = 4 / n * (eye - mean)
    return {
        **{"mse": 2 / n * eye, "qdc": pairs, "qac": 0 * eye, "rpc": pairs},
        "dcq": 2 / n * eye + pairs,
    }[name]


@pytest.mark.parametrize("n", [2, 5, 16, 64])
@pytest.mark.parametrize("name", ["mse", "qdc", "qac", "rpc", "dcq"])
def test_quadratic_losses_have_the_hessian_of_the_closed_form(name, n, batch):
    predicted, mos = batch(n)
    assert_close(hessian(loss(name), predicted, mos), quadratic_form(name, n))


@pytest.mark.parametrize("n", [3, 16])
def test_rpc_has_curvature_4_over_n_and_dcq_2_and_6_over_n(n, batch):
    predicted, mos = batch(n)
    rpc, dcq = (eigenvalues(loss(name), predicted, mos) for name in ("rpc", "dcq"))
    expected = torch.full((n,), 4 / n, dtype=torch.double)
    expected[0] = 0
    assert_close(rpc, expected)
    expected = torch.full((n,), 6 / n, dtype=torch.double)
    expected[0] = 2 / n
    assert_close(dcq, expected)


def direction_by_loops(mos: torch.Tensor) -> torch.Tensor:
    """Return, for each, how many MOS are lower less how many are higher."""
    values = mos.tolist()
    found = [sum((one > other) - (one < other) for other in values) for one in values]
    return torch.tensor(found, dtype=torch.double)


@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize("n", [2, 5, 16])
def test_the_minimum_of_dcq_is_the_shifted_mos(n, ties, batch):
    _, mos = batch(n)
    mos = (mos * 3).round() if ties else mos
    s = direction_by_loops(mos)
    assert_close(minimiser(loss("dcq"), mos), mos + s / (3 * n))
    assert_close(minimiser(loss("rpc"), mos), mos + s / (2 * n))
    assert_close(minimiser(loss("mse_rank_shifted"), mos), mos + s / (3 * n))
    assert_close(minimiser(loss("dcq", qdc=0), mos), mos + s / n)
    assert_close(minimiser(loss("dcq", qac=0), mos), mos)


def test_a_general_optimiser_finds_the_same_minimum(batch):
    _, mos = batch(8)

    def value_and_slope(scores):
        at = torch.tensor(scores)
        return loss("dcq")(at, mos).item(), gradient(loss("dcq"), at, mos).numpy()

    found = optimize.minimize(value_and_slope, np.zeros(8), jac=True, method="BFGS", tol=1e-12)
    np.testing.assert_allclose(minimiser(loss("dcq"), mos).numpy(), found.x, atol=1e-7)


def test_a_loss_without_minimum_is_refused(batch):
    _, mos = batch(5)
    with pytest.raises(ValueError, match="no quadratic minimum"):
        minimiser(loss("qac"), mos)


def test_lengths_of_gradients_grow_with_squares_and_stay_with_absolute_values(batch):
    predicted, mos = batch(9)
    scales = (1.0, 1e4, 1e6)
    squared = gradient_lengths(loss("mse"), predicted, mos, scales)
    assert squared[2] / squared[1] == pytest.approx(100, rel=1e-3)
    expected = 2 / 9 * (predicted - mos).norm().item()
    assert squared[0] == pytest.approx(expected)
    assert gradient_lengths(loss("mae"), predicted, mos, scales[1:]) == pytest.approx([1 / 3] * 2)
    normed = gradient_lengths(loss("norm_in_norm"), predicted, mos, scales[:2])
    assert normed[1] / normed[0] == pytest.approx(1e-4, rel=1e-5)


def test_the_gradient_of_mono_jumps_at_a_tie_and_that_of_rpc_does_not(batch):
    predicted, mos = batch(6)
    distances = (1.0, 1e-3, 1e-6)
    predicted, mos = predicted.sort().values * 100, mos.sort().values
    jump = changes_across_a_tie(loss("mono"), predicted, mos, distances)
    # of the 15 pairs one changes sides: its two gradients of 1 / 15 come and go
    assert jump == pytest.approx([2**0.5 / 15 / distance for distance in distances])
    assert changes_across_a_tie(loss("rpc"), predicted, mos, distances) == pytest.approx(
        [4 / 6] * 3
    )
