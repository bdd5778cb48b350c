"""What the relatives of norm-in-norm do after their normalisation."""

from torch.nn.functional import cosine_similarity

from biqa.losses._options import Weights
from biqa.shapes import Scalar, Scores

EPS = 1e-8  # added to the range that is divided by, as in the authors' code


def divided_by_range(scores: Scores, level: Scalar, *, detach: bool) -> Scores:
    """Return (scores - level) / (largest - smallest); with ``detach`` both are constants."""
    constants = scores.detach() if detach else scores
    if detach:
        level = level.detach()
    return (scores - level) / (constants.max() - constants.min() + EPS)


def squared_distance(predicted: Scores, mos: Scores, alpha: Weights) -> Scalar:
    """Return the mean squared difference and that after multiplying by the cosine, weighted.

    The cosine is that of the two normalised vectors; the weights are divided by their sum.
    """
    cosine = cosine_similarity(predicted, mos, dim=0)
    loss = ((predicted - mos) ** 2).mean()
    variant = ((cosine * predicted - mos) ** 2).mean()
    return (alpha[0] * loss + alpha[1] * variant) / sum(alpha)
