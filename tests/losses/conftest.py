"""What the tests of all losses share: batches, and value and gradient of a loss."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

Loss = Callable[[Tensor, Tensor], Tensor]


@pytest.fixture
def batch(rng):
    """Return a function that draws scores in float64: predictions, then MOS (in ties or not)."""

    def draw(n: int, *, ties: bool = False) -> tuple[Tensor, Tensor]:
        predicted, mos = torch.tensor(rng.normal(size=n)), torch.tensor(rng.uniform(size=n))
        return predicted, (mos * 4).round() / 4 if ties else mos

    return draw


@pytest.fixture
def value_and_gradient():
    """Return a function that gives the value of a loss and its gradient by ``predicted``."""

    def compute(loss: Loss, predicted: Tensor, mos: Tensor) -> tuple[float, Tensor]:
        predicted = predicted.detach().clone().requires_grad_()
        value = loss(predicted, mos)
        (gradient,) = torch.autograd.grad(value, predicted)
        return value.item(), gradient

    return compute
