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
DIRECTION = {"above": 1, "below": -1}  # what numbers along a run can be, compared with others
SAID = ("paper", "source", "statement", "meaning")

Statements = Mapping[str, Mapping[str, Any]]
Compared = tuple[float, float, float, str]  # setting, what was computed, its bound, verdict


def judge_statements(statements: Statements, measures: pd.DataFrame) -> pd.DataFrame:
    """Return what is said, what was computed, and whether they agree, a row a statement.

    ``measures`` has the columns loss, quantity, setting, at and value. A statement about one
    number is a comparison with a bound. One about numbers along a run has a row for each setting
    (length of the step) and is about the pairs (at): two-sided signed ranks at 5 % decide,
    otherwise it is undecided, and medians are shown. Looks at one run are not independent, so p is
    too small rather than too large.
    """
    rows = []
    for name, statement in statements.items():
        relation = next(key for key in RELATIONS if key in statement)
        for setting, value, bound, verdict in _compared(statement, relation, measures, name):
            rows.append(
                {
                    "name": name,
                    **{key: statement[key] for key in SAID},
                    **statement["computed"],
                    "setting": setting,
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
) -> list[Compared]:
    wanted = statement[relation]
    ours = _found(statement["computed"], measures, name)
    if isinstance(wanted, Mapping):
        other = _found(wanted, measures, name)
    else:
        other = pd.DataFrame({"setting": 0.0, "at": 0.0, "value": [wanted]})
    if not len(ours) or not len(other):
        return [(np.nan, np.nan, np.nan, NOT_RUN)]
    if len(ours) == len(other) == 1:
        value, bound = float(ours["value"].iloc[0]), float(other["value"].iloc[0])
        agrees = RELATIONS[relation](value, bound)
        return [(np.nan, value, bound, AGREES if agrees else DISAGREES)]
    if len(other) == 1 or len(ours) == 1 or relation not in DIRECTION:
        raise InputError(
            f"statements.{name}: {relation} compares one number with one; numbers along a run "
            f"are {' or '.join(DIRECTION)} those of another loss"
        )
    pairs = ours.merge(other, on=["setting", "at"], suffixes=("", "_other"))
    return [
        (float(str(setting)), *_paired(one["value"], one["value_other"], relation))
        for setting, one in pairs.groupby("setting")
    ]


def _paired(ours: pd.Series, other: pd.Series, relation: str) -> tuple[float, float, str]:
    differences = DIRECTION[relation] * (ours - other).to_numpy(dtype=float)
    p_for, p_against = signed_rank_p(differences), signed_rank_p(-differences)
    verdict = AGREES if p_for < p_against else DISAGREES
    if 2 * min(p_for, p_against) > LEVEL:
        verdict = UNDECIDED
    return float(ours.median()), float(other.median()), verdict


def _found(wanted: Mapping[str, str], measures: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return the numbers of one loss and quantity; none for a loss that was not watched."""
    of_quantity = measures[measures["quantity"] == wanted["quantity"]]
    if not len(of_quantity):
        known = ", ".join(dict.fromkeys(measures["quantity"]))
        raise InputError(
            f"statements.{name}: nothing was computed called {wanted['quantity']!r}; "
            f"there is {known}"
        )
    return of_quantity.loc[of_quantity["loss"] == wanted["loss"], ["setting", "at", "value"]]
