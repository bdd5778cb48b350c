"""What holds for every loss."""

import math

import pytest
import torch
from torch.testing import assert_close
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from biqa.errors import InputError
from biqa.losses import known_losses, loss
from biqa.losses._pairs import ROWS

LARGEST = 10_073  # pictures of KonIQ-10k, the largest data set
NEED_TWO = {"mono", "plcc", "plcc_srcc"}
ABSOLUTE = {"mse", "mae", "dcq", "emd", "huber", "mse_rank_shifted"}
SHIFT_FREE = set(known_losses()) - ABSOLUTE
PAIRWISE = {"fidelity", "mono", "mono_normalised", "plcc_srcc", "ranknet"}
SCALE_FREE = {"norm_in_norm", "linearity_induced", "mean_norm", "min_max_norm", "plcc"}

every_loss = pytest.mark.parametrize("name", known_losses())


@every_loss
def test_analytic_gradient_is_the_numerical_one(name, batch):
    predicted, mos = batch(9, ties=True)
    assert torch.autograd.gradcheck(lambda p: loss(name)(p, mos), predicted.requires_grad_())


@every_loss
@pytest.mark.parametrize("n", [2, 3, 64, 300])
def test_float32_stays_float32_and_near_float64(name, n, batch, value_and_gradient):
    predicted, mos = batch(n, ties=n > 2)
    exact, exact_gradient = value_and_gradient(loss(name), predicted, mos)
    single = predicted.float().requires_grad_()
    value = loss(name)(single, mos.float())
    (gradient,) = torch.autograd.grad(value, single)
    assert value.dtype == gradient.dtype == torch.float32
    assert value.shape == ()
    # float32 has 7 digits; gradients are compared on the scale of the largest of them
    assert_close(value.item(), exact, rtol=1e-5, atol=1e-6)
    largest = exact_gradient.abs().max().item()
    assert_close(gradient.double(), exact_gradient, rtol=0, atol=1e-5 * largest + 1e-6)


@every_loss
def test_order_of_the_batch_does_not_matter(name, batch, value_and_gradient):
    predicted, mos = batch(12, ties=True)
    order = torch.tensor([7, 2, 11, 0, 5, 9, 1, 10, 3, 8, 6, 4])
    value, gradient = value_and_gradient(loss(name), predicted, mos)
    shuffled, shuffled_gradient = value_and_gradient(loss(name), predicted[order], mos[order])
    assert_close(shuffled, value, rtol=1e-12, atol=1e-12)
    assert_close(shuffled_gradient, gradient[order], rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", sorted(SHIFT_FREE))
def test_a_constant_on_all_predictions_changes_nothing(name, batch, value_and_gradient):
    predicted, mos = batch(12, ties=True)
    value, gradient = value_and_gradient(loss(name), predicted, mos)
    shifted, shifted_gradient = value_and_gradient(loss(name), predicted + 3.0, mos)
    assert_close(shifted, value, rtol=1e-9, atol=1e-11)
    assert_close(shifted_gradient, gradient, rtol=1e-9, atol=1e-11)
    assert_close(gradient.sum().item(), 0.0, rtol=0, atol=1e-9)


@pytest.mark.parametrize("name", sorted(SCALE_FREE))
def test_a_scale_of_the_predictions_changes_nothing(name, batch):
    predicted, mos = batch(12)
    # EPS = 1e-8 is added to a norm of about 1
    assert_close(loss(name)(40 * predicted, mos), loss(name)(predicted, mos), rtol=1e-6, atol=0)


@every_loss
def test_the_largest_data_set_in_one_batch(name, batch, value_and_gradient):
    predicted, mos = (scores.float() for scores in batch(LARGEST, ties=True))
    value, gradient = value_and_gradient(loss(name), predicted, mos)
    assert math.isfinite(value)
    assert torch.isfinite(gradient).all()
    assert gradient.abs().max() > 0


class LargestTensor(TorchDispatchMode):
    """Watch the operations under it, and keep the size of the largest tensor any of them made."""

    size = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        result = func(*args, **(kwargs or {}))
        sizes = [leaf.numel() for leaf in tree_leaves(result) if isinstance(leaf, torch.Tensor)]
        self.size = max(self.size, *sizes, 0)
        return result


@every_loss
def test_no_matrix_of_all_pairs_is_made(name, batch, value_and_gradient):
    n = 1_000
    predicted, mos = batch(n, ties=True)
    with LargestTensor() as largest:
        value_and_gradient(loss(name), predicted, mos)
    assert largest.size == (ROWS * n if name in PAIRWISE else n)


@every_loss
@pytest.mark.parametrize("shapes", [((4, 1), (4,)), ((4,), (3,)), ((), ()), ((2, 2), (2, 2))])
def test_scores_that_would_broadcast_are_refused(name, shapes):
    predicted, mos = (torch.zeros(shape) for shape in shapes)
    with pytest.raises(InputError, match="expected two vectors of one length, got shapes"):
        loss(name)(predicted, mos)


@every_loss
def test_an_empty_batch_is_refused(name):
    with pytest.raises(InputError, match="a batch of 0, expected at least"):
        loss(name)(torch.zeros(0), torch.zeros(0))


@pytest.mark.parametrize("name", sorted(NEED_TWO))
def test_a_batch_of_one_is_refused_where_the_authors_code_has_no_value(name):
    with pytest.raises(InputError, match=f"loss {name}: a batch of 1, expected at least 2; "):
        loss(name)(torch.tensor([0.3]), torch.tensor([0.5]))


@pytest.mark.parametrize("name", sorted(SHIFT_FREE - NEED_TWO))
def test_a_batch_of_one_teaches_a_relative_loss_nothing(name, value_and_gradient):
    value, gradient = value_and_gradient(loss(name), torch.tensor([0.3]), torch.tensor([0.5]))
    assert value == 0
    assert gradient.tolist() == [0.0]


@pytest.mark.parametrize("name", sorted(ABSOLUTE))
def test_a_batch_of_one_is_compared_with_its_own_mos(name, value_and_gradient):
    value, gradient = value_and_gradient(loss(name), torch.tensor([0.3]), torch.tensor([0.5]))
    # Huber's, beyond 0.1, is 0.1 * (0.2 - 0.1 / 2)
    expected, slope = {"mae": (0.2, -1.0), "huber": (0.015, -0.1)}.get(name, (0.04, -0.4))
    assert_close(value, expected, rtol=1e-6, atol=0)
    assert_close(gradient.item(), slope, rtol=1e-6, atol=0)


@every_loss
def test_equal_predictions_and_equal_mos_give_finite_numbers(name, batch, value_and_gradient):
    varied, constant = batch(8)[0], torch.full((8,), 0.625, dtype=torch.float64)
    for predicted, mos in [(constant, varied), (varied, constant), (constant, constant)]:
        value, gradient = value_and_gradient(loss(name), predicted, mos)
        assert math.isfinite(value)
        assert torch.isfinite(gradient).all()


@every_loss
def test_scores_may_be_columns_of_a_table(name, batch):
    predicted, mos = batch(10)
    columns = torch.stack([predicted, mos], dim=1)
    value = loss(name)(columns[:, 0], columns[:, 1])
    assert_close(value, loss(name)(predicted, mos), rtol=1e-12, atol=1e-12)
