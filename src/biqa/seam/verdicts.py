"""What DVC says of each stage: whether dvc.lock still describes what lies in the folder."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from biqa.errors import InputError
from biqa.seam.calls import call
from biqa.seam.stages import Stage, under

# The words of dvc status for content that is only not here, or not in the cache.
ABSENT = {"deleted", "not in cache"}


@dataclass(frozen=True)
class Verdict:
    """What DVC found changed in a stage; an empty verdict means that dvc.lock describes it."""

    stage: Stage
    reasons: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()  # the changed dependencies that no stage makes
    missing: tuple[str, ...] = ()  # output files that dvc.lock lists and that are not here

    @property
    def clean(self) -> bool:
        """Say whether all that is here is what dvc.lock describes."""
        return not self.reasons


@dataclass
class _Files:
    """File by file, what differs from dvc.lock in the outputs of all stages."""

    changed: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)


def verdicts(root: Path, stages: Sequence[Stage]) -> list[Verdict]:
    """Ask DVC about the stages. Files that were not pulled do not count as changed."""
    status = _json(root, "status", "--json")
    if not status:
        return [Verdict(stage) for stage in stages]
    files = _changed_files(root, stages)
    return [_verdict(stage, status.get(stage.name, []), stages, files) for stage in stages]


def _verdict(stage: Stage, entries: list[Any], stages: Sequence[Stage], files: _Files) -> Verdict:
    made = {out for other in stages for out in other.outs}
    reasons, sources = [], []
    for entry in entries:
        if isinstance(entry, str):
            reasons.append(entry)
            continue
        for kind, changes in entry.items():
            for path, change in changes.items():
                ours = under(path, made)
                if ours and not _counts(path, change, files):
                    continue
                reasons.append(f"{kind}: {path}")
                if not ours:
                    sources.append(path)
    own = frozenset(stage.outs)
    missing = tuple(path for path in files.missing if under(path, own))
    return Verdict(stage, tuple(reasons), tuple(sources), missing)


def _counts(path: str, change: Any, files: _Files) -> bool:
    """Say whether an output differs, beside files that are only not here.

    A folder of which a part was pulled is "modified" for DVC; its files tell.
    """
    if change in ABSENT:
        return False
    incomplete = any(under(file, {path}) for file in files.missing)
    return not incomplete or any(under(file, {path}) for file in files.changed)


def _changed_files(root: Path, stages: Sequence[Stage]) -> _Files:
    found = data_status(root, "--granular").get("uncommitted", {})
    files = _Files()
    for kind, entries in found.items():
        paths = [path for path in map(_path, entries) if not path.endswith("/")]  # folders
        (files.missing if kind == "deleted" else files.changed).extend(paths)
    return files


def data_status(root: Path, option: str) -> dict[str, Any]:
    """Return what dvc data status says with an option."""
    return _json(root, "data", "status", option, "--json")


def _path(entry: str | dict[str, Any]) -> str:
    """Return a path as dvc data status prints it; of a renamed file, the new one."""
    return entry if isinstance(entry, str) else entry["path"]["new"]


def _json(root: Path, *words: str) -> dict[str, Any]:
    said = call(["dvc", *words], folder=root)
    try:
        return json.loads(said)
    except json.JSONDecodeError as error:
        raise InputError(f"dvc {' '.join(words)} printed {said!r}, expected JSON") from error
