"""Quantitative discrepancy constraint, the first pairwise part of DCQ."""

from biqa.losses._checks import check_batch
from biqa.shapes import Scalar, Scores


def qdc(predicted: Scores, mos: Scores) -> Scalar:
    """Return the mean over all n^2 pairs of the squared error of the score difference.

    The quantitative discrepancy constraint of the DCQ paper (ACM MM 2024, equation 2). The pairs
    need not be visited: the mean is twice the variance (over n) of the error.

    At least 0, lower is better, in squared units of ``mos``; unchanged when a constant is added
    to ``predicted``, so alone it leaves the level free. One picture gives 0 with gradient 0.
    """
    check_batch("qdc", predicted, mos)
    error = predicted - mos
    return 2 * ((error - error.mean()) ** 2).mean()
