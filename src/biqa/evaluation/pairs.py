"""Runs paired with the runs that they are compared with: same data, same split, one thing other."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from biqa.errors import InputError
from biqa.evaluation.joins import require_columns

SELECTORS = {"datasets": "dataset", "models": "model", "losses": "loss", "recipes": "recipe"}
KEYS = ("dataset", "tested_on", "model", "loss", "recipe")

Selector = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Side:
    """Runs, or differences of runs, that stand on one side of a comparison.

    ``table`` has the columns ``keys``, split, words, runs and value; ``keys`` are those parts of
    a run's identity that both sides must share.
    """

    table: pd.DataFrame
    keys: tuple[str, ...]


def side(metrics: pd.DataFrame, selector: Selector) -> Side:
    """Return the rows of ``metrics`` that the selector names, without numbers yet.

    ``words`` are the names by which the selector chose them, ``runs`` is the run's folder; the
    index is that of ``metrics``.
    """
    named = [SELECTORS[key] for key in selector]
    found = chosen(metrics, selector)
    keys = tuple(key for key in KEYS if key not in named)
    table = found[[*keys, "split"]].assign(
        words=found[named].agg(" ".join, axis=1) if len(found) else "",
        runs=found["run"],
    )
    return Side(table, keys)


def minus(a: Side, b: Side, where: str) -> Side:
    """Return the differences of all pairs that share every key of both sides and the split."""
    if a.keys != b.keys:  # a selector of one side alone would pair a run with several
        raise InputError(
            f"{where}: one side is chosen by {_named(a)}, the other by {_named(b)}; expected the "
            "same selectors on both sides"
        )
    on = [*a.keys, "split"]
    both = a.table.merge(b.table, on=on, suffixes=("_a", "_b"), sort=False)
    table = both[on].assign(
        words=both["words_a"] + " − " + both["words_b"],
        runs=both["runs_a"] + ";" + both["runs_b"],
        value=both["value_a"] - both["value_b"],
    )
    return Side(table, a.keys)


def apart(found: Side, selector: Selector) -> Side:
    """Return the same differences, no longer paired by what the selector names but called so."""
    named = [SELECTORS[key] for key in selector]
    words = found.table[[*named, "words"]].agg(": ".join, axis=1) if len(found.table) else ""
    keys = tuple(key for key in found.keys if key not in named)
    return Side(found.table.drop(columns=named).assign(words=words), keys)


def among(metrics: pd.DataFrame, claim: Mapping[str, Any], where: str) -> pd.DataFrame:
    """Return the rows a claim speaks of: the protocol's epoch, its datasets, models and so on."""
    require_columns(metrics, ["run", "protocol_choice", *KEYS, "split"], where)
    found = metrics[metrics["protocol_choice"]]
    own = found["dataset"] == found["tested_on"]
    found = found[~own if claim.get("tested_on") == "others" else own]
    return chosen(found, claim.get("among", {}))


def chosen(metrics: pd.DataFrame, selector: Selector) -> pd.DataFrame:
    """Return the rows of ``metrics`` that the selector names; an empty one names all."""
    for key, names in selector.items():
        metrics = metrics[metrics[SELECTORS[key]].isin(names)]
    return metrics


def _named(one: Side) -> str:
    return ", ".join(key for key in KEYS if key not in one.keys) or "nothing"
