"""How many epochs a network needs to become as good as another."""

import numpy as np
import pandas as pd


def epochs_to_reach(scores: pd.Series, level: float) -> int | None:
    """Return the first epoch with a score of at least ``level``, or None.

    ``scores`` is a learning curve, higher is better, indexed by epoch; an epoch without a score
    (collapsed predictions) does not count.
    """
    reached = scores.index[scores >= level]
    return int(reached[0]) if len(reached) else None


def speedup(fast: pd.Series, slow: pd.Series) -> float:
    """Return how many times sooner ``fast`` is as good as ``slow`` ever gets; below 1: later.

    Both are learning curves indexed by epoch. Where ``fast`` never gets there, it counts as
    one epoch more than it trained: the number is then too high. NaN where ``slow`` has no score.
    """
    best = slow.max()
    if np.isnan(best):
        return float("nan")
    needed = epochs_to_reach(fast, best) or int(fast.index.max()) + 1
    return epochs_to_reach(slow, best) / needed  # type: ignore[operator]
