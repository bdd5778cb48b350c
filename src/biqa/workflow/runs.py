"""The runs of a study: five readable names each, and the spec that determines their bits."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from difflib import get_close_matches
from itertools import product
from typing import Any

from biqa.errors import InputError
from biqa.recipes import Protocol, Recipe, plain
from biqa.workflow.study import Study


@dataclass(frozen=True)
class Run:
    """One training: a network on one division of one database with one loss and recipe."""

    dataset: str
    model: str
    loss: str
    recipe: str
    split: int
    also_test_on: tuple[str, ...] = ()

    @property
    def path(self) -> str:
        """The run's folder below ``results/<study>/runs``."""
        return f"{self.dataset}/{self.model}/{self.loss}/{self.recipe}/split{self.split}"


def runs_of(study: Study) -> dict[str, Run]:
    """Return the runs of a study by path."""
    _check_protocols(study)
    return declared_runs(study.raw, str(study.file))


def declared_runs(raw: dict[str, Any], file: str) -> dict[str, Run]:
    """Return the runs that a study file declares; blocks that name one twice train it once."""
    runs: dict[str, Run] = {}
    for number, block in enumerate(raw["runs"]):
        for run in _block(raw, block, f"{file}: runs.{number}"):
            before = runs.get(run.path, run)
            tested = sorted({*before.also_test_on, *run.also_test_on})
            runs[run.path] = replace(run, also_test_on=tuple(tested))
    return runs


def splits_by_names(runs: Iterable[Run]) -> dict[tuple[str, str, str, str], tuple[int, ...]]:
    """Return the splits of each (dataset, model, loss, recipe), in the order of the study."""
    found: dict[tuple[str, str, str, str], list[int]] = {}
    for run in runs:
        found.setdefault((run.dataset, run.model, run.loss, run.recipe), []).append(run.split)
    return {names: tuple(sorted(splits)) for names, splits in found.items()}


def _block(raw: dict[str, Any], block: dict[str, Any], where: str) -> Iterator[Run]:
    datasets, models, losses = (
        chosen(block[kind], list(raw[kind]), f"{where}.{kind}")
        for kind in ("datasets", "models", "losses")
    )
    elsewhere = chosen(
        block.get("also_test_on", []), list(raw["datasets"]), f"{where}.also_test_on"
    )
    splits = range(block.get("splits", raw["splits"]))
    for names in product(datasets, models, losses, block["recipes"], splits):
        yield Run(*names, also_test_on=tuple(elsewhere))


def chosen(wanted: str | list[str], known: list[str], where: str) -> list[str]:
    """Return the labels of ``wanted``, which may be 'all'; one that is not known is refused."""
    if wanted == "all":
        return known
    for label in wanted:
        if label not in known:
            near = get_close_matches(label, known, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise InputError(
                f"{where}: {label!r} is not declared in this study, which declares "
                f"{', '.join(known)}{hint}"
            )
    return list(wanted)


def _check_protocols(study: Study) -> None:
    """Refuse two recipes whose protocols share a name and differ: they would share splits."""
    seen: dict[str, tuple[str, Protocol]] = {}
    for name, recipe in study.recipes.items():
        other, protocol = seen.setdefault(recipe.protocol.name, (name, recipe.protocol))
        if protocol != recipe.protocol:
            raise InputError(
                f"recipes {other!r} and {name!r} both name their protocol "
                f"{protocol.name!r} but differ in it; give one another name"
            )


def training_spec(study: Study, run: Run) -> dict[str, Any]:
    """Return all that determines the bits of a training, as plain data.

    Keys: ``run`` (the five names), ``dataset`` (name, size, score facts), ``model`` (name,
    weights, options, prior), ``loss`` (name, options), ``recipe`` (every default written out).
    """
    recipe = study.recipes[run.recipe]
    assert isinstance(recipe, Recipe), f"{run.path} is of a hand-crafted method"
    return {
        "run": {
            "dataset": run.dataset,
            "model": run.model,
            "loss": run.loss,
            "recipe": run.recipe,
            "split": run.split,
        },
        "dataset": {"name": run.dataset, "size": study.raw["datasets"][run.dataset]["size"]},
        "model": model_spec(study, run.model),
        "loss": _named(study.raw["losses"][run.loss], run.loss),
        "recipe": plain(recipe),
    }


def theory_spec(study: Study) -> dict[str, Any]:
    """Return what the step ``gradients`` trains and watches, as plain data."""
    entry, where = study.raw["theory"], f"{study.file}: theory"
    for kind in ("dataset", "model"):
        chosen([entry[kind]], list(study.raw[f"{kind}s"]), f"{where}.{kind}")
    model = model_spec(study, entry["model"])
    if model["prior"]:
        raise InputError(f"{where}.model: {entry['model']!r} starts from a prior; name another")
    losses = chosen(entry["losses"], list(study.raw["losses"]), f"{where}.losses")
    recipe = study.recipes[entry["recipe"]]
    if not isinstance(recipe, Recipe):
        raise InputError(f"{where}.recipe: {entry['recipe']!r} is of hand-crafted methods")
    if recipe.frozen_stem:
        raise InputError(f"{where}.recipe: {entry['recipe']!r} has a frozen_stem; freeze would do")
    return {
        "model": model,
        "losses": {label: _named(study.raw["losses"][label], label) for label in losses},
        "recipe": plain(recipe),
        "every": entry["every"],
    }


def model_spec(study: Study, label: str) -> dict[str, Any]:
    """Return the name, weights, options and prior of a declared model."""
    entry = study.raw["models"][label]
    prior = entry.get("prior", "")
    if prior and prior not in study.priors:
        raise InputError(
            f"{study.file}: models.{label}.prior: {prior!r} is not declared under priors, "
            f"which has {', '.join(study.priors) or 'none'}"
        )
    recipe = study.priors[prior]["recipe"] if prior else ""
    return {
        **_named(entry, label),
        "weights": entry.get("weights", "none"),
        "prior": {"name": prior, "kind": study.prior_recipes[recipe].kind} if prior else None,
    }


def _named(entry: dict[str, Any], label: str) -> dict[str, Any]:
    return {"name": entry.get("name", label), "options": entry.get("options", {})}
