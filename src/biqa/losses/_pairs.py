"""Sums and maxima over the ordered pairs of a batch, in memory that grows with n and not n^2."""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.utils.checkpoint import checkpoint

from biqa.shapes import Scalar, Scores

ROWS = 128  # pictures compared with all others at a time: 5 MB a matrix at n = 10,000, float32


def over_ordered_pairs(
    reduction: Callable[[Tensor], Tensor],
    cost: Callable[[Tensor], Tensor],
    predicted: Scores,
    mos: Scores,
) -> Scalar:
    """Reduce ``cost(predicted[i] - predicted[j])`` over all pairs with ``mos[i] > mos[j]``.

    ``reduction`` is ``torch.sum`` or, for a cost of at least 0, ``torch.amax``; both give 0
    without any such pair. More than ``ROWS`` pictures are compared block by block, and the
    backward pass computes each block again instead of keeping it.
    """

    def block(predicted_above: Scores, mos_above: Scores) -> Scalar:
        is_pair = mos_above[:, None] > mos
        return reduction(cost(predicted_above[:, None] - predicted) * is_pair)

    if len(mos) <= ROWS:
        return block(predicted, mos)
    blocks = zip(predicted.split(ROWS), mos.split(ROWS), strict=True)
    parts = [
        checkpoint(block, *rows, use_reentrant=False, preserve_rng_state=False) for rows in blocks
    ]
    return reduction(torch.stack(parts))


def n_ordered_pairs(mos: Scores) -> int:
    """Return the number of pairs with ``mos[i] > mos[j]``; ties are no pair."""
    n_tied = mos.unique(return_counts=True)[1]
    return (len(mos) ** 2 - int((n_tied**2).sum())) // 2


def inversion_depth(difference: Tensor) -> Tensor:
    """Return by how much a prediction that should be above is below: 0 in the right order."""
    return (-difference).relu()
