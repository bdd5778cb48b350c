"""Runs that came with a clone: they count, though what they were made of is not there.

Git keeps a run's record and predictions, not the pictures. Snakemake would train such runs again as
soon as anything else needs the pictures, a new loss for example.
"""

import os
from collections.abc import Callable, Iterable, Mapping
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Protocol

from biqa.pictures.prepared import FACTS
from biqa.seam.content import content_of_file, content_of_run
from biqa.seam.foreign import OLD
from biqa.seam.lock import HELD
from biqa.seam.records import Records

WHOLE = ("history.csv", "epochs.csv.gz", "predictions.csv.gz", "record.json")  # beside weights


class Planned(Protocol):
    """What is asked of the study's plan."""

    runs: Mapping[str, Any]
    stems: Any

    @property
    def results(self) -> str:
        """The folder of the study's results."""

    def prepared(self, dataset: str) -> str:
        """Return the folder of a dataset's pictures."""

    def split_file(self, run: Any) -> str:
        """Return the split of a run."""

    def gradient_files(self) -> list[str]:
        """Return the gradient maps that the study asks for."""


class Inherited:
    """What the rules that make runs ask before they name their inputs."""

    def __init__(self, plan: Planned, workflow: Any, ancient: Callable[[str], Any]) -> None:
        """Ask about the runs of ``plan``; ``workflow`` and ``ancient`` are Snakemake's.

        A call that asks for a run's own files, or uses force, inherits nothing, nor does one of
        DVC, restamp or seal: they look at the content of all files.
        """
        self._plan = plan
        self._workflow = workflow
        self._ancient = ancient

    def pictures(self, run: str) -> list[Any]:
        """Return the pictures that ``run`` learns from as an input of its rules."""
        return self.inputs(run, self._facts(run))

    def split(self, run: str) -> list[Any]:
        """Return the split of ``run`` as an input of its rules."""
        return self.inputs(run, self._plan.split_file(self._plan.runs[run]))

    def stem(self, run: str) -> list[Any]:
        """Return the stem that ``run`` learns from as an input, if it does; always ancient."""
        facts = self._plan.stems.facts(run)
        there = facts if self._content(run) is None else _existing(facts)
        return [self._ancient(file) for file in there]

    def inputs(self, run: str, *files: str) -> list[Any]:
        """Return files that ``run`` is made of as inputs of its rules.

        Those that are not there are no inputs of an inherited run, and the time of those does not
        count whose content its record names.
        """
        content = self._content(run)
        if content is None:
            return list(files)
        known, named = content
        return [
            self._ancient(file) if content_of_file(Path(file), named=named) <= known else file
            for file in _existing(files)
        ]

    @cache  # noqa: B019  (there is one object a call of snakemake, and it lives as long)
    def _content(self, run: str) -> tuple[frozenset[str], bool] | None:
        """Return ``content_of_run`` of an inherited run, None for any other or a damaged one."""
        folder = Path(self._plan.results, "runs", run)
        record = folder / "record.json"
        if (
            not all((folder / name).exists() for name in WHOLE)
            or not self._is_older(record, Path(self._facts(run)))
            or self._makes_runs
            or self._lacks_gradients(folder)
            or self._records.made_here(record)
        ):
            return None
        try:
            return content_of_run(folder)
        except (ValueError, KeyError, OSError, EOFError):
            return None

    @cached_property
    def _makes_runs(self) -> bool:
        """Whether this call may make a run again that is there, or has to see all files."""
        asked = self._workflow.dag_settings
        return bool(
            {"DVC_STAGE", HELD} & set(os.environ)
            or asked.forceall
            or asked.forcetargets
            or asked.forcerun
            or any("/runs/" in target for target in asked.targets)
        )

    def _lacks_gradients(self, folder: Path) -> bool:
        file = folder / "gradients.npz"
        return file.as_posix() in self._gradients and not file.exists()

    @cached_property
    def _gradients(self) -> frozenset[str]:
        return frozenset(self._plan.gradient_files())

    @cached_property
    def _records(self) -> Records:
        return Records(Path())

    def _facts(self, run: str) -> str:
        return f"{self._plan.prepared(self._plan.runs[run].dataset)}/{FACTS}"

    def _is_older(self, record: Path, facts: Path) -> bool:
        """Say whether a record, not itself made old, is older than the pictures or has none."""
        made = record.stat().st_mtime
        return made > OLD and (not facts.exists() or made < facts.stat().st_mtime)


def _existing(files: Iterable[str]) -> list[str]:
    return [file for file in files if Path(file).exists()]
