"""What papers state about their losses as functions, beside the numbers that were computed."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from biqa.errors import InputError
from biqa.evaluation.significance import LEVEL, signed_rank_p

AGREES = "agrees"
DISAGREES = "does not agree"
UNDECIDED = "undecided"
NOT_RUN = "not run"

ROUNDING = 1e-6  # what counts as equal: powers are found from floats, and norms have an epsilon
RELATIONS = {
    "equals": lambda value, bound: abs(value - bound) <= ROUNDING,
    "at_most": lambda value, bound: value <= bound + ROUNDING,
    "at_least": lambda value, bound: value >= bound - ROUNDING,
    "above": lambda value, bound: value > bound + ROUNDING,
    "below": lambda value, bound: value < bound - ROUNDING,
}
WORDS = {
    **{"equals": "", "at_most": "at most ", "at_least": "at least "},
    **{"above": "above ", "below": "below "},
}
Statements = Mapping[str, Mapping[str, Any]]


def judge_statements(statements: Statements, measures: pd.DataFrame) -> pd.DataFrame:
    """Return one row a statement: what is said, what was computed, and whether they agree.

    ``measures`` has the columns loss, quantity, setting, at and value. A statement about one
    number is a comparison with a bound. One about many, which were measured along a run, is
    about pairs: two-sided signed ranks at 5 % decide, and otherwise it is undecided; steps of one
    run are not independent, so p is too small rather than too large. Medians are shown.
    """
    rows = []
    for name, statement in statements.items():
        relation = next(key for key in RELATIONS if key in statement)
        value, bound, verdict = _compared(statement, relation, measures, name)
        said = ("paper", "source", "statement", "meaning")
        rows.append(
            {
                "name": name,
                **{key: statement[key] for key in said},
                "loss": statement["computed"]["loss"],
                "quantity": statement["computed"]["quantity"],
                "computed": value,
                "relation": relation,
                "bound": bound,
                "verdict": verdict,
                "note": statement.get("note", ""),
            }
        )
    return pd.DataFrame(rows)


def _compared(
    statement: Mapping[str, Any], relation: str, measures: pd.DataFrame, name: str
) -> tuple[float, float, str]:
    """Return what was computed, what it is compared with, and the verdict."""
    ours = _found(statement["computed"], measures, name)
    wanted = statement[relation]
    bound = _found(wanted, measures, name) if isinstance(wanted, Mapping) else wanted
    if ours is None or bound is None:
        return np.nan, np.nan, NOT_RUN
    if isinstance(ours, float) and isinstance(bound, int | float):
        return ours, float(bound), AGREES if RELATIONS[relation](ours, bound) else DISAGREES
    if isinstance(ours, pd.Series) and isinstance(bound, pd.Series) and relation in _PAIRED:
        return float(ours.median()), float(bound.median()), _paired(ours, bound, relation)
    raise InputError(
        f"statements.{name}: {relation} compares one number with one, or above and below the "
        "numbers along a run with those of another loss"
    )


_PAIRED = {"above": 1, "below": -1}


def _paired(ours: pd.Series, other: pd.Series, relation: str) -> str:
    differences = _PAIRED[relation] * (ours - other).dropna().to_numpy(dtype=float)
    p_for, p_against = signed_rank_p(differences), signed_rank_p(-differences)
    if 2 * min(p_for, p_against) > LEVEL:
        return UNDECIDED
    return AGREES if p_for < p_against else DISAGREES


def _found(
    wanted: Mapping[str, Any], measures: pd.DataFrame, name: str
) -> float | pd.Series | None:
    """Return the number, or those along a run by step; None for a loss that has no run."""
    of_quantity = measures[measures["quantity"] == wanted["quantity"]]
    if not len(of_quantity):
        known = ", ".join(dict.fromkeys(measures["quantity"]))
        raise InputError(
            f"statements.{name}: nothing was computed called {wanted['quantity']!r}; "
            f"there is {known}"
        )
    found = of_quantity[of_quantity["loss"] == wanted["loss"]]
    if not len(found):
        return None
    if "setting" in wanted:
        found = found[found["setting"] == wanted["setting"]]
    if found["at"].duplicated().any() or not len(found):
        there = ", ".join(f"{one:g}" for one in of_quantity["setting"].unique())
        raise InputError(
            f"statements.{name}: {wanted['quantity']} was computed at the settings {there}; "
            "name one of them"
        )
    if len(found) == 1:
        return float(found["value"].iloc[0])
    return found.set_index("at")["value"]
