"""What a run was made of, and the files that come out of it."""

import json
import platform
import subprocess
import time
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd
from safetensors.torch import save
from torch import Tensor

from biqa.files import sha256_of, whole_file, write_json, write_table
from biqa.models.quality import QualityModel
from biqa.pictures.prepared import identity_of
from biqa.pictures.store import Pictures
from biqa.training.loop import Progress
from biqa.training.views import Indices

LIBRARIES = ("torch", "torchvision", "timm", "numpy", "scipy", "pandas")


def provenance(device: str, started: float) -> dict[str, Any]:
    """Return where and with what something was trained; ``started`` is a ``time.time()``."""
    return {
        "device": device,
        "machine": f"{platform.system()} {platform.machine()}, Python {platform.python_version()}",
        "libraries": {name: version(name) for name in LIBRARIES},
        "commit": _commit(),
        "seconds": round(time.time() - started, 1),
        "cpu_seconds": round(time.process_time(), 1),
        "peak_memory_mb": peak_memory_mb(),
        "finished": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }


def peak_memory_mb() -> int:
    """Return the most memory that this process has held; -1 where the system does not say.

    Linux keeps it for each program; what ``getrusage`` gives includes the parent's from before.
    """
    try:
        lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return -1
    return next((int(line.split()[1]) // 1024 for line in lines if line.startswith("VmHWM")), -1)


def starting_point(model: QualityModel) -> dict[str, Any]:
    """Return where a model's first weights came from, and how many parameters it has."""
    return {
        "weights": [asdict(record) for record in model.weights_records],
        "parameters": sum(weight.numel() for weight in model.parameters()),
    }


def made_of(pictures: Path, split: Path) -> dict[str, str]:
    """Return the SHA-256 of a run's pixels, labels and split.

    ``pictures`` is a prepared folder, ``split`` a file.
    """
    return {**identity_of(pictures), "split": sha256_of(split)}


def _commit() -> str:
    """Return the commit of the checkout we run in, marked where code or config differ; or ''."""
    commit = _git("rev-parse", "--short=12", "HEAD")
    differs = _git("status", "--porcelain", "--", "src", "config", "workflow", "Snakefile")
    return f"{commit}-dirty" if differs else commit


def _git(*words: str) -> str:
    try:
        done = subprocess.run(["git", *words], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return ""
    return done.stdout.strip()


def write_weights(path: Path, weights: dict[str, Tensor], facts: dict[str, str]) -> None:
    """Write weights as safetensors, with ``facts`` in the header."""
    content = save({name: value.contiguous() for name, value in weights.items()}, facts)
    with whole_file(path) as aside:
        aside.write_bytes(content)


def write_run(
    folder: Path,
    progress: Progress,
    store: Pictures,
    parts: dict[str, Indices],
    record: dict[str, Any],
) -> None:
    """Write a finished training: weights, scores by epoch, history, and last the record."""
    facts = {"spec": json.dumps(record["spec"], sort_keys=True)}
    write_weights(folder / "weights.safetensors", progress.chosen_weights, facts)
    write_table(folder / "epochs.csv.gz", epoch_scores(progress, store, parts))
    write_table(folder / "history.csv", pd.DataFrame(progress.history))
    write_json(folder / "record.json", record)


def epoch_scores(progress: Progress, store: Pictures, parts: dict[str, Indices]) -> pd.DataFrame:
    """Return columns name, part, epoch_1 ... epoch_E: predictions on validation and test.

    A model that was not trained has epoch_0 alone.
    """
    tables = []
    for part in ("validation", "test"):
        if not len(parts[part]):
            continue
        table = pd.DataFrame({"name": store.labels["name"].to_numpy()[parts[part]], "part": part})
        for row, predicted in zip(progress.history, progress.predicted, strict=True):
            table[f"epoch_{row['epoch']}"] = rounded(predicted[part])
        tables.append(table)
    return pd.concat(tables, ignore_index=True)


def rounded(predicted: Any) -> list[float]:
    """Return scores with the seven digits that single precision holds."""
    return [float(f"{score:.7g}") for score in predicted]
