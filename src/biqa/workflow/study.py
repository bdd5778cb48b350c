"""A study file and its recipes, read and checked; unknown keys and names are errors."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from biqa.baselines.recipe import BaselineRecipe
from biqa.recipes import PriorRecipe, Recipe
from biqa.workflow.reading import check, read_yaml
from biqa.workflow.recipe_files import RecipeFiles
from biqa.workflow.sweeps import with_sweeps


@dataclass(frozen=True)
class Study:
    """One study: what is trained on what, and what is published of it."""

    name: str
    file: Path
    raw: dict[str, Any]  # the checked content of the file
    recipes: dict[str, Recipe | BaselineRecipe]
    prior_recipes: dict[str, PriorRecipe]
    vram: dict[str, int]  # MB of a GPU that a job of each recipe needs; 0: nobody has said

    @property
    def title(self) -> str:
        """The study in one line."""
        return self.raw["title"]

    @property
    def seed(self) -> int:
        """The seed of the splits; trainings have their recipe's."""
        return self.raw.get("seed", 0)

    def splits_of(self, dataset: str) -> str:
        """Return the folder of a dataset's splits; those of another seed lie beside it."""
        return f"data/splits/{dataset}/seed{self.seed}"

    def split_file(self, dataset: str, protocol: str, index: int) -> str:
        """Return the file of split ``index`` of a dataset by a protocol's name."""
        return f"{self.splits_of(dataset)}/{protocol}/split{index}.csv"

    @property
    def tables(self) -> dict[str, dict[str, Any]]:
        """The declared tables, by name."""
        return self.raw.get("tables", {})

    @property
    def figures(self) -> dict[str, dict[str, Any]]:
        """The declared figures, by name."""
        return self.raw.get("figures", {})

    @property
    def predictions_in_git(self) -> bool:
        """Whether git keeps the predictions: for small studies; a run is some tens of kB."""
        return self.raw.get("keep", {}).get("predictions", "dvc") == "git"

    @property
    def results_in_git(self) -> bool:
        """Whether git keeps metrics, curves, tables, figures and the report."""
        return self.raw.get("keep", {}).get("results", "git") == "git"

    def recipe_files(self, names: Iterable[str] | None = None) -> list[str]:
        """Return the files of the named recipes, or of all trainings; a variant has its base's."""
        variants = self.raw.get("recipes", {})
        chosen = self.recipes if names is None else names
        bases = (variants[name]["of"] if name in variants else name for name in chosen)
        return [f"config/recipes/{base}.yaml" for base in dict.fromkeys(bases)]

    def prior_recipe_files(self) -> list[str]:
        """Return the files of the recipes of all priors."""
        return self.recipe_files(self.prior_recipes)

    @property
    def priors(self) -> dict[str, dict[str, Any]]:
        """The declared priors, by name."""
        return self.raw.get("priors", {})


def load_study(file: Path) -> Study:
    """Read ``config/studies/<name>.yaml`` and the recipes beside it.

    Raises ``InputError`` for an unknown key, a value of the wrong type or an unknown label,
    naming the place in the file. Names of losses, models and datasets are checked where the
    runs are made (``biqa.workflow.runs``).
    """
    raw = read_study(file)
    wanted = {name for block in raw["runs"] for name in block["recipes"]}
    wanted |= {raw["theory"]["recipe"]} if "theory" in raw else set()
    priors = {entry["recipe"] for entry in raw.get("priors", {}).values()}
    found = _recipe_files(raw, file)
    return Study(
        name=file.stem,
        file=file,
        raw=raw,
        recipes={name: found.training(name) for name in sorted(wanted)},
        prior_recipes={name: found.prior(name) for name in sorted(priors)},
        vram={name: found.vram(name) for name in sorted(wanted | priors)},
    )


def read_study(file: Path) -> dict[str, Any]:
    """Return the content of a study file, checked against the schema, its sweeps written out."""
    raw = read_yaml(file)
    check(raw, "study", str(file))
    return with_sweeps(raw, _recipe_files(raw, file))


def read_claims(file: Path) -> dict[str, dict[str, Any]]:
    """Return the claims of ``config/claims.yaml`` by name, checked against their schema."""
    raw = read_yaml(file)
    check(raw, "claims", str(file))
    return raw["claims"]


def read_statements(file: Path) -> dict[str, dict[str, Any]]:
    """Return the statements of ``config/statements.yaml`` by name, checked against their schema."""
    raw = read_yaml(file)
    check(raw, "statements", str(file))
    return raw["statements"]


def _recipe_files(raw: dict[str, Any], file: Path) -> RecipeFiles:
    return RecipeFiles(file.parent.parent / "recipes", raw.get("recipes", {}), str(file))
