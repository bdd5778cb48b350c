"""Tell DVC what Snakemake has made: dvc.lock describes it from then on."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from biqa.errors import InputError
from biqa.seam.calls import call
from biqa.seam.commit import commit_stages
from biqa.seam.lock import folder_lock
from biqa.seam.records import Records
from biqa.seam.restamp import renew_sources
from biqa.seam.stages import Stage, read_stages
from biqa.seam.verdicts import Verdict, verdicts

N_NAMED = 3  # files that an error names, of many


@dataclass(frozen=True)
class Sealed:
    """The stages whose entries in dvc.lock were renewed, and what git says of dvc.lock."""

    stages: tuple[str, ...]
    difference: str


def seal(root: Path, *, drop_missing: bool = False) -> Sealed:
    """Write the results of a finished Snakemake run into dvc.lock and DVC's cache.

    Refused, with the reason, while Snakemake has a job left, while an output was not made here
    (a pull that was not followed by restamp), and, unless ``drop_missing``, while files that
    dvc.lock lists are not here: they would leave it. Without anything to seal nothing changes.
    """
    with folder_lock(root) as environment:
        stages = read_stages(root)
        changed = [verdict for verdict in verdicts(root, stages) if not verdict.clean]
        if changed:
            _refuse_foreign(root, changed)
            if not drop_missing:
                _refuse_missing(changed)
            for verdict in changed:
                renew_sources(root, verdict)
            _refuse_unfinished(root, stages, changed, environment)
            commit_stages(root, [one.stage.name for one in changed])
        difference = call(["git", "diff", "--stat", "--", "dvc.lock"], folder=root).rstrip()
    return Sealed(tuple(verdict.stage.name for verdict in changed), difference)


def _refuse_foreign(root: Path, changed: Sequence[Verdict]) -> None:
    records = Records(root)
    for verdict in changed:
        foreign = [file for file in verdict.stage.files(root) if not records.made_here(file)]
        if foreign:
            raise InputError(
                f"stage {verdict.stage.name!r} has changed ({verdict.reasons[0]}), and "
                f"{_some(foreign)} was not made here by snakemake; "
                "run 'python -m biqa restamp', then snakemake, then seal again"
            )


def _refuse_missing(changed: Sequence[Verdict]) -> None:
    for verdict in changed:
        if verdict.missing:
            raise InputError(
                f"stage {verdict.stage.name!r} has changed, and dvc.lock would lose "
                f"{_some(verdict.missing)}, not in this folder; 'dvc pull {verdict.stage.name}' "
                "and restamp, or seal --drop-missing if they are gone for good"
            )


def _refuse_unfinished(
    root: Path, stages: Sequence[Stage], changed: Sequence[Verdict], environment: dict[str, str]
) -> None:
    """Ask Snakemake for its default target and for all that the changed stages stand for."""
    for targets in ([], [target for verdict in changed for target in verdict.stage.targets]):
        words = ["snakemake", *stages[0].options, "--dry-run", "--cores", "1", "--", *targets]
        left = jobs_left(call(words, folder=root, environment=environment))
        if left:
            raise InputError(
                f"snakemake has {sum(left.values())} jobs left "
                f"({', '.join(f'{n} {rule}' for rule, n in left.items())}); "
                "run it, then seal; nothing was sealed"
            )


def jobs_left(said: str) -> dict[str, int]:
    """Return how many jobs of each rule a dry run has announced."""
    table = said.partition("Job stats:")[2].partition("\ntotal ")[0]
    return {rule: int(n) for rule, n in re.findall(r"^(\w+) +(\d+)$", table, re.MULTILINE)}


def _some(files: Sequence[Path | str]) -> str:
    named = ", ".join(str(file) for file in files[:N_NAMED])
    return f"{named} and {len(files) - N_NAMED} more" if len(files) > N_NAMED else named
