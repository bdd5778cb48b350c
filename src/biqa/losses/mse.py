"""Mean squared error."""

from biqa.losses._checks import check_batch
from biqa.shapes import Scalar, Scores


def mse(predicted: Scores, mos: Scores) -> Scalar:
    """Return the mean squared error, in squared units of ``mos``.

    At least 0, lower is better; strictly convex in ``predicted``.
    """
    check_batch("mse", predicted, mos)
    return ((predicted - mos) ** 2).mean()
