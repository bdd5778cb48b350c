"""The frozen stems of a study: networks' first modules, computed once a database for all runs."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Self

from biqa.errors import InputError
from biqa.recipes import Hardware, Recipe
from biqa.workflow.runs import Run, model_spec
from biqa.workflow.study import Study


@dataclass(frozen=True)
class Stem:
    """One stem on one database's pictures."""

    dataset: str
    model: str  # its label in the study
    size: str  # of the prepared pictures
    spec: str  # JSON of the network, the modules and the hardware
    hardware: Hardware

    @cached_property
    def path(self) -> str:
        """Where its maps go, below ``data/stems``: runs that share the spec share them."""
        digest = hashlib.sha256(self.spec.encode()).hexdigest()[:12]
        return f"{self.dataset}/{self.size}/{self.model}-{digest}"


@dataclass(frozen=True)
class Stems:
    """What the Snakefile asks about frozen stems."""

    file: str  # of the study
    by_run: dict[str, Stem]  # by the path of a run whose recipe has one

    @classmethod
    def of(cls, study: Study, runs: Mapping[str, Run]) -> Self:
        """Return the stems of those runs; a network that cannot have one is an ``InputError``."""
        found = ((path, _stem_of(study, run)) for path, run in runs.items())
        return cls(str(study.file), {path: stem for path, stem in found if stem})

    def __bool__(self) -> bool:
        return bool(self.by_run)

    @cached_property
    def by_path(self) -> dict[str, Stem]:
        """All of them, by where their maps go below ``data/stems``."""
        return {stem.path: stem for stem in self.by_run.values()}

    def facts(self, run: str) -> list[str]:
        """Return the last file of the maps that a run learns from, if its recipe has a stem."""
        return [f"data/stems/{self.by_run[run].path}/facts.json"] if run in self.by_run else []

    def words(self, run: str) -> str:
        """Return the words that hand those maps to a step."""
        return f"--stem data/stems/{self.by_run[run].path}" if run in self.by_run else ""

    def spec(self, run: str) -> str:
        """Return what determines the maps that a run learns from, as JSON."""
        if run not in self.by_run:
            raise InputError(f"{self.file}: the recipe of {run!r} has no frozen_stem")
        return self.by_run[run].spec

    def at(self, path: str) -> Stem:
        """Return a stem by its path below ``data/stems``."""
        if path not in self.by_path:
            raise InputError(f"data/stems/{path}: no run of {self.file} learns from it")
        return self.by_path[path]


def _stem_of(study: Study, run: Run) -> Stem | None:
    """Return the stem that a run's recipe holds still, if it does.

    Raises ``InputError`` for a network whose first modules are not the same for all runs.
    """
    recipe = study.recipes[run.recipe]
    if not isinstance(recipe, Recipe) or not recipe.frozen_stem:
        return None
    model = model_spec(study, run.model)
    if model["prior"] or model["weights"] == "none":
        start = f"the prior {model['prior']['name']!r}" if model["prior"] else "random ones"
        raise InputError(
            f"{study.file}: recipe {run.recipe!r} has a frozen_stem, but model {run.model!r} "
            f"starts from {start}, another for each run; name published weights, or use freeze"
        )
    spec = json.dumps(
        {
            "model": model,
            "recipe": {
                "frozen_stem": list(recipe.frozen_stem),
                "hardware": asdict(recipe.hardware),
            },
        },
        sort_keys=True,
    )
    size = study.raw["datasets"][run.dataset]["size"]
    return Stem(run.dataset, run.model, size, spec, recipe.hardware)
