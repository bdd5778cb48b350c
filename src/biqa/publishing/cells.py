"""The numbers of a table, one row each, with their spread over the splits."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from biqa.errors import InputError
from biqa.evaluation.significance import mean_interval, median_interval
from biqa.protocols import CHOICES
from biqa.publishing.artefacts import Runs, selected_runs
from biqa.publishing.compared import paired
from biqa.publishing.names import METRICS, OPTIMISM
from biqa.publishing.results import (
    among,
    of_choice,
    of_runs,
    run_path,
)

GROUP = ("row", "dataset", "tested_on", "model", "loss", "recipe", "choice")
COLUMNS = (
    *GROUP,
    *("metric", "value", "q25", "q75", "std", "low", "high", "mark"),
    *("n_splits", "n_collapsed", "n_values", "published", "difference", "inside", "runs"),
)


def merits(
    artefact: Mapping[str, Any], metrics: pd.DataFrame, planned: Runs, where: str
) -> pd.DataFrame:
    """Return the rows of ``metrics`` that an artefact selects, in its order.

    An artefact whose rows are the choices of the epoch gets every choice the runs have; where its
    rows are losses, models or recipes, it gets the splits that all of them have.
    """
    wanted = selected_runs(planned, artefact, where)
    if "tested_on" in artefact:
        parts = [
            _judged(artefact, metrics[metrics["tested_on"] == name], wanted, where, name)
            for name in artefact["tested_on"]
        ]
        return paired(pd.concat(parts, ignore_index=True), artefact)
    own = metrics[metrics["tested_on"] == metrics["dataset"]]
    return paired(_judged(artefact, own, wanted, where, "its own test part"), artefact)


def _judged(
    artefact: Mapping[str, Any], tested: pd.DataFrame, wanted: Runs, where: str, on: str
) -> pd.DataFrame:
    """Return the rows of the ``wanted`` runs, all tested on one thing, for the right choice."""
    where = f"{where}: tested on {on}"
    if artefact.get("rows") != "choice" and artefact.get("kind") != "choice":
        choice = artefact.get("choice", "protocol")
        if choice == OPTIMISM:
            return of_runs(optimism(tested), wanted, f"{where}: choice {choice!r}")
        found = of_runs(of_choice(tested, choice), wanted, f"{where}: choice {choice!r}")
        return found.assign(choice=choice)
    offered = set(among(tested, wanted)["choice"])
    every = [choice for choice in CHOICES if choice in offered]
    if not every:
        raise InputError(f"{where}: no result of {run_path(next(iter(wanted)), 0)}; evaluate it")
    parts = [
        of_runs(of_choice(tested, choice), wanted, f"{where}: choice {choice!r}")
        for choice in every
    ]
    return pd.concat(parts, ignore_index=True)


def optimism(tested: pd.DataFrame) -> pd.DataFrame:
    """Return, for each run, its figures of merit at the best test epoch minus the honest ones.

    Honest is the best epoch on validation, or the last one where a run has no validation part.
    ``tested`` has the rows of all choices, tested on one thing.
    """
    by_choice = {choice: table.set_index("run") for choice, table in tested.groupby("choice")}
    if "best_test" not in by_choice:
        return tested.iloc[:0]
    best = by_choice["best_test"]
    honest = by_choice.get("last", best.iloc[:0])
    if "best_validation" in by_choice:
        honest = by_choice["best_validation"].combine_first(honest)
    honest = honest.loc[honest.index.intersection(best.index)]
    best = best.loc[honest.index]
    merit = [column for column in METRICS if column in tested.columns]
    found = best.assign(**{column: best[column] - honest[column] for column in merit})
    found["status"] = best["status"].where(best["status"] != "ok", honest["status"])
    return found.assign(choice=OPTIMISM).reset_index()[list(tested.columns)]


def summarise(
    found: pd.DataFrame, *, rows: str, metrics: Iterable[str], statistic: str, where: str
) -> pd.DataFrame:
    """Return one row for each group of runs that differ in the split alone, and metric.

    ``value`` is the median or mean over the ``n_values`` splits that have a number: whose
    predictions did not collapse and, where the metric needs a fit, whose fit did not fail.
    Quartiles interpolate linearly; ``std`` divides by n - 1; ``low`` and ``high`` are the 95 %
    interval of ``value``, distribution-free for a median and Student's for a mean.
    """
    found = found.assign(row=found[rows])
    lines = []
    for names, group in found.groupby(list(GROUP), sort=False):
        fine = group[group["status"] == "ok"]
        shared = dict(zip(GROUP, names, strict=True))
        shared["n_splits"] = len(group)
        shared["n_collapsed"] = len(group) - len(fine)
        shared["runs"] = ";".join(group["run"])
        for metric in metrics:
            values = _values(fine, metric, where)
            lines.append({**shared, "metric": metric, **_spread(values, statistic)})
    return pd.DataFrame(lines).reindex(columns=list(COLUMNS))


def _values(fine: pd.DataFrame, metric: str, where: str) -> np.ndarray:
    """Return the numbers of runs that did not collapse; a fit that failed has none."""
    if metric not in fine.columns:
        raise InputError(f"{where}: metrics.csv has no column {metric!r}")
    explained = fine["fit_note"].notna()
    undefined = fine.loc[fine[metric].isna() & ~explained, "run"]
    if len(undefined):
        raise InputError(
            f"{where}: {metric} is empty for {undefined.iloc[0]}, which did not collapse; "
            "choose another metric or choice of epoch"
        )
    return fine[metric].dropna().to_numpy(dtype=float)


def _spread(values: np.ndarray, statistic: str) -> dict[str, Any]:
    if len(values) == 0:
        empty = ("value", "q25", "q75", "std", "low", "high")
        return {**dict.fromkeys(empty, np.nan), "n_values": 0}
    is_median = statistic == "median"
    quarter, three_quarters = np.quantile(values, [0.25, 0.75])
    low, high = (median_interval if is_median else mean_interval)(values) or (np.nan, np.nan)
    return {
        "value": float(np.median(values) if is_median else np.mean(values)),
        "q25": float(quarter),
        "q75": float(three_quarters),
        "low": low,
        "high": high,
        "std": float(np.std(values, ddof=1)) if len(values) > 1 else np.nan,
        "n_values": len(values),
    }
