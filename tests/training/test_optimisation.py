"""Optimisers and schedules are those that a recipe names."""

import math

import pytest
import small_pictures as small
import torch

from biqa.training.epoch import hold_still
from biqa.training.optimisation import optimizer_of, schedule_of

STEPS = 5  # an epoch


def rates(n_steps, **options):
    recipe = small.recipe(lr=0.2, **options)
    optimizer = optimizer_of(small.LinearModel(), recipe)
    schedule = schedule_of(optimizer, recipe, STEPS)
    seen = []
    for _ in range(n_steps):
        seen.append(optimizer.param_groups[-1]["lr"])
        optimizer.step()
        schedule.step()
    return seen


def test_a_constant_rate_stays():
    assert rates(9, schedule="constant", epochs=2) == [0.2] * 9


def test_a_cosine_falls_from_the_full_rate_to_zero_over_all_steps():
    seen = rates(3 * STEPS + 1, schedule="cosine", epochs=3)
    expected = [0.1 * (1 + math.cos(math.pi * step / 15)) for step in range(16)]
    assert seen == pytest.approx(expected, abs=1e-12)
    assert seen[0] == 0.2
    assert seen[-1] == pytest.approx(0, abs=1e-12)


def test_steps_decay_between_epochs_alone():
    seen = rates(7 * STEPS, schedule="step", step_epochs=3, step_factor=0.1, epochs=7)
    expected = [0.2] * 15 + [0.02] * 15 + [0.002] * 5
    assert seen == pytest.approx(expected, rel=1e-12)


def test_the_backbone_has_its_own_rate_and_the_same_schedule():
    recipe = small.recipe(lr=0.2, backbone_lr=0.01, schedule="cosine", epochs=2)
    optimizer = optimizer_of(small.SmallNetwork(), recipe)
    schedule = schedule_of(optimizer, recipe, STEPS)
    for _ in range(STEPS):
        optimizer.step()
        schedule.step()
    backbone, head = (group["lr"] for group in optimizer.param_groups)
    assert head == pytest.approx(0.1, rel=1e-12)
    assert backbone == pytest.approx(0.005, rel=1e-12)


def test_without_a_rate_of_its_own_the_backbone_learns_as_the_head():
    optimizer = optimizer_of(small.SmallNetwork(), small.recipe(lr=0.2))
    assert [group["lr"] for group in optimizer.param_groups] == [0.2, 0.2]


@pytest.mark.parametrize(
    ("name", "kind", "facts"),
    [
        ("adam", torch.optim.Adam, {"betas": (0.8, 0.95), "weight_decay": 0.01}),
        ("adamw", torch.optim.AdamW, {"betas": (0.8, 0.95), "weight_decay": 0.01}),
        ("sgd", torch.optim.SGD, {"momentum": 0.7, "weight_decay": 0.01}),
    ],
)
def test_an_optimiser_gets_what_the_recipe_says(name, kind, facts):
    recipe = small.recipe(optimizer=name, betas=(0.8, 0.95), momentum=0.7, weight_decay=0.01)
    optimizer = optimizer_of(small.LinearModel(), recipe)
    assert type(optimizer) is kind
    for group in optimizer.param_groups:
        assert {key: group[key] for key in facts} == facts


def test_frozen_weights_are_not_handed_to_the_optimiser():
    model = small.SmallNetwork()
    hold_still(model, ("encoder",))
    optimizer = optimizer_of(model, small.recipe())
    held = {id(weight) for group in optimizer.param_groups for weight in group["params"]}
    assert held == {id(model.fc.weight), id(model.fc.bias)}


def test_a_cosine_of_some_steps_falls_and_rises_again():
    seen = rates(13, schedule="cosine", cosine_steps=4, epochs=3)
    half = [0.2, 0.1 + 0.1 * math.sqrt(0.5), 0.1, 0.1 - 0.1 * math.sqrt(0.5), 0.0]
    assert seen == pytest.approx([*half, *half[-2::-1], *half[1:]], abs=1e-12)


def test_a_backbone_may_have_a_schedule_of_its_own():
    options = {"schedule": "step", "step_epochs": 1, "step_factor": 0.5}
    recipe = small.recipe(lr=0.2, backbone_lr=0.01, backbone_schedule="constant", **options)
    optimizer = optimizer_of(small.SmallNetwork(), recipe)
    schedule = schedule_of(optimizer, recipe, STEPS)
    for _ in range(2 * STEPS):
        optimizer.step()
        schedule.step()
    backbone, head = (group["lr"] for group in optimizer.param_groups)
    assert head == pytest.approx(0.05, rel=1e-12)
    assert backbone == pytest.approx(0.01, rel=1e-12)


def test_compounding_steps_multiply_the_rate_of_the_epoch_before():
    options = {"schedule": "compounding_step", "step_epochs": 2, "step_factor": 0.9}
    seen = rates(11 * STEPS, epochs=11, **options)[::STEPS]
    rate, expected = 0.2, []
    for epoch in range(11):
        rate *= 0.9 ** (epoch // 2)
        expected.append(rate)
    assert seen == pytest.approx(expected, rel=1e-12)
    assert expected[5] / 0.2 == pytest.approx(0.53, rel=0.01)
