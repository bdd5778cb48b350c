"""What the runs of one claim say: paired numbers, context by context, and how sure they are."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from biqa.errors import InputError
from biqa.evaluation import significance
from biqa.evaluation.pairs import Side, among, apart, minus, side
from biqa.evaluation.resampling import BOOTSTRAPPED, bootstrap_differences, share_not_above
from biqa.evaluation.speed import speedup
from biqa.mappings import least_squares_line

UNSTORED = ("speedup", "score_distance")  # metrics that are not in metrics.csv
SPEED_CURVE = "test_plcc"  # as in Norm-in-Norm's Figure 1; nothing is chosen by it

SIGNED_RANKS, BOOTSTRAP = "signed ranks over splits", "bootstrap over pictures"

Predictions = Callable[
    [str], pd.DataFrame
]  # of a run's folder: dataset, part, name, mos, predicted


@dataclass(frozen=True)
class Evidence:
    """One context of a claim, say one database and network, and its two one-sided tests.

    ``difference`` is the median over the splits of a minus b; for a speed-up the median ratio.
    ``low`` and ``high`` are its 95 % interval, None where the splits are too few for one.
    """

    where: dict[str, str]
    compared: str
    n: int
    n_empty: int
    difference: float
    low: float | None
    high: float | None
    p_for: float
    p_against: float
    needs: int | None
    test: str
    runs: tuple[str, ...]


def differences(
    claim: Mapping[str, Any],
    metrics: pd.DataFrame,
    curves: pd.DataFrame,
    predictions: Predictions,
    where: str,
) -> Side:
    """Return a row for each pair of runs that the claim compares; ``value`` is a minus b.

    A speed-up is in natural logarithms. For a claim with ``than``, it is the difference of the
    two differences.
    """
    column = claim["metric"]
    if column not in (*UNSTORED, *metrics):
        raise InputError(f"{where}: metrics.csv has no column {column!r}")

    def of(speaks_of: Mapping[str, Any]) -> Side:
        runs = among(metrics, speaks_of, where)
        a, b = (_valued(side(runs, claim[key]), column, metrics, predictions) for key in ("a", "b"))
        return minus(a, b, where)

    found = of(claim)
    if "than" in claim:
        reference = of({**claim, "among": claim["than"]})
        found = minus(apart(found, claim["among"]), apart(reference, claim["than"]), where)
    if column == "speedup":
        table = found.table
        by_run = {run: part.set_index("epoch")[SPEED_CURVE] for run, part in curves.groupby("run")}
        ratios = [speedup(*(by_run[run] for run in runs.split(";"))) for runs in table["runs"]]
        return Side(table.assign(value=np.log(np.array(ratios, dtype=float))), found.keys)
    return found


def contexts(
    claim: Mapping[str, Any], found: Side, predictions: Predictions, level: float
) -> list[Evidence]:
    """Return the evidence of each context: pairs that differ in the split alone.

    ``level`` is the two-sided level that the claim has to reach, for the splits it still needs.
    """
    evidence = []
    for names, pairs in found.table.groupby([*found.keys, "words"], sort=False):
        values = pairs["value"].to_numpy(dtype=float)
        fine = values[~np.isnan(values)]
        if not len(fine):
            continue
        resampled = _resampled(claim, pairs, fine, predictions)
        p_for, p_against = _tests(claim, fine, resampled)
        middle = float(np.median(fine))
        if resampled is None:
            low, high = significance.median_interval(fine) or (None, None)
        else:
            low, high = (float(bound) for bound in np.quantile(resampled, [0.025, 0.975]))
        ratio = claim["metric"] == "speedup"
        evidence.append(
            Evidence(
                where=dict(zip(found.keys, map(str, names[:-1]), strict=True)),
                compared=str(names[-1]),
                n=len(fine),
                n_empty=len(values) - len(fine),
                difference=float(np.exp(middle)) if ratio else middle,
                low=float(np.exp(low)) if ratio and low is not None else low,
                high=float(np.exp(high)) if ratio and high is not None else high,
                p_for=p_for,
                p_against=p_against,
                needs=_needs(claim, fine, level),
                test=SIGNED_RANKS if resampled is None else BOOTSTRAP,
                runs=tuple(run for runs in pairs["runs"] for run in runs.split(";")),
            )
        )
    return evidence


def bound_of(claim: Mapping[str, Any]) -> float:
    """Return the margin on the scale of the differences: a speed-up's is a factor, default 1."""
    if claim["metric"] == "speedup":
        return float(np.log(claim.get("margin", 1.0)))
    return float(claim.get("margin", 0.0))


