"""A study of three jobs for a real Slurm: each notes what it was given, and behaves as told."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest
from toy import REPOSITORY

SNAKEFILE = """\
from biqa.seam.lock import hold_folder

onstart:
    hold_folder()

rule all:
    input: expand("out/{run}", run=["a", "b"])

rule train:
    output: "out/{run}"
    resources: mem_mb=100, runtime=5, gpu=int(config.get("gpu", 0))
    shell: "sh job.sh {wildcards.run} {output} {resources.mem_mb}"
"""
PROFILE = ["--workflow-profile", "workflow/profiles/slurm"]
QUICK = ["--slurm-init-seconds-before-status-checks", "1", "--seconds-between-status-checks", "1"]
SMALL = ["--set-resources", "train:mem_mb=100*attempt", "--latency-wait", "5"]
PATIENCE = 900  # seconds; a busy machine is slow
WAITING = "PENDING,CONFIGURING,RUNNING"


def skip_without_slurm() -> None:
    """Skip the test where no Slurm runs, or Snakemake cannot talk to one."""
    if find_spec("snakemake_executor_plugin_slurm") is None:
        pytest.skip("needs snakemake-executor-plugin-slurm: 'make clusters' has it")
    if shutil.which("sinfo") is None or shutil.which("sbatch") is None:
        pytest.skip("needs Slurm: sinfo and sbatch are not on PATH; '.ci/slurm up' starts one")
    nodes = subprocess.run(["sinfo", "-h", "-o", "%T"], capture_output=True, text=True, check=False)
    if nodes.returncode or not nodes.stdout.split():
        pytest.skip("needs Slurm: no controller answers; '.ci/slurm up' starts one")


class SlurmStudy:
    """A folder with the study, and what was started in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._started: list[subprocess.Popen] = []

    def write(self, job: str) -> None:
        """Write the workflow whose every job runs the shell lines with run, output, memory."""
        (self.folder / "Snakefile").write_text(SNAKEFILE)
        lines = f'set -e\nrun="$1" output="$2" memory="$3"\n{job}'
        (self.folder / "job.sh").write_text(lines)
        (self.folder / "workflow").mkdir()
        (self.folder / "workflow" / "profiles").symlink_to(REPOSITORY / "workflow" / "profiles")
        (self.folder / "profiles").symlink_to("workflow/profiles")

    def start(self, *words: str) -> subprocess.Popen:
        """Start snakemake, its output in the file ``said``; in a session of its own."""
        environment = {
            **os.environ,
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "PYTHONPATH": f"{REPOSITORY / 'src'}:{os.environ.get('PYTHONPATH', '')}",
            "XDG_CACHE_HOME": str(self.folder / "cache"),
        }
        with (self.folder / "said").open("a") as said:
            process = subprocess.Popen(
                [sys.executable, "-m", "snakemake", *PROFILE, *QUICK, *SMALL, *words],
                **{"cwd": self.folder, "env": environment, "stdout": said, "stderr": said},
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
        self._started.append(process)
        return process

    def run(self, *words: str) -> None:
        """Let snakemake finish."""
        status = self.start(*words).wait(PATIENCE)
        assert status == 0, self.said()

    def said(self) -> str:
        return (self.folder / "said").read_text()

    def outputs(self) -> dict[str, str]:
        return {path.name: path.read_text() for path in sorted(self.folder.glob("out/*"))}

    def queue(self) -> list[str]:
        """Return the jobs of this folder that wait or run; others are none of our business."""
        lines = slurm("squeue", "-h", "-t", WAITING, "-o", "%i %Z").splitlines()
        jobs = [line.partition(" ") for line in lines]
        return [job for job, _, folder in jobs if folder == str(self.folder)]

    def end(self) -> None:
        """Leave neither a snakemake nor a job."""
        for process in self._started:
            process.kill()
            process.wait()
        if jobs := self.queue():
            slurm("scancel", *jobs)


def slurm(*words: str) -> str:
    """Call one of Slurm's tools."""
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout


def until(holds: Callable[[], object], what: str) -> None:
    """Wait for something that takes Slurm a moment."""
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, f"waited {PATIENCE} s for {what}\n{slurm('squeue')}"
        time.sleep(0.1)
