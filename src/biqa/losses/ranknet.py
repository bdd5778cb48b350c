"""RankNet's pair cost over a batch."""

import torch
from torch.nn.functional import logsigmoid

from biqa.losses._checks import check_batch
from biqa.losses._pairs import n_ordered_pairs, over_ordered_pairs
from biqa.shapes import Scalar, Scores


def ranknet(predicted: Scores, mos: Scores) -> Scalar:
    """Return the mean cost log(1 + exp(-(predicted[i] - predicted[j]))) where mos[i] > mos[j].

    The pair cost of Burges et al. (ICML 2005) with target probability 1, over all pairs of the
    batch whose MOS differ. The DCQ paper, which compares with it, states no pairs, scale or
    reduction: all pairs, scale 1 and the mean are our choice, and pairs with equal MOS are
    left out.

    Above 0, lower is better; log 2 for equal predictions. Unchanged when a constant is added to
    ``predicted``; a larger scale of rightly ordered predictions always lowers it. The formula
    says nothing of a batch without an ordered pair (one picture, equal MOS): our decision is 0
    with gradient 0, since there is nothing to learn from.
    """
    check_batch("ranknet", predicted, mos)
    total = over_ordered_pairs(torch.sum, _cost, predicted, mos)
    return total / max(1, n_ordered_pairs(mos))


def _cost(difference: torch.Tensor) -> torch.Tensor:
    return -logsigmoid(difference)  # softplus is cut off at 20: 2e-9 wrong in the gradient
