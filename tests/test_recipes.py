"""Recipes: what is written is what is trained, every default written out."""

import json
from dataclasses import FrozenInstanceError

import pytest

from biqa.errors import InputError
from biqa.protocols import Protocol
from biqa.recipes import (
    Hardware,
    PriorRecipe,
    Recipe,
    Views,
    plain,
    prior_recipe,
    training_recipe,
)

PROTOCOL = {"name": "p", "train": 0.8, "validation": 0.0, "test": 0.2, "choose": "last"}
TRAINING = {
    "protocol": PROTOCOL,
    "views": {"crop": 32},
    "epochs": 3,
    "batch_size": 8,
    "lr": 0.001,
    "betas": [0.8, 0.9],
    "freeze": ["encoder.0", "encoder.1"],
    "hardware": {"threads": 2},
}
PRIOR = {"kind": "pooled", "views": {"crop": 32}, "steps": 5, "lr": 0.001, "batch_size": 8}


def test_parts_become_dataclasses_and_lists_tuples():
    recipe = training_recipe(TRAINING)
    assert recipe.protocol == Protocol("p", 0.8, 0.0, 0.2, "last")
    assert recipe.views == Views(crop=32)
    assert recipe.hardware == Hardware(threads=2)
    assert recipe.betas == (0.8, 0.9)
    assert recipe.freeze == ("encoder.0", "encoder.1")


MAKERS = [(training_recipe, TRAINING, Recipe), (prior_recipe, PRIOR, PriorRecipe)]


@pytest.mark.parametrize(("make", "raw", "kind"), MAKERS)
def test_a_mapping_becomes_the_recipe_of_its_kind(make, raw, kind):
    assert type(make(raw)) is kind


@pytest.mark.parametrize("part", ["protocol", "views", "hardware"])
def test_an_unknown_key_of_a_part_is_refused_by_name(part):
    with pytest.raises(InputError, match="unknown key 'crp'"):
        training_recipe(TRAINING | {part: TRAINING[part] | {"crp": 1}})


@pytest.mark.parametrize(("make", "raw", "kind"), MAKERS)
def test_a_recipe_survives_json_with_every_default_written_out(make, raw, kind):
    recipe = make(raw)
    written = json.loads(json.dumps(plain(recipe)))
    assert make(written) == recipe
    assert written.keys() == set(kind.__dataclass_fields__)
    assert written["hardware"].keys() == {"device", "dtype", "threads"}
    assert written["views"].keys() == {"crop", "flip", "test_crop"}


@pytest.mark.parametrize(("make", "raw"), [(training_recipe, TRAINING), (prior_recipe, PRIOR)])
def test_an_unknown_key_is_refused_by_name(make, raw):
    with pytest.raises(InputError, match="recipe: unknown key 'epoch'; the keys are"):
        make({**raw, "epoch": 4})


def test_a_recipe_cannot_be_changed_after_it_was_read():
    recipe = training_recipe(TRAINING)
    with pytest.raises(FrozenInstanceError):
        recipe.lr = 1.0


def test_a_protocol_that_cannot_be_followed_is_refused_with_the_recipe():
    broken = {**PROTOCOL, "choose": "best_validation"}
    with pytest.raises(InputError, match="choose is best_validation, but validation is 0"):
        training_recipe({**TRAINING, "protocol": broken})
