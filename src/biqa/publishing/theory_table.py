"""The table of what papers state of their losses as functions, and the numbers beside it."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from biqa.datasets.definition import Dataset
from biqa.evaluation.statements import ROUNDING
from biqa.publishing.names import proxy_warning, row_label
from biqa.publishing.wide import NONE, Block, Cell, Column, Row, number

ARTEFACT = {"title": "What the papers state of their losses as functions, computed"}
PROPERTIES = {
    "lowest_curvature": "n × lowest curvature",
    "largest_curvature": "n × largest curvature",
    "gradient_growth": "gradient grows by the power",
    "growth_near_a_tie": "its change near a tie by the power",
}
MINIMUM = {
    "minimum_slope": "slope on the labels",
    "minimum_plcc": "PLCC with the labels",
    "minimum_lowest": "lowest",
    "minimum_highest": "highest",
}
WORDS = {
    **{"equals": "", "at_most": "at most ", "at_least": "at least "},
    **{"above": "above ", "below": "below "},
}
UNITS = {1.0: "[0, 1]", 4.0: "1 to 5", 100.0: "0 to 100"}
DECIMALS = {"minimum_plcc": 5}  # elsewhere 3


def theory_blocks(
    judged: pd.DataFrame, measures: pd.DataFrame, *, meaning: bool
) -> tuple[Block, ...]:
    """Return four blocks: statements, properties of the losses, minima of DCQ, a training run.

    ``judged`` is of ``judge_statements``. With ``meaning`` each number says what it is.
    """
    known = [name for name in dict.fromkeys(measures["loss"]) if _has(measures, name)]
    return (
        _statements(judged, meaning=meaning),
        _grid(
            ("Random batches of n pictures", "Loss", PROPERTIES),
            {name: measures[measures["loss"] == name] for name in known},
            {name: row_label({}, name) for name in known},
        ),
        _grid(
            ("Minimum of DCQ, by the unit of the labels", "Labels", MINIMUM),
            {
                unit: measures[(measures["loss"] == "dcq") & (measures["setting"] == scale)]
                for scale, unit in UNITS.items()
            },
            {unit: unit for unit in UNITS.values()},
        ),
        _run(measures),
    )


def theory_caption(theory: Mapping[str, Any], judged: pd.DataFrame, dataset: Dataset) -> str:
    """Return the sentences under the table."""
    noted = judged[judged["note"] != ""].drop_duplicates("name")
    notes = [f"{row['paper']}, {row['source']}: {row['note']}" for _, row in noted.iterrows()]
    return " ".join(
        [
            "By automatic differentiation in double precision; curvature: eigenvalues of the "
            "Hessian over 20 random batches.",
            f"Minima: on the labels of the training part of {dataset.title}, predictions divided "
            "by the unit.",
            f"Along a run: medians over looks every {theory['every']} steps of one training of "
            f"{theory['model']} with {theory['recipe']}, single precision; a step goes down the "
            "gradient by that share of the weights' length. Statements on it are judged by "
            "Wilcoxon's signed ranks over the looks (p ≤ .05), which are not independent, and "
            "undecided where no difference survives.",
            *notes,
            proxy_warning({dataset.name: dataset}, [dataset.name]),
        ]
    ).strip()


def _has(measures: pd.DataFrame, name: str) -> bool:
    return bool(((measures["loss"] == name) & measures["quantity"].isin(PROPERTIES)).any())


def _statements(judged: pd.DataFrame, *, meaning: bool) -> Block:
    rows = []
    for _, one in judged.iterrows():
        step = "" if pd.isna(one["setting"]) else f", step {one['setting']:g}"
        cells = (
            _cell(_text(one["computed"]), f"({one['meaning']})" if meaning else ""),
            _cell(NONE if pd.isna(one["bound"]) else WORDS[one["relation"]] + _text(one["bound"])),
            _cell(one["verdict"]),
        )
        label = f"{one['paper']}, {one['source']}: {one['statement']}{step}"
        rows.append(Row(label, cells, (), one["name"]))
    heads = {"computed": "Computed", "bound": "As stated", "verdict": "Verdict"}
    return Block("Statements", "Statement", "", _columns(heads), tuple(rows))


def _grid(
    words: tuple[str, str, Mapping[str, str]],
    found: Mapping[str, pd.DataFrame],
    labels: Mapping[str, str],
) -> Block:
    """Return one row for each of ``found``; ``words`` are heading, head and columns."""
    heading, head, columns = words
    rows = []
    for name, table in found.items():
        values = table.set_index("quantity")["value"]
        cells = tuple(
            _cell(_text(values[key], DECIMALS.get(key, 3)) if key in values else NONE)
            for key in columns
        )
        rows.append(Row(labels[name], cells, (), name))
    return Block(heading, head, "", _columns(columns), tuple(rows))


def _run(measures: pd.DataFrame) -> Block:
    """Return the medians along the run by loss and by length of the probing step."""
    kinds = {"cosine": "cosine", "relative_change": "relative change"}
    seen = measures[measures["quantity"].isin(kinds)]
    medians = seen.groupby(["loss", "quantity", "setting"])["value"].median()
    keys = [(kind, step) for kind in kinds for step in sorted(set(seen["setting"]))]
    columns = tuple(Column(kinds[kind], f"step {step:g}", kind, False) for kind, step in keys)
    rows = tuple(
        Row(
            row_label({}, name),
            tuple(_cell(_text(medians[(name, *key)])) for key in keys),
            (),
            name,
        )
        for name in dict.fromkeys(seen["loss"])
    )
    return Block("Gradients along a training run", "Loss", "", columns, rows)


def _columns(heads: Mapping[str, str]) -> tuple[Column, ...]:
    return tuple(Column("", head, name, False) for name, head in heads.items())


def _cell(value: str, spread: str = "") -> Cell:
    return Cell(value, spread, "", NONE, NONE)


def _text(value: float, decimals: int = 3) -> str:
    """Return a number; what is equal to 0 but for rounding, which machines differ in, is 0."""
    if pd.isna(value):
        return NONE
    if abs(value) <= ROUNDING:
        return "0"
    return number(value) if decimals == 3 else f"{value:.{decimals}f}"
