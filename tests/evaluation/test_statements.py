"""Verdicts on statements, on numbers made up so that the answer is known."""

import pandas as pd
import pytest

from biqa.errors import InputError
from biqa.evaluation.statements import AGREES, DISAGREES, NOT_RUN, UNDECIDED, judge_statements

SAID = {"paper": "DCQ", "source": "section 1", "statement": "S", "meaning": "M"}


def measures(*rows):
    return pd.DataFrame(rows, columns=["loss", "quantity", "setting", "at", "value"])


ONE = measures(("rpc", "curvature", 0, 0, 4.0), ("qdc", "curvature", 0, 0, 4.0 + 1e-9))


def verdict(found, **relation):
    statement = {**SAID, "computed": {"loss": "rpc", "quantity": "curvature"}, **relation}
    return judge_statements({"s": statement}, found)


@pytest.mark.parametrize(
    ("relation", "expected"),
    [
        ({"equals": 4}, AGREES),
        ({"equals": 4.01}, DISAGREES),
        ({"at_most": 4}, AGREES),
        ({"at_most": 3.9}, DISAGREES),
        ({"at_least": 4}, AGREES),
        ({"at_least": 4.1}, DISAGREES),
        ({"above": 3}, AGREES),
        ({"above": 4}, DISAGREES),
        ({"below": 5}, AGREES),
        ({"below": 4}, DISAGREES),
        ({"equals": {"loss": "qdc", "quantity": "curvature"}}, AGREES),
        ({"equals": {"loss": "gone", "quantity": "curvature"}}, NOT_RUN),
    ],
)
def test_one_number_is_compared_with_its_bound(relation, expected):
    (row,) = verdict(ONE, **relation).to_dict("records")
    assert row["verdict"] == expected
    assert (row["paper"], row["loss"], row["quantity"]) == ("DCQ", "rpc", "curvature")


def along(difference, n=8):
    """Return numbers of two losses along a run, at two settings; rpc is above at the second."""
    rows = []
    for at in range(n):
        for setting, gap in ((0.1, (-1) ** at * (at + 1)), (0.2, difference * (at + 1))):
            rows += [("rpc", "cosine", setting, at, 10.0 * at + gap)]
            rows += [("qdc", "cosine", setting, at, 10.0 * at)]
    return measures(*rows)


@pytest.mark.parametrize(
    ("relation", "difference", "expected"),
    [
        ("above", 1, AGREES),
        ("above", -1, DISAGREES),
        ("below", -1, AGREES),
        ("below", 1, DISAGREES),
    ],
)
def test_numbers_along_a_run_are_paired_and_judged_by_setting(relation, difference, expected):
    statement = {
        **{**SAID, "computed": {"loss": "rpc", "quantity": "cosine"}},
        relation: {"loss": "qdc", "quantity": "cosine"},
    }
    found = judge_statements({"s": statement}, along(difference))
    assert found["setting"].tolist() == [0.1, 0.2]
    assert found["verdict"].tolist() == [UNDECIDED, expected]
    assert found["bound"].tolist() == [35.0, 35.0]


def test_five_looks_decide_nothing():
    statement = {
        **{**SAID, "computed": {"loss": "rpc", "quantity": "cosine"}},
        "above": {"loss": "qdc", "quantity": "cosine"},
    }
    found = judge_statements({"s": statement}, along(1, n=5))
    assert set(found["verdict"]) == {UNDECIDED}  # 2 / 2**5 is above 5 %


def test_a_quantity_that_nothing_computes_is_refused():
    with pytest.raises(InputError, match=r"statements\.s: nothing was computed called 'curvture'"):
        judge_statements(
            {"s": {**SAID, "computed": {"loss": "rpc", "quantity": "curvture"}, "equals": 1}}, ONE
        )


def test_numbers_along_a_run_have_no_single_bound():
    statement = {**SAID, "computed": {"loss": "rpc", "quantity": "cosine"}, "above": 0}
    with pytest.raises(InputError, match=r"statements\.s: above compares one number with one"):
        judge_statements({"s": statement}, along(1))
