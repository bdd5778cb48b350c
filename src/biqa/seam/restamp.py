"""Tell Snakemake what DVC knows of content: which results are current, and which are not."""

import os
import time
from dataclasses import dataclass
from pathlib import Path

from biqa.seam.damage import refuse_damaged
from biqa.seam.foreign import age
from biqa.seam.lock import folder_lock
from biqa.seam.records import Records
from biqa.seam.stages import Stage, in_order, read_stages, reads_from
from biqa.seam.stamping import Stamping
from biqa.seam.verdicts import Verdict, verdicts


@dataclass(frozen=True)
class Restamped:
    """What was done, by stage and file."""

    current: tuple[str, ...]  # stages that Snakemake now takes as done
    changed: tuple[Verdict, ...]
    aged: tuple[Path, ...]  # files that Snakemake will now make again


def restamp(root: Path) -> Restamped:
    """Make times and notes of Snakemake agree with DVC's verdict, stage by stage.

    To be called after clone, pull, checkout and ``dvc repro``. Outputs of a stage that dvc.lock
    describes become current, with a note of parameters and input checksums. In a stage that has
    changed, files that Snakemake made here stay as they are and Snakemake judges them; files
    that came from elsewhere become old, so that they are made again. Nothing else is touched;
    calling it twice does what calling it once does.
    """
    with folder_lock(root) as environment:
        stages = read_stages(root)
        with Stamping(root, stages, environment) as stamping:  # plans while DVC looks at files
            found = verdicts(root, stages)
            changed = [verdict for verdict in found if not verdict.clean]
            current = _current(stages, changed)
            records = Records(root)
            refuse_damaged(root, current, records)
            if current == stages:
                stamping.finish()
        for verdict in changed:
            renew_sources(root, verdict)
        aged = [
            file for verdict in changed for file in age(root, verdict.stage.files(root), records)
        ]
        if current and current != stages:
            with Stamping(root, current, environment) as stamping:
                stamping.finish()
    return Restamped(tuple(stage.name for stage in current), tuple(changed), tuple(aged))


def renew_sources(root: Path, verdict: Verdict) -> None:
    """Give changed source files the present time: Snakemake compares the content of newer ones.

    An input that changed and is older than the outputs would never be looked at.
    """
    now = time.time()
    for source in verdict.sources:
        path = root / source
        for file in path.rglob("*") if path.is_dir() else [path]:
            if file.is_file():
                os.utime(file, (now, now))


def _current(stages: list[Stage], changed: list[Verdict]) -> list[Stage]:
    """Return the stages that are as dvc.lock says, and all those before them too.

    What follows a changed stage is left to Snakemake, which makes it again where it has to.
    """
    current: list[Stage] = []
    unsettled = [verdict.stage for verdict in changed]
    for stage in in_order(stages):
        if stage in unsettled or reads_from(stage, unsettled):
            unsettled.append(stage)
        else:
            current.append(stage)
    return current
