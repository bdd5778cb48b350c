"""Mean absolute error."""

from biqa.losses._checks import check_batch
from biqa.shapes import Scalar, Scores


def mae(predicted: Scores, mos: Scores) -> Scalar:
    """Return the mean absolute error, in units of ``mos``.

    At least 0, lower is better. A picture without error has gradient 0.
    """
    check_batch("mae", predicted, mos)
    return (predicted - mos).abs().mean()
