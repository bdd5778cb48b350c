"""Seconds of a plan of each study, and of a step that starts cold or in the warm process."""

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

import pandas as pd
from timing import in_turn, processor, ratios, write
from training import make_pictures

from biqa.protocols import Protocol
from biqa.recipes import Recipe, Views, plain
from biqa.warm.client import VARIABLE
from biqa.warm.start import start

PROTOCOL = Protocol("bench", 0.5, 0.25, 0.25, choose="best_validation")


def plan(study: str) -> tuple[float, int]:
    """Return the seconds of a dry run, and the number of jobs it names."""
    command = ["snakemake", "--quiet", "rules", "-n", "--forceall", "--config", f"study={study}"]
    started = time.perf_counter()
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    seconds = time.perf_counter() - started
    found = re.search(r"^total +(\d+)$", done.stdout + done.stderr, re.MULTILINE)
    assert found, done.stdout
    return seconds, int(found[1])


def short_training(folder: Path) -> list[str]:
    """Return the command of a training of one step, which is all start-up."""
    pictures = make_pictures(folder, 16)
    names = pictures.store.labels["name"]
    parts = ["train"] * 8 + ["validation"] * 4 + ["test"] * 4
    pd.DataFrame({"name": names, "part": parts}).to_csv(folder / "split.csv", index=False)
    recipe = Recipe(PROTOCOL, Views(crop=32, test_crop=32), epochs=1, batch_size=8, lr=1e-3)
    spec = {
        "run": {"dataset": "bench", "model": "cnniqa", "loss": "mse", "recipe": "b", "split": 0},
        "model": {"name": "cnniqa", "weights": "none", "options": {}, "prior": None},
        "loss": {"name": "mse", "options": {}},
        "recipe": plain(recipe),
    }
    words = ["--spec", json.dumps(spec), "--pictures", str(folder)]
    words += ["--split", str(folder / "split.csv"), "--output", str(folder / "run")]
    return [sys.executable, "-m", "biqa", "train", *words]


def main() -> None:
    """Measure the plans and the starts; write one table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--studies", nargs="+", default=["demo", "livec", "paper"])
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    rows: list[dict[str, object]] = []
    for study in args.studies:
        each = [plan(study) for _ in range(args.rounds)]
        seconds = [one for one, _ in each]
        rows.append({"what": f"plan of {study}", "jobs": each[0][1], **_spread(seconds)})
    start()
    warm = dict(os.environ)
    cold = {key: value for key, value in warm.items() if key != VARIABLE}
    while not Path(warm[VARIABLE]).exists():
        time.sleep(0.1)
    with tempfile.TemporaryDirectory() as folder:
        command = short_training(Path(folder))
        work = {
            "cold": partial(subprocess.run, command, check=True, env=cold, capture_output=True),
            "warm": partial(subprocess.run, command, check=True, env=warm, capture_output=True),
        }
        timed = in_turn(work, rounds=args.rounds)
    for name, seconds in timed.items():
        rows.append({"what": f"training of one step, {name} start", **_spread(seconds)})
    rows[-1] |= ratios(timed["cold"], timed["warm"])
    write("workflow", [row | {"device": processor()} for row in rows])


def _spread(seconds: list[float]) -> dict[str, float]:
    return {
        "seconds": statistics.median(seconds),
        "seconds_min": min(seconds),
        "seconds_max": max(seconds),
    }


if __name__ == "__main__":
    main()
