"""A figure of a study, by its kind."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from biqa.errors import InputError
from biqa.publishing import (
    choice,
    convergence,
    density,
    gradients,
    noise,
    plane,
    scatter,
    size,
    speed,
    spread,
    sweep,
)
from biqa.publishing.artefacts import Runs, selected_runs
from biqa.publishing.cells import merits
from biqa.publishing.compared import paired
from biqa.publishing.gradients import read_maps
from biqa.publishing.names import Facts
from biqa.publishing.results import (
    of_runs,
    read_curves,
    read_metrics,
    read_predictions,
    read_record,
)

KINDS = {
    "convergence": convergence.drawn,
    "spread": spread.drawn,
    "scatter": scatter.drawn,
    "choice": choice.drawn,
    "density": density.drawn,
    "plane": plane.drawn,
    "size": size.drawn,
    "speed": speed.drawn,
    "noise": noise.drawn,
    "sweep": sweep.drawn,
    "gradients": gradients.drawn,
}
CURVES = ("convergence", "speed")  # drawn from curves.csv
OF_PICTURES = ("scatter", "density", "gradients")  # drawn from single pictures of one split


def figure(
    artefact: Mapping[str, Any],
    results: Path,
    planned: Runs,
    facts: Facts,
    *,
    published: Path,
    where: str,
    sweeps: sweep.Sweeps | None = None,
) -> Figure:
    """Return the figure that the artefact declares, drawn from the files in ``results``.

    ``sweeps`` are those of the study, which a figure of kind 'sweep' takes its values from.
    Draw it and save it within ``biqa.publishing.style.styled``.
    """
    found = evidence(artefact, results, planned, where)
    match artefact["kind"]:
        case "convergence":
            return convergence.convergence(artefact, found, facts, published)
        case "spread":
            return spread.spread(artefact, found, facts)
        case "choice":
            return choice.choice(artefact, found, facts)
        case "noise":
            return noise.noise(artefact, found, facts)
        case "speed":
            return speed.speed(artefact, found, facts, published)
        case "plane":
            return plane.plane(artefact, found, facts)
        case "sweep":
            return sweep.sweep(artefact, found, facts, sweeps or {}, where)
        case "gradients":
            rows = found[artefact.get("rows", "loss")]
            maps = [read_maps(results, run) for run in found["run"]]
            return gradients.gradients(artefact, dict(zip(rows, maps, strict=True)))
        case "size":
            parameters = [_parameters(results, run) for run in found["run"]]
            return size.size(artefact, found.assign(parameters=parameters), facts)
        case "scatter" | "density" as kind:
            shown = _predictions(found, results, artefact.get("rows", "loss"))
            draw = scatter.scatter if kind == "scatter" else density.density
            return draw(artefact, shown, facts[found["tested_on"].iloc[0]])
    raise InputError(f"{where}: unknown kind {artefact['kind']!r}; there is {', '.join(KINDS)}")


def evidence(artefact: Mapping[str, Any], results: Path, planned: Runs, where: str) -> pd.DataFrame:
    """Return the rows of metrics.csv or curves.csv that the figure shows; each names its run."""
    if artefact["kind"] in CURVES:
        wanted = selected_runs(planned, artefact, where)
        found = of_runs(read_curves(results), wanted, where)
        column = f"{artefact.get('part', 'test')}_{artefact.get('metric', 'srcc')}"
        if column not in found.columns:
            raise InputError(f"{where}: curves.csv has no column {column!r}")
        return paired(found.assign(tested_on=found["dataset"]), artefact)
    found = merits(artefact, read_metrics(results), planned, where)
    return _first_split(found, artefact, where) if artefact["kind"] in OF_PICTURES else found


def _first_split(found: pd.DataFrame, artefact: Mapping[str, Any], where: str) -> pd.DataFrame:
    """Return the rows of the first split, which must differ in the figure's rows alone."""
    first = found[found["split"] == found["split"].min()]
    rows = artefact.get("rows", "loss")
    for key in ("dataset", "tested_on", "model", "loss", "recipe"):
        if key != rows and len(set(first[key])) > 1:
            several = ", ".join(sorted(set(first[key])))
            raise InputError(
                f"{where}: a {artefact['kind']} shows one {key}, found {several}; name one"
            )
    return first


def _parameters(results: Path, run: str) -> int:
    """Return how many parameters the network of a run has, as its record says."""
    record = read_record(results, run)
    if "parameters" not in record:
        raise InputError(f"{results / run}/record.json: no 'parameters'; train the run again")
    return record["parameters"]


def _predictions(found: pd.DataFrame, results: Path, rows: str) -> pd.DataFrame:
    """Return the predictions on the training part and, as part 'judged', on what is shown."""
    parts = []
    for _, run in found.iterrows():
        table = read_predictions(results, run["run"])
        part = "test" if run["tested_on"] == run["dataset"] else "cross"
        judged = (table["part"] == part) & (table["dataset"] == run["tested_on"])
        table.loc[judged, "part"] = "judged"
        parts.append(table.assign(row=run[rows]))
    return pd.concat(parts, ignore_index=True)
