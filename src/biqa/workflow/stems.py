"""The frozen stems of a study: networks' first modules, computed once a database for all runs."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from functools import cached_property

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


def stem_of(study: Study, run: Run) -> Stem | None:
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


def stems_of(study: Study, runs: Iterable[Run]) -> dict[str, Stem]:
    """Return all stems of those runs by path."""
    found = (stem_of(study, run) for run in runs)
    return {stem.path: stem for stem in found if stem}
