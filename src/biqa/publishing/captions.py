"""What the reader of a table or figure has to know to read it."""

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from biqa.evaluation.significance import LEVEL, fewest_splits
from biqa.publishing.marks import competes, has_rivals
from biqa.publishing.names import (
    ABOUT_METRICS,
    CHOICES,
    OF_DATASETS,
    OF_SPEED,
    OPTIMISM,
    Facts,
    judged_on,
    proxy_warning,
    score_word,
    shared_photographs,
)

SPREADS = {"median": "quartiles in brackets", "mean": "± one standard deviation"}


def table_caption(
    artefact: Mapping[str, Any], cells: pd.DataFrame, metrics: pd.DataFrame, facts: Facts
) -> str:
    """Return the sentences under a table: statistic, splits, choice, recipe, score, note."""
    if set(artefact["metrics"]) <= set(OF_DATASETS):
        return _joined(
            "What the definitions of the databases state; each is compared with the archive.",
            _compared(artefact, cells),
            artefact.get("note", ""),
        )
    if artefact.get("print_alone"):
        return _joined(
            "Printed numbers alone: no run of this study covers them.", artefact.get("note", "")
        )
    statistic = artefact.get("statistic", "median")
    of_speed = set(artefact["metrics"]) <= set(OF_SPEED)
    run = cells[cells["n_splits"] > 0]
    judged = "whole trainings" if of_speed else judged_on(run)
    splits = counted(run["n_splits"], "split")
    several = run["n_splits"].max() > 1
    spread = f" ({SPREADS[statistic]})" if several else ""
    first = (
        f"{statistic.capitalize()} over {splits}{spread}; {judged}."
        if several
        else (f"One split, so no spread; {judged}.")
    )
    by_choice = artefact["rows"] == "choice"
    return _joined(
        first,
        ""
        if by_choice or of_speed
        else choice_sentence(artefact.get("choice", "protocol"), metrics),
        _recipes(run["recipe"]),
        *(ABOUT_METRICS.get(metric, "") for metric in artefact["metrics"]),
        "" if of_speed else _score(facts, run["tested_on"]),
        _shared(facts, run),
        _left_out(cells),
        _marked(artefact, cells),
        _compared(artefact, cells),
        artefact.get("note", ""),
    )


def figure_caption(
    artefact: Mapping[str, Any], drawn: str, found: pd.DataFrame, facts: Facts
) -> str:
    """Return the sentences under a figure; ``drawn`` says what its marks are."""
    return _joined(
        drawn,
        _recipes(found["recipe"]),
        _score(facts, found["tested_on"]),
        _shared(facts, found),
        artefact.get("note", ""),
    )


def choice_sentence(choice: str, metrics: pd.DataFrame) -> str:
    """Return which epoch is judged; a protocol's own choice is spelled out from ``metrics``."""
    if choice == OPTIMISM:
        return (
            f"Difference of two choices of the epoch: {CHOICES['best_test']}, minus "
            f"{CHOICES['best_validation']}, or minus the last one where there is no such part."
        )
    words = CHOICES[choice]
    if choice == "protocol":
        prescribed = dict.fromkeys(metrics.loc[metrics["protocol_choice"], "choice"])
        words = " or ".join(CHOICES[each] for each in prescribed)
        return f"Judged at {words}, as the protocol prescribes."
    return f"Judged at {words}."


def counted(counts: Iterable[int], word: str) -> str:
    """Return '5 splits', '1 split' or '3 to 5 splits'."""
    low, high = min(counts), max(counts)
    number = f"{low}" if low == high else f"{low} to {high}"
    return f"{number} {word}" + ("" if high == 1 else "s")


def _recipes(names: Iterable[str]) -> str:
    known = list(dict.fromkeys(names))
    return f"Recipe{'' if len(known) == 1 else 's'}: {', '.join(known)}."


def _score(facts: Facts, names: Iterable[str]) -> str:
    known = list(dict.fromkeys(names))
    return proxy_warning(facts, known) or f"Score: {score_word(facts, known)}."


def _shared(facts: Facts, found: pd.DataFrame) -> str:
    return shared_photographs(facts, zip(found["dataset"], found["tested_on"], strict=True))


def _left_out(cells: pd.DataFrame) -> str:
    collapsed = "Collapsed: all predictions are equal, so no correlation exists; left out."
    failed = "No fit: the logistic did not converge; left out."
    n_failed = cells["n_splits"] - cells["n_collapsed"] - cells["n_values"]
    return _joined(
        collapsed if cells["n_collapsed"].any() else "", failed if n_failed.any() else ""
    )


def _marked(artefact: Mapping[str, Any], cells: pd.DataFrame) -> str:
    """Say what the marks mean, or why there are none."""
    run = cells[cells["n_splits"] > 0]
    if not competes(artefact) or len(set(run["row"])) < 2:
        return ""
    if not has_rivals(run, artefact["rows"]):
        return "No best is marked: rows have recipes of their own and are not compared."
    if (cells["mark"] != "").any():
        return (
            "Bold: best, underlined: second; each only where its difference to the next survives "
            "Wilcoxon's signed-rank test over the splits (p ≤ .05)."
        )
    fewest = fewest_splits(LEVEL)
    few = run["n_values"].max() < fewest
    reason = f", for which {fewest} splits are the fewest" if few else ""
    return (
        "No best is marked: no difference to the next survives Wilcoxon's signed-rank test over "
        f"the splits (p ≤ .05){reason}."
    )


def _compared(artefact: Mapping[str, Any], cells: pd.DataFrame) -> str:
    if "published" not in artefact:
        return ""
    label = artefact["published"].get("label", "printed")
    judged = (cells["inside"] != "").any()
    return _joined(
        f"Difference: ours minus “{label}”.",
        "Inside or outside: where the printed number lies against our 95 % interval."
        if judged
        else _no_interval(artefact),
        "Not run: no run of this study covers the cell." if (cells["n_splits"] == 0).any() else "",
    )


def _no_interval(artefact: Mapping[str, Any]) -> str:
    if set(artefact["metrics"]) <= set(OF_DATASETS):
        return ""
    return f"No interval of a {artefact.get('statistic', 'median')} from so few splits."


def _joined(*sentences: str) -> str:
    return " ".join(sentence.strip() for sentence in sentences if sentence)
