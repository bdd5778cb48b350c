"""Qualitative alignment constraint, the second pairwise part of DCQ."""

import torch

from biqa.losses._checks import check_batch
from biqa.shapes import Scalar, Scores


def qac(predicted: Scores, mos: Scores) -> Scalar:
    """Return minus the mean over all n^2 pairs of the difference in the direction of the MOS.

    The qualitative alignment constraint of the DCQ paper (ACM MM 2024, equation 3):
    -(predicted[i] - predicted[j]) * sgn(mos[i] - mos[j]). Computed in O(n log n) as
    -(2 / n^2) * sum(predicted * s), s[i] being the number of pictures with a lower MOS minus
    that with a higher one; equal MOS share their mean rank, because sgn 0 is 0.

    Lower is better, negative for a right order, in units of ``predicted``; unchanged when a
    constant is added. Linear in ``predicted``: alone it has no minimum. The gradient,
    -2 s / n^2, does not depend on ``predicted``. One picture or equal MOS give 0, gradient 0.
    """
    check_batch("qac", predicted, mos)
    mos = mos.detach().contiguous()
    in_order = mos.sort().values
    n_below = torch.searchsorted(in_order, mos)
    n_above = len(mos) - torch.searchsorted(in_order, mos, right=True)
    centred = predicted - predicted.mean()  # s sums to 0: this changes nothing but the rounding
    return -2 * (centred * (n_below - n_above).to(centred.dtype)).mean() / len(mos)
