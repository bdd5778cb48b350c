"""Snakemake's ``--touch`` for thousands of jobs; restamp calls it as a program.

As it is, it sleeps 0.1 s a job, takes n * n steps to choose among n ready jobs, and reads every
input of a job again for each of its outputs. Nothing of that is needed where nothing runs.
"""

import gc
import os
from collections.abc import Sequence
from functools import cache
from typing import Any


def main(words: Sequence[str]) -> None:
    """Call snakemake, hastened, with the words of its command line."""
    from snakemake.cli import main as snakemake

    gc.disable()  # all jobs are kept to the end: there is no garbage to look for among them
    _hasten_jobs()
    _hasten_checksums()
    _hasten_inputs()
    snakemake(list(words))


def _hasten_jobs() -> None:
    """Take all ready jobs at once, without a pause after or a line about each."""
    from snakemake.executors.touch import Executor
    from snakemake.scheduling.greedy import Scheduler

    assert Executor.SLEEPING_TIME
    assert Executor.run_job_pre
    assert Scheduler.select_jobs
    Executor.SLEEPING_TIME = 0
    Executor.run_job_pre = lambda *_: None
    Scheduler.select_jobs = lambda _, ready, *others: list(ready)


def _hasten_checksums() -> None:
    """Read a file once, as long as its time and size stay."""
    from snakemake.io import _IOFile

    read = _IOFile.checksum
    known: dict[Any, str | None] = {}

    async def checksum(file: Any, *given: Any, **named: Any) -> str | None:
        try:
            there = os.stat(file.file)
        except FileNotFoundError:
            return await read(file, *given, **named)
        key = (str(file), there.st_size, there.st_mtime_ns, given, *sorted(named.items()))
        if key not in known:
            known[key] = await read(file, *given, **named)
        return known[key]

    _IOFile.checksum = checksum


def _hasten_inputs() -> None:
    """Look once at what parameters a rule's functions have, and not once a job."""
    from snakemake import common, rules

    assert rules.get_function_params is common.get_function_params
    common.get_function_params = rules.get_function_params = cache(common.get_function_params)
