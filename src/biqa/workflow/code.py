"""The code that each step of a study depends on."""

from dataclasses import dataclass
from functools import cache

from biqa.datasets import module_of as dataset_module
from biqa.losses import known_losses
from biqa.losses import module_of as loss_module
from biqa.models import module_of
from biqa.workflow.names import PRIOR_ONLY
from biqa.workflow.sources import code_digest, modules_in
from biqa.workflow.study import Study

ABSENT = "not there yet"  # the digest of a step whose dataset or model biqa lacks


@dataclass(frozen=True)
class Code:
    """Digests by step; a step that names a loss, model or dataset depends on that one alone."""

    study: Study

    def step(self, command: str) -> str:
        """Return the digest of a step that names nothing."""
        return code_digest(f"biqa.commands.{command}")

    def publishing(self, command: str) -> str:
        """Return the digest of a step that speaks of all the study's datasets."""
        modules = [dataset_module(name) for name in self.study.raw["datasets"]]
        return code_digest(f"biqa.commands.{command}", *(one for one in modules if one))

    def generation(self, dataset: str) -> str:
        """Return the digest of drawing a dataset; distortions are found by name, so all count."""
        module = dataset_module(dataset)
        families = modules_in("biqa.distortions")
        return code_digest("biqa.commands.generate", module, *families) if module else ABSENT

    def dataset(self, command: str, dataset: str) -> str:
        """Return the digest of a step on one dataset's archive."""
        module = dataset_module(dataset)
        return code_digest(f"biqa.commands.{command}", module) if module else ABSENT

    def model(self, command: str, model: str, loss: str = "") -> str:
        """Return the digest of a step with one model, and one loss where it trains."""
        modules = [_model_module(self._name("models", model))]
        if loss:
            modules.append(loss_module(self._name("losses", loss)))
        if None in modules:
            return ABSENT
        return code_digest(f"biqa.commands.{command}", *(one for one in modules if one))

    def gradients(self) -> str:
        """Return the digest of the step that computes with any loss; all of them count."""
        model = _model_module(self._name("models", self.study.raw["theory"]["model"]))
        losses = [module for name in known_losses() if (module := loss_module(name))]
        return code_digest("biqa.commands.gradients", model, *losses) if model else ABSENT

    def _name(self, kind: str, label: str) -> str:
        return self.study.raw[kind][label].get("name", label)


@cache
def _model_module(name: str) -> str | None:
    return f"biqa.models.{name}" if name in PRIOR_ONLY else module_of(name)
