"""Monotonicity loss over its deepest inversion."""

import torch

from biqa.losses._checks import check_batch
from biqa.losses._pairs import inversion_depth, over_ordered_pairs
from biqa.shapes import Scalar, Scores


def mono_normalised(predicted: Scores, mos: Scores, *, detach: bool = False) -> Scalar:
    """Return the mean depth of an inversion over all pairs, divided by 1 + the deepest one.

    The monotonicity regulariser of LinearityIQA (IQAloss.py), and the ``rank_loss`` of FAST-VQA
    (Wu et al., ECCV 2022, new_train.py). With ``detach`` the divisor is a constant in the
    gradient.

    In [0, 1), lower is better; unchanged when a constant is added to ``predicted``. Equal
    predictions or equal MOS give 0 with gradient 0, and so does one picture, as in LinearityIQA.
    """
    check_batch("mono_normalised", predicted, mos)
    n_pairs = max(1.0, len(mos) * (len(mos) - 1) / 2)
    mean = over_ordered_pairs(torch.sum, inversion_depth, predicted, mos) / n_pairs
    deepest = over_ordered_pairs(
        torch.amax, inversion_depth, predicted.detach() if detach else predicted, mos
    )
    return mean / (1 + deepest)
