"""Trainings in several steps, such as DBCNN's: first the head alone, then all layers."""

from collections.abc import Iterator
from dataclasses import fields, replace

from torch import nn

from biqa.recipes import Recipe


def stages_of(recipe: Recipe) -> Iterator[tuple[int, Recipe]]:
    """Yield each stage as a recipe of its own, with the number of epochs before it.

    What a stage does not say is as in the recipe. A recipe without stages is its only one.
    """
    if not recipe.stages:
        yield 0, recipe
        return
    before = 0
    for stage in recipe.stages:
        said = {one.name: getattr(stage, one.name) for one in fields(stage)}
        own = {name: value for name, value in said.items() if value is not None}
        yield before, replace(recipe, stages=(), **own)
        before += stage.epochs


def thaw(model: nn.Module, recipe: Recipe) -> None:
    """Let every module learn again that some stage of ``recipe`` holds still."""
    modules = dict(model.named_modules())
    for stage in recipe.stages:
        for prefix in stage.freeze or ():
            if prefix in modules:
                modules[prefix].requires_grad_(True)
