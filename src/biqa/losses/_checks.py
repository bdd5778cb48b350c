"""What several losses refuse."""

import math
from collections.abc import Sequence

from torch import Tensor

from biqa.errors import InputError


def check_batch(name: str, predicted: Tensor, mos: Tensor, *, at_least: int = 1) -> None:
    """Refuse scores that are not two vectors of one length, or too few of them.

    Scores of shape (n, 1) beside (n,) would silently become an n x n matrix.
    """
    if predicted.ndim != 1 or predicted.shape != mos.shape:
        found = f"predicted {tuple(predicted.shape)} and mos {tuple(mos.shape)}"
        raise InputError(f"loss {name}: expected two vectors of one length, got shapes {found}")
    if len(mos) < at_least:
        raise InputError(
            f"loss {name}: a batch of {len(mos)}, expected at least {at_least}; "
            "choose a batch size that leaves no smaller batch, or drop the last one"
        )


def check_weights(name: str, weights: Sequence[float]) -> None:
    """Refuse negative weights, and weights of which none is positive."""
    if not all(0 <= weight < math.inf for weight in weights) or sum(weights) == 0:
        found = ", ".join(f"{weight:g}" for weight in weights)
        raise InputError(
            f"loss {name}: weights {found}, expected none below 0 and at least one above"
        )
