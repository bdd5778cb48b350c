"""Gradients and curvature of a loss in the predictions, by automatic differentiation."""

from collections.abc import Callable, Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from biqa.shapes import Scalar, Scores

Loss = Callable[[Scores, Scores], Scalar]
Matrix = Float[Tensor, "n n"]


def gradient(loss: Loss, predicted: Scores, mos: Scores) -> Scores:
    """Return the derivative of the loss by each prediction."""
    variable = predicted.detach().clone().requires_grad_()
    (slope,) = torch.autograd.grad(loss(variable, mos), variable)
    return slope


def hessian(loss: Loss, predicted: Scores, mos: Scores) -> Matrix:
    """Return the second derivatives of the loss by the predictions; zeros where it is linear."""
    found = torch.autograd.functional.hessian(lambda scores: loss(scores, mos), predicted)
    assert isinstance(found, Tensor)
    return found


def eigenvalues(loss: Loss, predicted: Scores, mos: Scores) -> Scores:
    """Return the eigenvalues of the Hessian, the lowest first.

    The largest absolute value is how fast the gradient can change at ``predicted``. Of a loss
    whose Hessian is the same everywhere it is the Lipschitz constant of the gradient, and the
    loss is said to be that smooth.
    """
    return torch.linalg.eigvalsh(hessian(loss, predicted, mos))


def gradient_lengths(
    loss: Loss, predicted: Scores, mos: Scores, scales: Sequence[float]
) -> list[float]:
    """Return the Euclidean length of the gradient at ``predicted`` times each of ``scales``.

    A loss is Lipschitz continuous where these stay bounded.
    """
    return [gradient(loss, scale * predicted, mos).norm().item() for scale in scales]


def changes_across_a_tie(
    loss: Loss, predicted: Scores, mos: Scores, distances: Sequence[float]
) -> list[float]:
    """Return the change of the gradient over the distance of two points, for each distance.

    The first two predictions are made equal; the points lie to both sides of that, one
    with the two in the right order and one in the wrong. A gradient that is Lipschitz
    continuous keeps the quotient below a constant however near they come.
    """
    tied = predicted.clone()
    tied[1] = tied[0]
    direction = torch.zeros_like(tied)
    direction[0], direction[1] = 0.5**0.5, -(0.5**0.5)
    found = []
    for distance in distances:
        step = distance / 2 * direction
        change = gradient(loss, tied + step, mos) - gradient(loss, tied - step, mos)
        found.append(change.norm().item() / distance)
    return found


def minimiser(loss: Loss, mos: Scores) -> Scores:
    """Return the predictions with the lowest loss, which must be quadratic in them.

    One step of Newton from ``mos``. Where the loss leaves directions free, such as the level
    in ``rpc``, the step has no part in them. Raises ``ValueError`` where there is no minimum.
    """
    slope = gradient(loss, mos, mos)
    lowest = mos - torch.linalg.pinv(hessian(loss, mos, mos), hermitian=True) @ slope
    left = gradient(loss, lowest, mos).norm().item()
    if left > 1e-9 * max(1.0, slope.norm().item()):
        raise ValueError(f"the gradient at the end of the step is {left:g}: no quadratic minimum")
    return lowest
