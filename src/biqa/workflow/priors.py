"""The priors of a study: learned on whole databases, or on the training part of a division."""

from dataclasses import dataclass
from typing import Any

from biqa.errors import InputError
from biqa.recipes import plain
from biqa.workflow.runs import Run, chosen, model_spec, runs_of
from biqa.workflow.study import Study


@dataclass(frozen=True)
class Prior:
    """One prior; without ``protocol`` it learns from all pictures of its databases."""

    name: str
    datasets: tuple[str, ...]  # one, or several whose distortions are tasks of their own
    protocol: str = ""
    split: int = 0

    @property
    def path(self) -> str:
        """The prior's folder below ``results/<study>/priors``."""
        parts = [*self.datasets, self.protocol, f"split{self.split}"] if self.protocol else []
        return "/".join([self.name, *parts])


def prior_of(study: Study, run: Run) -> Prior | None:
    """Return the prior that a run starts from, if it does.

    A prior that names no dataset learns from the training part of each run's own division, so
    that what the run is judged on was not seen: MetaIQA's leave one distortion out.
    """
    name = study.raw["models"][run.model].get("prior", "")
    if not name:
        return None
    if "dataset" in study.priors[name]:
        return Prior(name, _datasets(study, name))
    return Prior(name, (run.dataset,), study.recipes[run.recipe].protocol.name, run.split)


def priors_of(study: Study) -> dict[str, Prior]:
    """Return the priors of a study by path: those with a dataset, then those of the runs."""
    whole = [name for name, entry in study.priors.items() if "dataset" in entry]
    found = [Prior(name, _datasets(study, name)) for name in whole]
    if len(whole) < len(study.priors):
        needed = (prior_of(study, run) for run in runs_of(study).values())
        found += [prior for prior in needed if prior is not None]
    return {prior.path: prior for prior in found}


def prior_spec(study: Study, prior: Prior) -> dict[str, Any]:
    """Return all that determines the bits of a prior, as plain data.

    A prior of a division has one more key, ``division``: the protocol and the split; one of
    several databases has the key ``datasets`` in place of ``dataset``.
    """
    entry = study.priors[prior.name]
    where = f"{study.file}: priors.{prior.name}"
    chosen([entry["model"]], list(study.raw["models"]), f"{where}.model")
    chosen(list(prior.datasets), list(study.raw["datasets"]), f"{where}.dataset")
    model = model_spec(study, entry["model"])
    if model["prior"]:
        raise InputError(f"{where}.model: {entry['model']!r} itself starts from a prior")
    declared = study.raw["datasets"]
    sources = [{"name": name, "size": declared[name]["size"]} for name in prior.datasets]
    spec = {
        "prior": prior.name,
        **({"dataset": sources[0]} if len(sources) == 1 else {"datasets": sources}),
        "model": model,
        "recipe": plain(study.prior_recipes[entry["recipe"]]),
    }
    if prior.protocol:
        recipes = study.recipes.values()
        protocol = next(one.protocol for one in recipes if one.protocol.name == prior.protocol)
        spec["division"] = {"protocol": plain(protocol), "split": prior.split}
    return spec


def _datasets(study: Study, name: str) -> tuple[str, ...]:
    """Return the databases that a prior names."""
    named = study.priors[name]["dataset"]
    return (named,) if isinstance(named, str) else tuple(named)
