"""Fidelity loss over the pairs of a batch."""

import math

import torch
from torch.special import ndtr

from biqa.errors import InputError
from biqa.losses._checks import check_batch
from biqa.losses._pairs import over_ordered_pairs
from biqa.shapes import Scalar, Scores

EPS = 1e-8  # added under both roots, as in the authors' code


def fidelity(predicted: Scores, mos: Scores, *, std: float = 1.0) -> Scalar:
    """Return the mean fidelity loss over all pairs of pictures, labelled by which is better.

    1 - sqrt(p g) - sqrt((1 - p) (1 - g)) of Tsai et al. (SIGIR 2007), as UNIQUE uses it (Zhang et
    al., TIP 2021, MNL_Loss.py). p = Phi(difference / (sqrt(2) std)) is Thurstone's probability
    that the first of two pictures is better, every prediction having the same ``std``. UNIQUE
    predicts a standard deviation for each picture and has g from that of its ratings; from scores
    alone g is 1, 1/2 at equal MOS, or 0.

    At least -1e-4 (of EPS) and below 1, lower is better; unchanged when a constant is added to
    ``predicted``. Equal predictions give 1 - sqrt(1/2), 0 for pairs of equal MOS. One picture has
    no pair: our decision is 0 with gradient 0.
    """
    check_batch("fidelity", predicted, mos)
    if std <= 0:
        raise InputError(f"loss fidelity: std is {std:g}, expected a number above 0")
    n_pairs = len(mos) * (len(mos) - 1) / 2
    units = predicted / (math.sqrt(2) * std)
    total = over_ordered_pairs(torch.sum, _cost_of_ordered, units, mos)
    for level in _shared_levels(mos):
        tied = units[mos == level]
        place = torch.arange(len(tied), device=mos.device)  # each pair once: its later one first
        total = total + over_ordered_pairs(torch.sum, _cost_of_tied, tied, place)
    return total / max(1, n_pairs)


def _cost_of_ordered(difference: torch.Tensor) -> torch.Tensor:
    return 1 - math.sqrt(EPS) - (ndtr(difference) + EPS).sqrt()


def _cost_of_tied(difference: torch.Tensor) -> torch.Tensor:
    first, second = ndtr(difference) / 2, ndtr(-difference) / 2
    return 1 - (first + EPS).sqrt() - (second + EPS).sqrt()


def _shared_levels(mos: Scores) -> torch.Tensor:
    levels, n_pictures = mos.unique(return_counts=True)
    return levels[n_pictures > 1]
