"""What a study asks for: its tables and figures, and the runs they may draw on."""

from collections.abc import Mapping
from typing import Any

from biqa.datasets import dataset
from biqa.datasets.definition import Dataset
from biqa.errors import InputError

IDENTIFIERS = ("dataset", "model", "loss", "recipe")  # of a run, beside its split
SELECTORS = ("datasets", "models", "losses", "recipes")  # of an artefact, in the same order

Combination = tuple[str, str, str, str]  # in the order of IDENTIFIERS
Runs = Mapping[Combination, tuple[int, ...]]  # and the splits of each


def declared(study: Mapping[str, Any], kind: str, name: str, where: str) -> dict[str, Any]:
    """Return the declaration of one artefact; ``kind`` is 'tables' or 'figures'."""
    known = study.get(kind, {})
    if name not in known:
        listed = ", ".join(known) or "none"
        raise InputError(f"{where}: {kind}: no {name!r}; there is {listed}")
    return known[name]


def selected_runs(planned: Runs, artefact: Mapping[str, Any], where: str) -> Runs:
    """Return those of ``planned`` that the artefact names; a selector it lacks names all.

    Their order is the artefact's where it names them, the study's elsewhere.
    """
    places: list[dict[str, int]] = []
    for at, key in enumerate(SELECTORS):
        known = list(dict.fromkeys(combination[at] for combination in planned))
        wanted = artefact.get(key, known)
        unknown = [name for name in wanted if name not in known]
        if unknown:
            raise InputError(
                f"{where}: {key}: no run of the study has {unknown[0]!r}; "
                f"there is {', '.join(known)}"
            )
        places.append({name: place for place, name in enumerate(wanted)})

    def rank(combination: Combination) -> list[int]:
        return [place.get(name, -1) for name, place in zip(combination, places, strict=True)]

    chosen = sorted((each for each in planned if -1 not in rank(each)), key=rank)
    if not chosen:
        raise InputError(f"{where}: no run of the study fits all of its selectors")
    return {combination: planned[combination] for combination in chosen}


def facts_of(study: Mapping[str, Any]) -> dict[str, Dataset]:
    """Return the definitions of the study's datasets, by name."""
    return {name: dataset(name) for name in study["datasets"]}
