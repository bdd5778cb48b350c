"""Monotonicity loss."""

import torch

from biqa.losses._checks import check_batch
from biqa.losses._pairs import inversion_depth, over_ordered_pairs
from biqa.shapes import Scalar, Scores


def mono(predicted: Scores, mos: Scores) -> Scalar:
    """Return the monotonicity loss: the mean depth of an inversion, over all pairs of pictures.

    ``loss_m`` of Li, Jiang and Jiang (MDTVSFA, VQAloss.py), MONO in the DCQ paper: for a pair in
    the right order, or with equal MOS, 0; in the wrong order, the distance between the two
    predictions.

    At least 0, lower is better, in units of ``predicted``; unchanged when a constant is added
    to ``predicted`` and proportional to its scale. Its minimum 0 is also reached by equal
    predictions, with gradient 0: nothing keeps a model from collapsing. Equal MOS give 0 with
    gradient 0. Like that code it refuses a batch of one.
    """
    check_batch("mono", predicted, mos, at_least=2)
    n_pairs = len(mos) * (len(mos) - 1) / 2
    return over_ordered_pairs(torch.sum, inversion_depth, predicted, mos) / n_pairs