def _tests(
    claim: Mapping[str, Any], values: np.ndarray, resampled: np.ndarray | None
) -> tuple[float, float]:
    """Return the two-sided p in favour of the claim and against it."""

    def above(bound: float) -> float:
        if resampled is None:
            return significance.signed_rank_p(values - bound)
        return share_not_above(resampled, bound)

    def below(bound: float) -> float:
        if resampled is None:
            return significance.signed_rank_p(bound - values)
        return share_not_above(-resampled, -bound)

    margin = bound_of(claim)
    match claim["direction"]:
        case "higher":
            pair = 2 * above(margin), 2 * below(margin)
        case "lower":
            pair = 2 * below(-margin), 2 * above(-margin)
        case _:  # equal: within the margin on both sides, two one-sided tests
            pair = max(above(-margin), below(margin)), 2 * min(below(-margin), above(margin))
    return min(1.0, pair[0]), min(1.0, pair[1])


def _needs(claim: Mapping[str, Any], values: np.ndarray, level: float) -> int | None:
    """Return about how many splits would decide, if they went on like those there are."""
    margin = bound_of(claim)
    if claim["direction"] == "equal":
        inside = [values + margin, margin - values]
        if min(np.median(part) for part in inside) > 0:
            needed = [significance.splits_needed(part, level) for part in inside]
            return None if None in needed else max(one for one in needed if one is not None)
        outside = min(inside, key=lambda part: float(np.median(part)))
        return significance.splits_needed(-outside, level)
    shifted = values - margin if claim["direction"] == "higher" else -values - margin
    return significance.splits_needed(shifted * (1 if np.median(shifted) > 0 else -1), level)


def _resampled(
    claim: Mapping[str, Any], pairs: pd.DataFrame, values: np.ndarray, predictions: Predictions
) -> np.ndarray | None:
    """Return resampled differences where one split is all there is and its pictures tell more."""
    if len(pairs) != 1 or len(values) != 1:
        return None
    if claim["metric"] not in BOOTSTRAPPED or "than" in claim:
        return None
    a, b = (
        _judged(predictions(run), claim.get("tested_on") == "others", pairs.iloc[0])
        for run in str(pairs["runs"].iloc[0]).split(";")
    )
    both = a.merge(b, on="name", suffixes=("_a", "_b"))
    first, second, mos = (
        both[key].to_numpy(dtype=float) for key in ("predicted_a", "predicted_b", "mos_a")
    )
    return bootstrap_differences(first, second, mos, claim["metric"])


def _judged(table: pd.DataFrame, crossed: bool, row: pd.Series) -> pd.DataFrame:
    part = table["part"] == ("cross" if crossed else "test")
    return table[part & (table["dataset"] == row["tested_on"])] if crossed else table[part]


def _valued(one: Side, column: str, metrics: pd.DataFrame, predictions: Predictions) -> Side:
    """Return the side with its numbers; those of a speed-up are known of pairs only, so 0."""
    table = one.table
    if column == "speedup":
        return Side(table.assign(value=0.0), one.keys)
    rows = metrics.loc[table.index]
    if column == "score_distance":
        values = [_distance(row, predictions) for _, row in rows.iterrows()]
        return Side(table.assign(value=np.array(values, dtype=float)), one.keys)
    return Side(table.assign(value=rows[column].astype(float)), one.keys)


def _distance(row: pd.Series, predictions: Predictions) -> float:
    """Return how far the distribution of a run's predictions is from that of the scores.

    The Kolmogorov-Smirnov distance, in [0, 1], after the training part's least-squares line.
    NaN where the predictions have collapsed.
    """
    if row["status"] != "ok":
        return float("nan")
    table = predictions(row["run"])
    train = table[table["part"] == "train"]
    slope, intercept = least_squares_line(
        train["predicted"].to_numpy(dtype=float), train["mos"].to_numpy(dtype=float)
    )
    judged = _judged(table, row["tested_on"] != row["dataset"], row)
    mapped = slope * judged["predicted"] + intercept
    return float(stats.ks_2samp(mapped, judged["mos"]).statistic)
