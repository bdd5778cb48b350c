"""Hand-crafted methods in a study: which runs are theirs, and what those depend on."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from biqa.baselines.recipe import BaselineRecipe, plain_baseline
from biqa.errors import InputError
from biqa.handcrafted import Facts, facts_of
from biqa.workflow.names import NO_LOSS
from biqa.workflow.runs import Run, training_spec
from biqa.workflow.sources import code_digest
from biqa.workflow.study import Study

PRISTINE = ("kodak", "scenes")  # as biqa.baselines.pristine gives them; that module loads numpy
RUN_FILES = ("predictions.csv.gz", "history.csv", "epochs.csv.gz", "record.json")


def spec_of(study: Study, run: Run) -> dict[str, Any]:
    """Return all that determines the bits of a run; that of a network is ``training_spec``."""
    if isinstance(study.recipes[run.recipe], BaselineRecipe):
        return Baselines(study, "").run_spec(run)
    return training_spec(study, run)


@dataclass(frozen=True)
class Baselines:
    """What the Snakefile asks about hand-crafted methods; ``results`` is the study's folder."""

    study: Study
    results: str

    def labels(self) -> list[str]:
        """Return the models of the study that are hand-crafted methods."""
        return [label for label in self.study.raw["models"] if self._facts(label)]

    def basis_file(self, label: str) -> list[str]:
        """Return the file of what a method learns beforehand, if it learns anything."""
        return [f"{self.results}/basis/{label}.npz"] if self._known(label).basis else []

    def features_file(self, label: str, dataset: str) -> str:
        """Return the file of a method's features of a dataset."""
        return f"{self.results}/features/{label}/{dataset}.npz"

    def basis_of(self, label: str) -> str:
        """Return what a method learns from: a dataset, kind of pristine pictures, or ""."""
        return self.study.raw["models"][label].get("basis", "")

    def model_spec(self, label: str) -> dict[str, Any]:
        """Return the name, options and basis of a method."""
        entry = self.study.raw["models"][label]
        return {
            "name": entry.get("name", label),
            "options": entry.get("options", {}),
            "basis": self.basis_of(label),
        }

    def features_spec(self, label: str) -> str:
        """Return all that determines a method's features beside pictures and code, as JSON."""
        spec = {"model": self.model_spec(label), "seed": self.study.seed}
        return json.dumps(spec, sort_keys=True)

    def code(self, command: str, label: str) -> str:
        """Return the digest of the code that a step with one method depends on."""
        return code_digest(f"biqa.commands.{command}", self._known(label).module)

    def run_spec(self, run: Run) -> dict[str, Any]:
        """Return all that determines the bits of a run beside its features, as plain data."""
        recipe = self.study.recipes[run.recipe]
        assert isinstance(recipe, BaselineRecipe)
        names = ("dataset", "model", "loss", "recipe", "split")
        size = self.study.raw["datasets"][run.dataset]["size"]
        return {
            "run": {name: getattr(run, name) for name in names},
            "dataset": {"name": run.dataset, "size": size},
            "model": self.model_spec(run.model),
            "loss": {"name": NO_LOSS, "options": {}},
            "recipe": plain_baseline(recipe),
        }

    def check(self, runs: Iterable[Run]) -> None:
        """Refuse runs whose model, loss and recipe are not all of the same sort."""
        for label in self.labels():
            self._check_basis(label)
        for run in runs:
            facts = self._facts(run.model)
            recipe = self.study.recipes[run.recipe]
            loss = self.study.raw["losses"][run.loss].get("name", run.loss)
            where = f"{self.study.file}: run {run.path}"
            if facts is None:
                if isinstance(recipe, BaselineRecipe) or loss == NO_LOSS:
                    raise InputError(
                        f"{where}: {run.model} is a network; loss {NO_LOSS!r} and recipes of kind "
                        "svr or opinion_unaware are for hand-crafted methods"
                    )
            elif loss != NO_LOSS:
                raise InputError(
                    f"{where}: {run.model} is a hand-crafted method, which has no loss; declare "
                    f"the loss {NO_LOSS!r} and name it in this block"
                )
            elif not isinstance(recipe, BaselineRecipe) or recipe.kind != facts.kind:
                raise InputError(f"{where}: {run.model} takes a recipe of kind {facts.kind}")
            elif run.dataset == self.basis_of(run.model):
                raise InputError(
                    f"{where}: the codebook is of {run.dataset} itself, whose test part it would "
                    "see; name another dataset as basis"
                )

    def _check_basis(self, label: str) -> None:
        facts, basis = self._known(label), self.basis_of(label)
        allowed = {
            "": ("",),
            "pristine": PRISTINE,
            "codebook": tuple(self.study.raw["datasets"]),
        }[facts.basis]
        if basis not in allowed:
            wanted = f"one of {', '.join(allowed)}" if facts.basis else "none"
            raise InputError(
                f"{self.study.file}: models.{label}.basis: {basis!r}, expected {wanted}"
            )

    def _facts(self, label: str) -> Facts | None:
        return facts_of(self.study.raw["models"][label].get("name", label))

    def _known(self, label: str) -> Facts:
        facts = self._facts(label)
        assert facts is not None, f"{label} is not a hand-crafted method"
        return facts
