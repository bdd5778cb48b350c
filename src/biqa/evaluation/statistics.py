"""What the splits of a study say together."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from biqa.errors import InputError
from biqa.evaluation.rows import METRICS

FEWEST_PAIRS = 6  # with n pairs no two-sided p is below 2 / 2**n: .0625 for 5, .03125 for 6


def summarise(metrics: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """Return location and spread over splits, one row for a group and metric.

    ``metrics`` is as ``gather`` returns it; the groups are by the columns ``by``, which must tell
    apart all rows of one split. Columns: ``by``, metric, median, mean, std (over n - 1), min,
    lower_quartile, upper_quartile, max, n_splits, n_collapsed, n_values. Collapsed splits are
    counted, not averaged: the numbers speak of the other splits only. ``n_values`` is how
    many numbers a row is made of; it is below n_splits - n_collapsed where a fit has failed.
    """
    by = list(by)
    twice = metrics.duplicated([*by, "split"])
    if twice.any():
        row = metrics.loc[twice, [*by, "split"]].iloc[0].to_dict()
        raise InputError(
            f"summarise by {', '.join(by)}: several rows for {row}; select some or group by more"
        )
    long = metrics.melt(
        id_vars=[*by, "split", "status"], value_vars=METRICS, var_name="metric", value_name="value"
    )
    long["metric"] = pd.Categorical(long["metric"], METRICS)
    groups = long.groupby([*by, "metric"], observed=True, dropna=False)
    value = groups["value"]
    summary = pd.DataFrame(
        {
            "median": value.median(),
            "mean": value.mean(),
            "std": value.std(),
            "min": value.min(),
            "lower_quartile": value.quantile(0.25),
            "upper_quartile": value.quantile(0.75),
            "max": value.max(),
            "n_splits": groups["status"].size(),
            "n_collapsed": groups["status"].agg(lambda status: int((status == "collapsed").sum())),
            "n_values": value.count(),
        }
    ).reset_index()
    return summary.astype({"metric": str})


@dataclass(frozen=True)
class PairedTest:
    """A two-sided paired test over ``n`` splits; ``note`` says what limits it, or is empty."""

    n: int
    statistic: float
    p: float
    note: str


def paired_wilcoxon(a: pd.Series, b: pd.Series) -> PairedTest:
    """Return Wilcoxon's signed-rank test (1945) of ``a`` against ``b``, paired by split.

    Both are one metric, indexed by split, over the same splits. Pairs with an empty value
    (collapsed, or a failed fit) are left out, and pairs of equal values have no sign: ``n``
    counts the rest. Splits of one dataset share pictures, so p is too small rather than too large.
    """
    for name, values in (("a", a), ("b", b)):
        if not values.index.is_unique:
            raise InputError(f"paired_wilcoxon: {name} has a split twice, expected one value each")
    if set(a.index) != set(b.index):
        odd = sorted(set(a.index) ^ set(b.index))
        raise InputError(f"paired_wilcoxon: split {odd[0]} is on one side only")
    differences = (a - b.reindex(a.index)).to_numpy(dtype=float)
    n_empty = int(np.isnan(differences).sum())
    n_equal = int((differences == 0).sum())
    differences = differences[~np.isnan(differences) & (differences != 0)]
    n = len(differences)
    notes = [f"{n_empty} pairs left out: no value"] if n_empty else []
    notes += [f"{n_equal} pairs left out: equal"] if n_equal else []
    if n < FEWEST_PAIRS:
        notes.append(f"n = {n} is too small to reach p < .05")
    if not n:
        return PairedTest(0, 0.0, 1.0, "; ".join(notes))
    test = stats.wilcoxon(differences)
    return PairedTest(n, float(test.statistic), float(test.pvalue), "; ".join(notes))
