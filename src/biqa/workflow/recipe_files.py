"""Recipes as a study names them: a file, or a file with other values at some keys."""

from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from biqa.baselines.recipe import BaselineRecipe, baseline_recipe
from biqa.errors import InputError
from biqa.recipes import PriorRecipe, Recipe, prior_recipe, training_recipe
from biqa.workflow.reading import check, read_yaml

BASELINE_KINDS = ("svr", "opinion_unaware")  # told from other recipes by these
Values = dict[str, Any]  # by key of a recipe; keys of its parts as in "views.crop"


@dataclass(frozen=True)
class RecipeFiles:
    """The folder of recipes, and the variants that a study file declares under ``recipes``."""

    folder: Path
    variants: dict[str, dict[str, Any]]  # label: {of: a recipe in the folder, with: values}
    where: str  # the study file

    def training(self, name: str) -> Recipe | BaselineRecipe:
        """Return the recipe of a training, or of runs of a hand-crafted method."""
        raw, place = self._raw(name)
        if raw.get("kind") in BASELINE_KINDS:
            check(raw, "baseline_recipe", place)
            return baseline_recipe(raw)
        check(raw, "recipe", place)
        return training_recipe(_without_machine(raw))

    def prior(self, name: str) -> PriorRecipe:
        """Return the recipe of a prior."""
        raw, place = self._raw(name)
        check(raw, "prior_recipe", place)
        return prior_recipe(_without_machine(raw))

    def vram(self, name: str) -> int:
        """Return the MB of a GPU that a recipe declares; 0: nobody has said."""
        raw, place = self._raw(name)
        vram = raw.get("resources", {}).get("vram_mb", 0)
        if vram and raw.get("hardware", {}).get("device") != "cuda":
            raise InputError(
                f"{place}: resources.vram_mb is {vram}, and hardware.device is not 'cuda'; "
                "remove one or set the other"
            )
        return vram

    def names(self) -> list[str]:
        """Return the names of all recipes, those in files first."""
        return [*sorted(found.stem for found in self.folder.glob("*.yaml")), *self.variants]

    def differs(self, name: str, values: Values, where: str) -> bool:
        """Return whether a recipe is another one with ``values``, which ``where`` declares."""
        base, place = self._raw(name)
        schema = "prior_recipe" if "kind" in base else "recipe"
        make = prior_recipe if "kind" in base else training_recipe
        raw = changed(base, values, where)
        check(base, schema, place)
        check(raw, schema, f"{where}: {name}")
        return make(_without_machine(raw)) != make(_without_machine(base))

    def _raw(self, name: str) -> tuple[dict[str, Any], str]:
        """Return the content of a recipe, and the place to name in errors."""
        variant = self.variants.get(name)
        if variant is None:
            return read_yaml(self._file(name)), str(self._file(name))
        place = f"{self.where}: recipes.{name}"
        if (self.folder / f"{name}.yaml").is_file():
            raise InputError(f"{place}: there is a file of that name; give the variant another")
        base = read_yaml(self._file(variant["of"]))
        return changed(base, variant["with"], place), place

    def _file(self, name: str) -> Path:
        file = self.folder / f"{name}.yaml"
        if not file.is_file():
            known = ", ".join(self.names())
            raise InputError(f"{file} does not exist; the recipes there are {known}")
        return file


def _without_machine(raw: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in raw.items() if key != "resources"}


def changed(raw: dict[str, Any], values: Values, where: str) -> dict[str, Any]:
    """Return a recipe's content with other values at keys such as "lr" and "views.crop"."""
    copy = deepcopy(raw)
    for place, value in values.items():
        *path, last = place.split(".")
        inner = copy
        for key in path:
            inner = inner.setdefault(key, {})
            if not isinstance(inner, dict):
                raise InputError(f"{where}: {place!r} is no key of a recipe: {key!r} is a value")
        inner[last] = value
    return copy
