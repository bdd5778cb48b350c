"""Killed in any step at any moment, one plain snakemake gives the bytes of an undisturbed run.

A whole study with the real rules and steps, only small. Each time the outputs of one step are
removed, and once snakemake has started that step, it is killed with all that it has started.
"""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from killed import N_KILLS
from small_study import RECIPE, write_study
from snakemake.cli import main as snakemake_main
from test_snakemake import MINIATURE, RUNS, copy_workflow

pytestmark = pytest.mark.slow
RESULTS = "results/miniature"
RUN = f"{RESULTS}/runs/{RUNS['mse']}"
LOGS = f"{RESULTS}/logs"
PAGE = f"{RESULTS}/report/index.html"  # needs all that was removed before
# What is removed before each kill, the log with which the job begins, and its rule.
STEPS = {
    "prepare": [("data/prepared/demo_mixed/48x48/*", "data/logs/prepare/*", "prepare")],
    "train": [(f"{RUN}/*", f"{LOGS}/train/{RUNS['mse']}.log", "train")],
    "predict": [(f"{RUN}/predictions.csv.gz", f"{LOGS}/predict/{RUNS['mse']}.log", "predict")],
    "publish": [
        (f"{RESULTS}/metrics.csv", f"{LOGS}/evaluate.log", "evaluate"),
        (f"{RESULTS}/tables/*", f"{LOGS}/table/*", "table"),
        (f"{RESULTS}/figures/*", f"{LOGS}/figure/*", "figure"),
        (PAGE, f"{LOGS}/report.log", "report"),
    ],
}
CLOCK = {  # what a record says of its machine
    *("seconds", "seconds_training", "seconds_judging"),
    *("finished", "cpu_seconds", "peak_memory_mb"),
}
PATIENCE = 600  # seconds; a busy machine is slow


def until(holds: Callable[[], object], what: str) -> None:
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, f"waited {PATIENCE} s for {what}"
        time.sleep(0.005)


class Study:
    """A folder with the study, and a warm process that outlives the killed workflows."""

    def __init__(self, root: Path, warm: int) -> None:
        self.root, self.warm = root, warm

    def start(self) -> int:
        """Start snakemake in a group of its own, as a fork that has loaded it already."""
        number = os.fork()
        if number == 0:
            os.setsid()
            sys.stdout = sys.stderr = (self.root / "said").open("a", buffering=1)
            for stream in (1, 2):
                os.dup2(sys.stdout.fileno(), stream)
            status = 1
            try:
                status = snakemake_main(["--cores", "2", "--config", "study=miniature"]) or 0
            except SystemExit as end:
                status = int(bool(end.code))
            finally:
                os._exit(status)
        return number

    def rebuild(self) -> None:
        """Let one plain snakemake run to its end."""
        _, status = os.waitpid(self.start(), 0)
        assert status == 0, (self.root / "said").read_text()[-4000:]

    def kill(self, snakemake: int) -> None:
        """Kill a snakemake, the steps that it has started, and what these have forked."""
        os.killpg(snakemake, signal.SIGKILL)
        children = Path(f"/proc/{self.warm}/task/{self.warm}/children").read_text()
        for child in children.split():
            with suppress(ProcessLookupError):  # it has just ended by itself
                os.kill(int(child), signal.SIGKILL)
        os.waitpid(snakemake, 0)

    def notes(self, kind: str) -> list[Path]:
        return [file for file in (self.root / ".snakemake" / kind).rglob("*") if file.is_file()]

    def seconds(self) -> dict[str, float]:
        """Return how long the last job of each rule took, by Snakemake's notes."""
        notes = [json.loads(file.read_text()) for file in self.notes("metadata")]
        return {note["rule"]: note["endtime"] - note["starttime"] for note in notes}

    def outputs(self) -> dict[str, bytes]:
        """Return the content of all that the study has made."""
        files = [*self.root.glob("data/**/*"), *self.root.glob(f"{RESULTS}/**/*")]
        made = [file for file in files if file.is_file() and "logs" not in file.parts]
        return {file.relative_to(self.root).as_posix(): file.read_bytes() for file in made}


def without_clock(record: bytes) -> dict[str, object]:
    return {key: value for key, value in json.loads(record).items() if key not in CLOCK}


@pytest.fixture
def study(tmp_path, monkeypatch):
    """Return the study, rebuilt from nothing."""
    copy_workflow(tmp_path)
    (tmp_path / "profiles").symlink_to("workflow/profiles")  # the default one holds no lock
    write_study(tmp_path, MINIATURE, name="miniature", short=RECIPE)
    snakefile = tmp_path / "Snakefile"
    text = snakefile.read_text(encoding="utf-8")
    assert "        start()\n" in text
    snakefile.write_text(text.replace("        start()\n", "        pass\n"), encoding="utf-8")
    with tempfile.TemporaryDirectory() as place:  # the address of a socket must be short
        address = Path(place) / "door" / "warm"
        address.parent.mkdir()
        environment = {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "PYTHONPATH": str(tmp_path / "src"),
            "XDG_CACHE_HOME": str(tmp_path / "cache"),
            "BIQA_WARM": str(address),
        }
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.chdir(tmp_path)
        words = ["warm", "--socket", str(address), "--watch", str(os.getpid())]
        with subprocess.Popen([sys.executable, "-m", "biqa", *words]) as warm:
            try:
                until(address.exists, "the warm process")
                made = Study(tmp_path, warm.pid)
                made.rebuild()
                yield made
            finally:
                warm.kill()


def killed_in(study: Study, step: str, seconds: dict[str, float], rng: random.Random) -> bool:
    """Kill snakemake in a step; say whether the step was at work."""
    outputs, logs, rule = rng.choice(STEPS[step])
    for pattern in (outputs, logs, PAGE):
        for file in study.root.glob(pattern):
            file.unlink()
    snakemake = study.start()
    until(lambda: any(study.root.glob(logs)), f"{rule} to begin")
    time.sleep(rng.random() * seconds[rule])
    study.kill(snakemake)
    return bool(study.notes("incomplete"))


def test_a_study_killed_at_random_moments_of_each_step_ends_with_the_same_bytes(study):
    whole, seconds = study.outputs(), study.seconds()
    for made in ("data/prepared", "data/splits", "results"):
        shutil.rmtree(study.root / made)
    rng = random.Random(20261127)
    for step in STEPS:
        n_killed, n_tried = 0, 0
        while n_killed < N_KILLS:
            n_killed += killed_in(study, step, seconds, rng)
            n_tried += 1
            assert n_tried < 10 * N_KILLS, f"{step}: killed at work {n_killed} times only"
    study.rebuild()
    again = study.outputs()
    records = [name for name in whole if name.endswith("/record.json")]
    for name in records:
        assert without_clock(again[name]) == without_clock(whole[name])
        time_made = (study.root / name).stat().st_mtime
        (study.root / name).write_bytes(whole[name])
        os.utime(study.root / name, (time_made, time_made))
    (study.root / PAGE).unlink()  # it prints the clocks of the records, which are the former now
    study.rebuild()
    assert study.outputs() == whole
