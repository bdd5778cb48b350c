"""A study of three jobs for a real Slurm: each notes what it was given, and behaves as told."""

import os
import subprocess
import sys
import time
from pathlib import Path

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
QUICK = ["--slurm-init-seconds-before-status-checks", "1", "--seconds-between-status-checks", "1"]
SMALL = ["--set-resources", "train:mem_mb=100*attempt", "--latency-wait", "5"]


def write_study(folder: Path, job: str) -> None:
    """Write the workflow whose every job runs the shell lines ``job`` with run, output, memory."""
    (folder / "Snakefile").write_text(SNAKEFILE)
    (folder / "job.sh").write_text(f'set -e\nrun="$1" output="$2" memory="$3"\n{job}')
    (folder / "workflow").mkdir()
    (folder / "workflow" / "profiles").symlink_to(REPOSITORY / "workflow" / "profiles")
    (folder / "profiles").symlink_to("workflow/profiles")


def start(folder: Path, *words: str) -> subprocess.Popen:
    """Start snakemake on Slurm, its output in the file ``said``; in a session of its own."""
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "PYTHONPATH": f"{REPOSITORY / 'src'}:{os.environ.get('PYTHONPATH', '')}",
        "XDG_CACHE_HOME": str(folder / "cache"),
    }
    profile = ["--workflow-profile", "workflow/profiles/slurm"]
    with (folder / "said").open("a") as said:
        return subprocess.Popen(
            [sys.executable, "-m", "snakemake", *profile, *QUICK, *SMALL, *words],
            **{"cwd": folder, "env": environment, "stdout": said, "stderr": said},
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )


def run(folder: Path, *words: str, patience: float = 120) -> str:
    """Let snakemake finish on Slurm; return what it said."""
    status = start(folder, *words).wait(patience)
    said = (folder / "said").read_text()
    assert status == 0, said
    return said


def slurm(*words: str) -> str:
    """Call one of Slurm's tools."""
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout


def until(holds, what: str, patience: float = 60) -> None:
    """Wait for something that takes Slurm a moment."""
    end = time.monotonic() + patience
    while not holds():
        assert time.monotonic() < end, f"waited {patience} s for {what}\n{slurm('squeue')}"
        time.sleep(0.1)
