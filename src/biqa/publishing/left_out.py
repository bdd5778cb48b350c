"""Tables whose rows are the distortions that were left out, after MetaIQA's Table 2."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from biqa.datasets.definition import Dataset
from biqa.errors import InputError
from biqa.publishing.names import Facts
from biqa.publishing.results import read_record

ROWS = "left_out"
AVERAGE = "Average"  # the last row, as MetaIQA (Zhu et al., CVPR 2020, Table 2) calls it


def with_left_out(
    artefact: Mapping[str, Any], metrics: pd.DataFrame, results: Path, facts: Facts
) -> pd.DataFrame:
    """Return ``metrics`` with the column ``left_out`` where the artefact's rows ask for it.

    It names the distortion that the run's split tests on; it is empty for runs of other recipes
    than the artefact's, which have to divide by distortion.
    """
    if artefact.get("rows") != ROWS:
        return metrics
    asked = metrics["recipe"].isin(artefact.get("recipes", set(metrics["recipe"])))
    runs = metrics[asked].drop_duplicates("run").set_index("run")["dataset"]
    names = {
        run: _left_out(read_record(results, str(run)), facts[name]) for run, name in runs.items()
    }
    return metrics.assign(left_out=metrics["run"].map(names))


def with_average(found: pd.DataFrame, artefact: Mapping[str, Any], where: str) -> pd.DataFrame:
    """Return the selected rows once more under the name of the average."""
    if artefact.get("statistic") != "mean":
        raise InputError(
            f"{where}: rows are {ROWS}, and the last of them is the average: write statistic: mean"
        )
    return pd.concat([found, found.assign(left_out=AVERAGE)], ignore_index=True)


def _left_out(record: Mapping[str, Any], facts: Dataset) -> str:
    """Return the distortion that a run was tested on, by its protocol and split."""
    protocol, split = record["spec"]["recipe"]["protocol"], record["run"]["split"]
    if protocol.get("by") != "distortion":
        raise InputError(
            f"run of recipe {record['run']['recipe']!r}: its protocol {protocol['name']!r} leaves "
            f"no distortion out; tables with rows: {ROWS} need by: distortion"
        )
    return (protocol["distortions"] or sorted(facts.distortions))[split]
