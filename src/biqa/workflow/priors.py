"""The priors of a study: learned on a whole database, or on the training part of a division."""

from dataclasses import dataclass
from typing import Any

from biqa.errors import InputError
from biqa.recipes import plain
from biqa.workflow.runs import Run, chosen, model_spec, runs_of
from biqa.workflow.study import Study


@dataclass(frozen=True)
class Prior:
    """One prior; without ``protocol`` it learns from all pictures of the database."""

    name: str
    dataset: str
    protocol: str = ""
    split: int = 0

    @property
    def path(self) -> str:
        """The prior's folder below ``results/<study>/priors``."""
        parts = [self.dataset, self.protocol, f"split{self.split}"] if self.protocol else []
        return "/".join([self.name, *parts])


def prior_of(study: Study, run: Run) -> Prior | None:
    """Return the prior that a run starts from, if it does.

    A prior that names no dataset learns from the training part of each run's own division, so
    that what the run is judged on was not seen: MetaIQA's leave one distortion out.
    """
    name = study.raw["models"][run.model].get("prior", "")
    if not name:
        return None
    dataset = study.priors[name].get("dataset", "")
    if dataset:
        return Prior(name, dataset)
    return Prior(name, run.dataset, study.recipes[run.recipe].protocol.name, run.split)


def priors_of(study: Study) -> dict[str, Prior]:
    """Return the priors of a study by path: those with a dataset, then those of the runs."""
    whole = {name: entry["dataset"] for name, entry in study.priors.items() if "dataset" in entry}
    found = [Prior(name, dataset) for name, dataset in whole.items()]
    if len(whole) < len(study.priors):
        needed = (prior_of(study, run) for run in runs_of(study).values())
        found += [prior for prior in needed if prior is not None]
    return {prior.path: prior for prior in found}


def prior_spec(study: Study, prior: Prior) -> dict[str, Any]:
    """Return all that determines the bits of a prior, as plain data.

    A prior of a division has one more key, ``division``: the protocol and the split.
    """
    entry = study.priors[prior.name]
    where = f"{study.file}: priors.{prior.name}"
    chosen([entry["model"]], list(study.raw["models"]), f"{where}.model")
    chosen([prior.dataset], list(study.raw["datasets"]), f"{where}.dataset")
    model = model_spec(study, entry["model"])
    if model["prior"]:
        raise InputError(f"{where}.model: {entry['model']!r} itself starts from a prior")
    spec = {
        "prior": prior.name,
        "dataset": {
            "name": prior.dataset,
            "size": study.raw["datasets"][prior.dataset]["size"],
        },
        "model": model,
        "recipe": plain(study.prior_recipes[entry["recipe"]]),
    }
    if prior.protocol:
        recipes = study.recipes.values()
        protocol = next(one.protocol for one in recipes if one.protocol.name == prior.protocol)
        spec["division"] = {"protocol": plain(protocol), "split": prior.split}
    return spec
