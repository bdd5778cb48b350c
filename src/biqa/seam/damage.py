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
from biqa.yaml_files import load_yaml

OF_FOLDER = ".dir"  # ends the checksum of a list of files


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
    expected = cached_checksums(root)
    for file in foreign:
        right = expected.get(file.as_posix())
        if right and (found := _md5(root / file)) != right:
            raise _damaged(f"{file} has md5 {found}, and dvc.lock says {right}", right, file)


def cached_checksums(root: Path) -> dict[str, str]:
    """Return the checksums of the files, relative to ``root``, that lie in DVC's cache.

    ``dvc list`` says the same; of thousands of files it takes ten times as long.
    """
    lock = root / "dvc.lock"
    if not lock.is_file():
        return {}
    cache = root / call(["dvc", "cache", "dir"], folder=root).strip()
    found: dict[str, str] = {}
    for stage in load_yaml(lock).get("stages", {}).values():
        for out in stage.get("outs", []):
            path, md5 = out["path"], out["md5"]
            cached = cache / "files" / "md5" / md5[:2] / md5[2:]
            if not cached.is_file():  # git keeps it, and not DVC
                continue
            if md5.endswith(OF_FOLDER):
                found |= _inside(path, md5, cached)
            else:
                found[path] = md5
    return found


def _inside(folder: str, md5: str, listing: Path) -> dict[str, str]:
    """Return the checksums of the files in a folder, of which the cache has a list."""
    found = _md5(listing)
    if found != md5.removesuffix(OF_FOLDER):
        raise _damaged(f"the list of {folder} has md5 {found}, and dvc.lock says {md5}", md5)
    entries = json.loads(listing.read_bytes())
    return {f"{folder}/{entry['relpath']}": entry["md5"] for entry in entries}


def _md5(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "md5").hexdigest()


def _damaged(what: str, md5: str, file: Path | None = None) -> InputError:
    """Return the error that says how to have it again, and the file that was taken from it."""
    removed = f"remove {file}, and 'dvc pull' both" if file else "and 'dvc pull' it"
    return InputError(
        f"{what}: it was damaged, perhaps in DVC's cache; remove files/md5/{md5[:2]}/{md5[2:]} "
        f"from the folder that 'dvc cache dir' names, {removed} again"
    )
