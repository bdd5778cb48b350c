"""Files that came from DVC's cache and are not what dvc.lock says.

DVC trusts a read-only cache object without reading it, and a file that it has just copied. A bad
disk or a write by root would reach the results; here each new file is read once before it counts.
"""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

from biqa.errors import InputError
from biqa.seam.calls import call
from biqa.seam.records import Records
from biqa.seam.stages import Stage, read_stages, reads_from


def refuse_damaged_inputs(root: Path, name: str | None) -> None:
    """Compare what a stage reads of others, before DVC lets it run.

    ``name`` is DVC_STAGE, which nobody sets but DVC.
    """
    if name is None:
        return
    stages = read_stages(root)
    (stage,) = [one for one in stages if one.name == name]
    refuse_damaged(root, reads_from(stage, stages), Records(root))


def refuse_damaged(root: Path, stages: Sequence[Stage], records: Records) -> None:
    """Compare the files of stages that Snakemake did not make here with dvc.lock's checksums."""
    foreign = [
        file for stage in stages for file in stage.files(root) if not records.made_here(file)
    ]
    if not foreign:
        return
    said = call(["dvc", "ls", "--recursive", "--dvc-only", "--json", "."], folder=root)
    expected = {entry["path"]: entry.get("md5") for entry in json.loads(said)}
    for file in foreign:
        right = expected.get(file.as_posix())
        with (root / file).open("rb") as content:
            found = hashlib.file_digest(content, "md5").hexdigest()
        if right and found != right:
            raise InputError(
                f"{file} has md5 {found}, and dvc.lock says {right}: it was damaged, perhaps in "
                f"DVC's cache; remove files/md5/{right[:2]}/{right[2:]} from the folder that "
                f"'dvc cache dir' names, remove {file}, and 'dvc pull' both again"
            )
