"""What the splits of a study say together."""

from collections.abc import Sequence

import pandas as pd

from biqa.errors import InputError
from biqa.evaluation.rows import METRICS


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
