"""How long the trainings took, as figures of merit of the runs."""

from pathlib import Path

import pandas as pd

from biqa.publishing.results import read_predictions, read_record


def with_speed(metrics: pd.DataFrame, results: Path) -> pd.DataFrame:
    """Return ``metrics`` with the columns seconds and pictures_per_second of each run.

    Seconds are of the whole training, as its record says; pictures a second are those of the
    training part times the epochs, over these seconds.
    """
    by_run = {run: _speed(results, run) for run in dict.fromkeys(metrics["run"])}
    seconds, rates = zip(*(by_run[run] for run in metrics["run"]), strict=True)
    return metrics.assign(seconds=seconds, pictures_per_second=rates)


def _speed(results: Path, run: str) -> tuple[float, float]:
    record = read_record(results, run)
    n_train = int((read_predictions(results, run)["part"] == "train").sum())
    return float(record["seconds"]), n_train * record["epochs"] / record["seconds"]
