"""Earth mover's distance between the scores of a batch."""

from biqa.errors import InputError
from biqa.losses._checks import check_batch
from biqa.shapes import Scalar, Scores


def emd(predicted: Scores, mos: Scores, *, r: float = 2.0) -> Scalar:
    """Return the earth mover's distance between predictions and MOS of the batch, to the power r.

    The one-dimensional form: n equal masses a side, where the best transport pairs the sorted
    scores (Peyré and Cuturi, Computational Optimal Transport, 2019, chapter 2), so the mean of
    abs(sorted predicted - sorted mos) to the power r. Not the histogram form of NIMA (Talebi and
    Milanfar, TIP 2018), which compares the ratings of each picture: one score a picture has no
    histogram, and between two single scores the distance is the absolute error. r = 2 as there.

    At least 0, lower is better, in units of ``mos`` to the power r. It asks for the right
    distribution only, never for the right order: a part of a loss rather than a whole one.
    Equal predictions get the gradients of neighbouring places; one picture gives its own error.
    """
    check_batch("emd", predicted, mos)
    if r < 1:
        raise InputError(f"loss emd: r is {r:g}, expected at least 1")
    return ((predicted.sort().values - mos.sort().values).abs() ** r).mean()
