"""The stages of dvc.yaml: which rules each may run, and what it reads and makes."""

import shlex
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from biqa.errors import InputError
from biqa.yaml_files import load_yaml

FORM = "snakemake [options] --allowed-rules <rules> -- <targets>"


@dataclass(frozen=True)
class Stage:
    """One stage; paths are relative to the repository, folders stand for all that lies in them."""

    name: str
    options: tuple[str, ...]  # of snakemake, up to --allowed-rules
    rules: tuple[str, ...]
    targets: tuple[str, ...]
    deps: tuple[str, ...]
    outs: tuple[str, ...]

    def files(self, root: Path) -> list[Path]:
        """Return the output files that are there, sorted, relative to ``root``."""
        return sorted(file for out in self.outs for file in _files(root, out))


def read_stages(root: Path) -> list[Stage]:
    """Return the stages of ``root/dvc.yaml``, each after those whose outputs it reads."""
    file = root / "dvc.yaml"
    if not file.is_file():
        raise InputError(f"{file.absolute()} does not exist; call this in the repository's root")
    raw = load_yaml(file)
    stages = [_stage(name, entry) for name, entry in raw["stages"].items()]
    if len({stage.options for stage in stages}) > 1:
        raise InputError(f"{file}: the stages call snakemake with different options")
    return in_order(stages)


def in_order(stages: Sequence[Stage]) -> list[Stage]:
    """Return the stages so that each comes after those it reads from."""
    waiting, done = list(stages), []
    while waiting:
        ready = [one for one in waiting if not reads_from(one, waiting)]
        if not ready:
            raise InputError(f"dvc.yaml: {', '.join(one.name for one in waiting)} form a circle")
        done += ready
        waiting = [one for one in waiting if one not in ready]
    return done


def reads_from(stage: Stage, others: Iterable[Stage]) -> list[Stage]:
    """Return those of the other stages whose outputs a stage depends on."""
    deps = frozenset(stage.deps)
    return [other for other in others if other != stage and _meet(deps, frozenset(other.outs))]


def _meet(deps: Set[str], outs: Set[str]) -> bool:
    return any(under(dep, outs) for dep in deps) or any(under(out, deps) for out in outs)


def under(path: str, roots: Set[str]) -> bool:
    """Say whether a path is one of the roots or lies in one."""
    folder = path
    while folder not in roots:
        folder, _, _ = folder.rpartition("/")
        if not folder:
            return False
    return True


def _files(root: Path, out: str) -> list[Path]:
    path = root / out
    found = path.rglob("*") if path.is_dir() else [path]
    return [file.relative_to(root) for file in found if file.is_file()]


def _stage(name: str, entry: dict[str, Any]) -> Stage:
    words = shlex.split(entry["cmd"])
    try:
        rules, targets = words.index("--allowed-rules"), words.index("--")
    except ValueError as error:
        raise InputError(f"dvc.yaml: {name}: cmd is {entry['cmd']!r}, expected {FORM}") from error
    return Stage(
        name=name,
        options=tuple(words[1:rules]),
        rules=tuple(words[rules + 1 : targets]),
        targets=tuple(words[targets + 1 :]),
        deps=tuple(_paths(entry.get("deps", []))),
        outs=tuple(
            path for kind in ("outs", "metrics", "plots") for path in _paths(entry.get(kind, []))
        ),
    )


def _paths(entries: list[str | dict[str, Any]]) -> list[str]:
    """Return the paths of a list whose entries may carry settings."""
    return [entry if isinstance(entry, str) else next(iter(entry)) for entry in entries]
