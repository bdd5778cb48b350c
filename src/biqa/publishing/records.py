"""What the records of the runs say, as a reader of the report wants it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from biqa.publishing import miniatures
from biqa.publishing.gradients import FILE, read_maps, strip
from biqa.publishing.names import CHOICE_LABELS
from biqa.publishing.results import read_curves, read_predictions
from biqa.publishing.wide import NONE, number

PARTS = ("train", "validation", "test")
DIVISIONS = {  # what a protocol divides, by its key ``by``
    "reference_or_picture": "seeded random parts",
    "official": "official parts",
    "official_test": "official test part, the rest by seed",
    "subset": "whole subsets",
    "distortion": "one distortion left out",
}

Records = Mapping[str, Mapping[str, Any]]  # by the path of the run


@dataclass(frozen=True)
class RunLine:
    """One run in the index of the report."""

    path: str
    anchor: str
    epoch: str
    choose: str
    srcc: str
    plcc: str
    seed: str
    device: str
    seconds: str
    code: str
    spec: str
    command: str
    curve: str  # a drawing, as SVG
    scatter: str  # likewise
    maps: str  # pictures above their gradient maps, as a data address; '' where there are none


def run_lines(metrics: pd.DataFrame, records: Records, results: Path) -> list[RunLine]:
    """Return one line a run, in the order of its files; merits are the protocol's choice."""
    own = metrics[metrics["protocol_choice"] & (metrics["tested_on"] == metrics["dataset"])]
    curves = dict(list(read_curves(results).groupby("run")))
    return [
        _line(row, records[row["run"]], curves[row["run"]], results)
        for _, row in own.sort_values("run").iterrows()
    ]


def pictures_here(metrics: pd.DataFrame, results: Path) -> dict[str, int]:
    """Return how many pictures of each database there were, as far as runs were made with it."""
    found: dict[str, int] = {}
    for (dataset, tested_on), rows in metrics.groupby(["dataset", "tested_on"]):
        if not {dataset, tested_on} <= found.keys():
            predictions = read_predictions(results, rows["run"].iloc[0])
            counts = predictions["dataset"].value_counts()
            found.update({str(name): int(counts[name]) for name in counts.index})
    return found


def making_of(results: Path, *files: str) -> str:
    """Return the command that makes the named files of a study again."""
    targets = " ".join(f"results/{results.name}/{file}" for file in files)
    return f"snakemake --cores 2 --config study={results.name} -- {targets}"


def _line(row: pd.Series, record: Mapping[str, Any], curve: pd.DataFrame, results: Path) -> RunLine:
    run = row["run"]
    collapsed = row["status"] == "collapsed"
    srcc, plcc = ("collapsed", NONE) if collapsed else (number(row["srcc"]), number(row["plcc"]))
    return RunLine(
        path=run,
        anchor=anchor(run),
        epoch=f"{record['epoch_chosen']} of {record['epochs']}",
        choose=CHOICE_LABELS[record["choose"]],
        srcc=srcc,
        plcc=plcc,
        seed=str(record.get("seed", NONE)),
        device=record["device"],
        seconds=f"{record['seconds']:,.0f}",
        code=" ".join(filter(None, (record.get("code", ""), record.get("commit", "")))) or NONE,
        spec=yaml.safe_dump(
            {key: value for key, value in record["spec"].items() if key != "run"},
            default_flow_style=None,
            sort_keys=False,
            width=90,
        ),
        command=making_of(results, f"{run}/predictions.csv.gz"),
        curve=miniatures.learning_curve(curve),
        scatter=miniatures.predictions(read_predictions(results, run)),
        maps=strip(read_maps(results, run)) if (results / run / FILE).is_file() else "",
    )


def anchor(run: str) -> str:
    """Return the id of a run in the page: its path without the folder that all share."""
    return run.removeprefix("runs/")


def distinct(records: Records, key: str) -> list[str]:
    """Return the different values that the records have for ``key``, sorted."""
    return sorted({str(record[key]) for record in records.values() if record.get(key)})


def libraries(records: Records) -> list[tuple[str, str]]:
    """Return each library that the runs used, with its version or versions."""
    found: dict[str, set[str]] = {}
    for record in records.values():
        for name, version in record.get("libraries", {}).items():
            found.setdefault(name, set()).add(version)
    return [(name, ", ".join(sorted(found[name]))) for name in sorted(found)]


def protocols(records: Records) -> list[tuple[str, str, list[str]]]:
    """Return each protocol, what it divides and which epoch it judges, and the recipes under it."""
    found: dict[tuple[str, str], set[str]] = {}
    for record in records.values():
        protocol = record["spec"]["recipe"]["protocol"]
        parts = ", ".join(f"{protocol[part]:.0%} {part}" for part in PARTS)
        by = DIVISIONS[protocol.get("by", "reference_or_picture")]
        if protocol.get("together", "nothing") == "near_duplicates":
            by += ", near-duplicates on one side"
        said = f"{by}, {parts}; {_epochs(record, protocol['choose'])}"
        found.setdefault((protocol["name"], said), set()).add(record["run"]["recipe"])
    return sorted((name, said, sorted(recipes)) for (name, said), recipes in found.items())


def _epochs(record: Mapping[str, Any], choose: str) -> str:
    if record["spec"]["recipe"].get("kind") or not record["epochs"]:
        return "no epochs"
    plural = "s" if record["epochs"] > 1 else ""
    return f"judged at: {CHOICE_LABELS[choose]}; {record['epochs']} epoch{plural}"


def duration(records: Iterable[Mapping[str, Any]]) -> str:
    """Return the time that all trainings took together, in hours or minutes."""
    minutes = sum(record["seconds"] for record in records) / 60
    return f"{minutes / 60:.1f} hours" if minutes >= 90 else f"{minutes:.0f} minutes"
