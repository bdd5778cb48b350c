"""Snakemake's ``--touch`` for thousands of jobs; restamp calls it as a program.

As it is, it sleeps 0.1 s a job, takes n * n steps to choose among n ready jobs, reads every input
of a job again for each of its outputs, marks each output as unfinished and takes the mark away,
and starts an event loop a job. Nothing of that is needed where nothing runs.
"""

import gc
import json
import os
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

GO = "go"  # the line on stdin that main waits for


def main(words: Sequence[str]) -> None:
    """Call snakemake, hastened, with the words of its command line.

    It plans at once, and changes nothing before stdin says ``GO``; where stdin ends without, the
    caller wants nothing any more or is gone, and the status is 1.
    """
    from snakemake.cli import main as snakemake

    gc.disable()  # all jobs are kept to the end: there is no garbage to look for among them
    _hasten_jobs()
    _hasten_checksums()
    _hasten_notes()
    snakemake(list(words))


@cache
def _wait() -> None:
    if sys.stdin.readline().strip() != GO:
        raise SystemExit(1)


def _nothing(*_: Any) -> None:
    pass


def _replace(owner: type, **ours: Any) -> None:
    """Put attributes of ours in the place of Snakemake's, which have to be there."""
    for name, own in ours.items():
        assert hasattr(owner, name), f"this Snakemake has no {owner.__name__}.{name}"
        setattr(owner, name, own)


def _hasten_jobs() -> None:
    """Take all ready jobs at once, and touch their outputs without a pause or a line about each.

    Parameters, which Snakemake computes anew where a job's inputs have become other files, stay.
    """
    from snakemake.executors.touch import Executor, SubmittedJobInfo
    from snakemake.jobs import Job
    from snakemake.scheduling.greedy import Scheduler
    from snakemake.scheduling.job_scheduler import JobScheduler

    def run_job(self: Any, job: Any) -> None:
        for file in job.output:
            if os.path.lexists(file):
                file.touch()
        info = SubmittedJobInfo(job=job)
        self.report_job_submission(info)
        self.report_job_success(info)

    def select(_: Any, ready: Any, *others: Any) -> list[Any]:
        _wait()
        return list(ready)

    _replace(Executor, run_job=run_job, run_job_pre=_nothing)
    _replace(Job, reset_params_and_resources=_nothing)
    _replace(JobScheduler, update_available_resources=_nothing, validate_job=_nothing)
    _replace(Scheduler, select_jobs=select)


def _hasten_checksums() -> None:
    """Read a file once: none changes meanwhile but in its time."""
    from snakemake.io import _IOFile

    read = _IOFile.checksum
    known: dict[Any, str | None] = {}

    async def checksum(file: Any, *given: Any, **named: Any) -> str | None:
        key = (str(file), given, *named.items())
        if key not in known:
            known[key] = await read(file, *given, **named)
        return known[key]

    _replace(_IOFile, checksum=checksum)


def _hasten_notes() -> None:
    """Write each note at once, whatever it said before, and none that a job has begun.

    No job can be broken off here. The notes name no shell command, because none has run;
    Snakemake shows it in its detailed summary and compares the rule's code by itself.
    """
    from snakemake.jobs import Job
    from snakemake.persistence.file import FilePersistence

    def write(notes: Any, key: str, note: Any) -> None:
        path = Path(notes._record_path(notes._metadata_path, key))
        text = json.dumps(dict(note.items()))
        try:
            path.write_text(text)
        except FileNotFoundError:  # a long name is folders
            path.parent.mkdir(parents=True)
            path.write_text(text)

    _replace(Job, shellcmd=None)
    _replace(
        FilePersistence,
        _read_record=_nothing,
        _write_record=write,
        _mark_incomplete=_nothing,
        _get_recorded_starttime=_nothing,  # it is that mark's
    )
