"""Things timed in turn, so that what else the machine does meets all of them alike."""

import platform
import statistics
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pandas as pd

FOLDER = Path("results/bench")


def in_turn(work: Mapping[str, Callable[[], None]], *, rounds: int) -> dict[str, list[float]]:
    """Return the seconds of each piece of work in each round, after one round that is not kept."""
    seconds: dict[str, list[float]] = {name: [] for name in work}
    for number in range(rounds + 1):
        for name, call in work.items():
            started = time.perf_counter()
            call()
            if number:
                seconds[name].append(time.perf_counter() - started)
    return seconds


def ratios(slow: list[float], fast: list[float]) -> dict[str, float]:
    """Return the median, smallest and largest ratio of two timings over the rounds."""
    each = [one / other for one, other in zip(slow, fast, strict=True)]
    return {"ratio": statistics.median(each), "ratio_min": min(each), "ratio_max": max(each)}


def processor() -> str:
    """Return the name of the processor, as the system gives it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if "model name" in line), "")


def write(name: str, rows: list[dict[str, object]]) -> None:
    """Print the rows as a table, and write them to ``results/bench/<name>.csv``."""
    table = pd.DataFrame(rows)
    print(table.to_string(index=False, float_format=lambda value: f"{value:.4g}"), flush=True)
    FOLDER.mkdir(parents=True, exist_ok=True)
    table.to_csv(FOLDER / f"{name}.csv", index=False, float_format="%.5g")
