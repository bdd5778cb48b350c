"""One process at a time works in a folder, and the others are told which; nobody has to unlock."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml
from toy import REPOSITORY

from biqa.errors import InputError
from biqa.seam.lock import LOCK, folder_lock, hold_folder
from biqa.seam.restamp import restamp
from biqa.seam.seal import seal

PYTHON = sys.executable  # before a fixture puts another in its place
HOLD = "import time; from biqa.seam.lock import hold_folder; hold_folder(); time.sleep(60)"


@pytest.fixture
def holder(toy):
    """Return another process that holds the lock of the toy's folder."""
    process = subprocess.Popen([PYTHON, "-c", HOLD])
    deadline = time.monotonic() + 20
    while f"process {process.pid} " not in toy.read(str(LOCK)):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    yield process
    process.kill()
    process.wait()


def test_a_second_snakemake_says_who_works_in_the_folder(toy, holder):
    toy.edit("code/figure.sh", "<title>", "<title>New ")
    before = toy.outputs()
    said = toy.snakemake(status=1)
    assert f"biqa.lock is held by process {holder.pid} of " in said
    assert toy.outputs() == before


@pytest.mark.parametrize("change", [restamp, seal])
def test_nothing_is_stamped_or_sealed_while_jobs_run(toy, holder, change):
    with pytest.raises(InputError, match=rf"held by process {holder.pid} of .* wait until it ends"):
        change(toy.root)


def test_snakemake_takes_the_lock_in_place_of_its_own():
    assert "onstart:\n    hold_folder()\n" in (REPOSITORY / "Snakefile").read_text(encoding="utf-8")
    for profile in (REPOSITORY / "workflow" / "profiles").glob("*/config.yaml"):
        assert yaml.safe_load(profile.read_text(encoding="utf-8"))["nolock"] is True, profile


def test_a_dry_run_may_look_at_any_time(toy, holder, left):
    assert left(toy) == {}


def test_the_lock_of_a_killed_process_is_gone(toy, holder):
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    assert restamp(toy.root).changed == ()


def test_the_lock_is_given_back(tmp_path):
    for _ in range(2):
        with folder_lock(tmp_path):
            assert f"process {os.getpid()} of " in (tmp_path / LOCK).read_text()


def test_a_snakemake_that_its_caller_locked_for_takes_no_lock(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with folder_lock(tmp_path) as environment:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        hold_folder()
    with folder_lock(Path()):
        pass
