"""A step ends with the snakemake that asked for it, and nobody else works beside one that goes on.

Snakemake is killed alone here, without its jobs; the steps are real ones, and sleep in place of
their work.
"""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from toy import REPOSITORY

from biqa.errors import InputError
from biqa.files import whole_file
from biqa.seam import steps
from biqa.seam.leftovers import ASIDE
from biqa.seam.lock import folder_lock
from biqa.seam.steps import NOTES, announce_workflow, join_workflow, refuse_steps

PATIENCE = 180  # seconds; a busy machine is slow
SNAKEFILE = """\
from biqa.seam.lock import hold_folder
from biqa.seam.steps import announce_workflow
from biqa.warm.start import start

announce_workflow()

onstart:
    hold_folder()
    if config.get("warm"):
        start()

rule all:
    output: "number"
    shell: "{sleeper} {{output}}"
"""
SLEEPER = """\
import os, sys, time
import biqa.__main__ as step
def work(words):
    open(words[0], "w").write(str(os.getpid()))
    time.sleep(float(words[1]))
    return 0
step.main = work
sys.exit(step.main_or_warm())
"""


def until(holds, what):
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, f"waited {PATIENCE} s for {what}"
        time.sleep(0.02)


def is_running(number: int) -> bool:
    try:
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


@pytest.fixture
def sleeper(tmp_path):
    """Return the command of a step that writes its number to a file and sleeps for ever."""
    script = tmp_path / "sleeper.py"
    script.write_text(SLEEPER)
    return [sys.executable, str(script)]


@pytest.fixture
def workflow(tmp_path, sleeper, monkeypatch):
    """Start a snakemake with one step; return it and the number of the step's process."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(REPOSITORY / "src"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    command = " ".join(sleeper)
    text = SNAKEFILE.format(sleeper=command).replace("{output}", "{output} 600")
    (tmp_path / "Snakefile").write_text(text)
    words = [sys.executable, "-m", "snakemake", "-c1", "--nolock", "--quiet", "all"]
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    number = tmp_path / "number"
    until(lambda: number.is_file() and number.read_text(), "the step")
    yield process, int(number.read_text())
    process.kill()
    process.wait()


@pytest.mark.slow
def test_a_step_ends_with_the_snakemake_that_is_killed_alone(workflow, tmp_path):
    snakemake, step = workflow
    assert is_running(step)
    assert "sleeper" not in (said := next(NOTES.iterdir()).read_text())
    assert said.startswith(f"process {step} on ")
    snakemake.send_signal(signal.SIGKILL)
    snakemake.wait()
    with folder_lock(tmp_path):
        assert not is_running(step), "the folder is ours, so nobody else works in it"
    assert not list(NOTES.iterdir())


@pytest.mark.slow
def test_a_step_that_does_not_end_keeps_the_folder(workflow, tmp_path, monkeypatch):
    snakemake, step = workflow
    monkeypatch.setattr(steps, "PATIENCE", 0.3)
    os.kill(step, signal.SIGSTOP)  # as one that waits for a slow disk
    snakemake.send_signal(signal.SIGKILL)
    snakemake.wait()
    with pytest.raises(InputError, match=rf"process {step} on .* still works in .* has ended; "):
        refuse_steps(tmp_path)
    with pytest.raises(InputError, match="still works"), folder_lock(tmp_path):
        pass
    os.kill(step, signal.SIGCONT)
    monkeypatch.setattr(steps, "PATIENCE", PATIENCE)
    with folder_lock(tmp_path):
        assert not is_running(step)


def test_a_step_whose_snakemake_has_ended_does_not_begin(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with subprocess.Popen(["true"]) as gone:
        gone.wait()
        monkeypatch.setenv(steps.WORKFLOW, f"{gone.pid} 1")
        with pytest.raises(InputError, match=f"asked for this, process {gone.pid}, has ended"):
            join_workflow(["train"])
    assert not list(NOTES.iterdir())


def test_a_process_that_got_the_number_of_an_ended_snakemake_is_not_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(steps.WORKFLOW, f"{os.getpid()} 1")
    with pytest.raises(InputError, match="has ended"):
        join_workflow(["train"])


def test_a_step_called_by_hand_belongs_to_no_workflow(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(steps.WORKFLOW, raising=False)
    assert join_workflow(["train"]) is None
    assert not NOTES.exists()


def test_notes_of_steps_that_have_ended_are_no_obstacle_and_go(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    NOTES.mkdir(parents=True)
    (NOTES / "elsewhere-7").write_text("process 7 on elsewhere (biqa train)")
    refuse_steps(tmp_path)
    assert not list(NOTES.iterdir())


def test_what_a_killed_step_wrote_aside_goes_and_nothing_else_does(tmp_path):
    """A living process goes on with its file, and a download with what has come so far."""
    with subprocess.Popen(["true"]) as gone:
        gone.wait()
    run = tmp_path / "results" / "demo" / "runs" / "split0"
    run.mkdir(parents=True)
    (tmp_path / "data").mkdir()
    left = [run / f".weights.safetensors.{gone.pid}.part", run / f".history.csv.{gone.pid}.part"]
    kept = [
        run / f".record.json.{os.getpid()}.part",
        run / "history.csv",
        tmp_path / "data" / ".demo.archive.12345678.part",
        tmp_path / f".notes.{gone.pid}.part",
    ]
    for file in (*left, *kept):
        file.touch()
    with folder_lock(tmp_path):
        assert [file for file in left if file.exists()] == []
        assert [file for file in kept if not file.exists()] == []


def test_files_are_written_aside_under_the_names_that_are_looked_for(tmp_path):
    with whole_file(tmp_path / "weights.safetensors") as aside:
        aside.touch()
        found = ASIDE.fullmatch(aside.name)
    assert found
    assert int(found[1]) == os.getpid()


def test_the_snakefile_announces_itself_in_every_snakemake_not_only_the_first():
    """Jobs on a cluster run a snakemake of their own, in which ``onstart`` is not called."""
    text = (REPOSITORY / "Snakefile").read_text(encoding="utf-8")
    assert re.search(r"^announce_workflow\(\)$", text, re.M)
    assert text.index("\nannounce_workflow()") < text.index("\nonstart:")


def test_the_announcement_names_this_process_by_number_and_start(monkeypatch):
    monkeypatch.setenv(steps.WORKFLOW, "")
    announce_workflow()
    number, start = os.environ[steps.WORKFLOW].split()
    assert int(number) == os.getpid()
    assert start == Path("/proc/self/stat").read_text().rpartition(")")[2].split()[19]
