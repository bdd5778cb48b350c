"""Recipes of hand-crafted methods: what is refused, and that schema and dataclass agree."""

from dataclasses import MISSING, fields
from importlib.resources import files

import pytest
import yaml

from biqa.baselines.recipe import BaselineRecipe, Regression, baseline_recipe, plain_baseline
from biqa.errors import InputError

PROTOCOL = {"name": "p", "train": 0.8, "validation": 0.0, "test": 0.2, "choose": "last"}
SVR = {"kernel": "rbf", "c": [1, 2], "gamma": [0.1]}


def test_a_recipe_is_what_it_was_written_as():
    raw = {"kind": "svr", "protocol": PROTOCOL, "regression": SVR}
    recipe = baseline_recipe(raw)
    assert recipe.regression.c == (1, 2)
    assert baseline_recipe(plain_baseline(recipe)) == recipe
    unaware = baseline_recipe({"kind": "opinion_unaware", "protocol": PROTOCOL})
    assert baseline_recipe(plain_baseline(unaware)) == unaware


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        ({"kind": "svr"}, "kind is svr, and a regression is missing"),
        ({"kind": "opinion_unaware", "regression": SVR}, "and a regression is given"),
        (
            {"kind": "opinion_unaware", "protocol": {**PROTOCOL, "choose": "best_test"}},
            "chooses best_test, but a hand-crafted method has no epochs",
        ),
        ({"kind": "svr", "regression": {"kernel": "rbf", "c": [1]}}, r"rbf and gamma is \[\]"),
        (
            {"kind": "svr", "regression": {**SVR, "kernel": "linear"}},
            r"linear and gamma is \[0.1\]",
        ),
        ({"kind": "svr", "regression": {**SVR, "cc": 1}}, "unknown key 'cc'"),
    ],
)
def test_what_does_not_fit_together_is_refused(raw, message):
    with pytest.raises(InputError, match=message):
        baseline_recipe({"protocol": PROTOCOL, **raw})


@pytest.mark.parametrize(("part", "kind"), [(None, BaselineRecipe), ("regression", Regression)])
def test_the_schema_has_the_keys_of_its_dataclass(part, kind):
    file = files("biqa.workflow").joinpath("schemas", "baseline_recipe.schema.yaml")
    whole = yaml.safe_load(file.read_text("utf-8"))
    found = whole["$defs"][part] if part else whole
    assert found["additionalProperties"] is False
    assert set(found["properties"]) == {field.name for field in fields(kind)}
    required = [field.name for field in fields(kind) if field.default is MISSING]
    assert sorted(found["required"]) == sorted(required)
