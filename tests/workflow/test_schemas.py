"""Schemas and dataclasses say the same: each key, whether it is required, and its choices."""

from dataclasses import MISSING, fields
from importlib.resources import files
from typing import get_args, get_origin, get_type_hints

import jsonschema
import pytest
import yaml
from small_study import PRIOR_RECIPE, RECIPE

from biqa.protocols import CHOICES, WAYS, Protocol
from biqa.recipes import (
    Hardware,
    PriorRecipe,
    Recipe,
    Stage,
    Views,
    plain,
    prior_recipe,
    training_recipe,
)
from biqa.training.priors import SCHEMES


def schema(name):
    text = files("biqa.workflow").joinpath("schemas", f"{name}.schema.yaml").read_text("utf-8")
    return yaml.safe_load(text)


def resolved(whole, part):
    return whole["$defs"][part["$ref"].removeprefix("#/$defs/")] if "$ref" in part else part


NESTED = [
    *((name, None, kind) for name, kind in (("recipe", Recipe), ("prior_recipe", PriorRecipe))),
    ("recipe", "protocol", Protocol),
    *((name, "views", Views) for name in ("recipe", "prior_recipe")),
    *((name, "hardware", Hardware) for name in ("recipe", "prior_recipe")),
]


@pytest.mark.parametrize(("name", "part", "kind"), NESTED)
def test_a_schema_has_the_keys_of_its_dataclass(name, part, kind):
    whole = schema(name)
    found = resolved(whole, whole["properties"][part]) if part else whole
    assert found["additionalProperties"] is False
    of_the_machine = set() if part else {"resources"}
    assert set(found["properties"]) == {field.name for field in fields(kind)} | of_the_machine
    required = [field.name for field in fields(kind) if field.default is MISSING]
    assert sorted(found.get("required", [])) == sorted(required)


@pytest.mark.parametrize(("name", "part", "kind"), NESTED)
def test_a_schema_has_the_choices_of_its_dataclass(name, part, kind):
    whole = schema(name)
    found = resolved(whole, whole["properties"][part]) if part else whole
    hints = get_type_hints(kind)
    choices = {key: list(get_args(hint)) for key, hint in hints.items() if _is_literal(hint)}
    if kind is Protocol:
        choices = {"by": list(WAYS), "choose": list(CHOICES)}
    for key, allowed in choices.items():
        assert found["properties"][key]["enum"] == allowed


def _is_literal(hint):
    return str(get_origin(hint)) == "typing.Literal"


def test_every_kind_of_prior_has_a_scheme():
    assert schema("prior_recipe")["properties"]["kind"]["enum"] == list(SCHEMES)


def test_a_study_may_choose_what_a_protocol_may():
    allowed = schema("study")["$defs"]["choice"]["enum"]
    assert allowed == ["protocol", *CHOICES]


def test_the_schema_of_a_stage_has_its_keys_and_choices():
    whole = schema("recipe")
    found = whole["$defs"]["stage"]["properties"]
    assert set(found) == {field.name for field in fields(Stage)}
    for name in ("optimizer", "schedule"):
        assert whole["$defs"][name] == whole["properties"][name]


@pytest.mark.parametrize("name", ["recipe", "prior_recipe", "study"])
def test_a_schema_is_one(name):
    jsonschema.Draft202012Validator.check_schema(schema(name))


@pytest.mark.parametrize(
    ("name", "make", "raw"),
    [("recipe", training_recipe, RECIPE), ("prior_recipe", prior_recipe, PRIOR_RECIPE)],
)
def test_a_schema_accepts_every_default(name, make, raw):
    written = plain(make(raw))
    absent = [key for key, value in written.items() if value is None]
    without = {"recipe": ["backbone_lr", "backbone_schedule"], "prior_recipe": ["head_lr"]}
    assert absent == without[name]
    jsonschema.validate({key: written[key] for key in written if key not in absent}, schema(name))
