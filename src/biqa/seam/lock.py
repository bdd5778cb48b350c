"""Who works in this folder: a lock that ends with the process that holds it, even when killed.

Snakemake's own lock is a file that a killed process leaves behind; the profiles switch it off.
"""

import contextlib
import fcntl
import getpass
import json
import os
import shlex
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO

from biqa.errors import InputError
from biqa.seam.commit import undo_cut_commit
from biqa.seam.leftovers import remove_leftovers
from biqa.seam.steps import refuse_steps

LOCK = Path(".snakemake/biqa.lock")
HELD = "BIQA_LOCK_HELD"  # tells a snakemake that its caller holds the lock

_open: list[IO[str]] = []  # a lock lasts as long as its file is open


@contextmanager
def folder_lock(root: Path) -> Iterator[dict[str, str]]:
    """Hold the lock of a folder; give the environment in which snakemake may be called meanwhile.

    Raises ``InputError`` naming the holder where another process works in the folder, and
    inside a stage of DVC, whose own bookkeeping must not change below it.
    """
    stage = os.environ.get("DVC_STAGE")
    if stage:
        raise InputError(f"this runs inside DVC's stage {stage!r}; call it after dvc has ended")
    file = _take(root)
    _mend_dvc(root)
    undo_cut_commit(root)
    try:
        yield {HELD: "1"}
    finally:
        file.close()


def hold_folder(root: Path = Path()) -> None:
    """Hold the lock of a folder until this process ends; snakemake does, once it has jobs to run.

    Raises ``InputError`` naming the holder where another process works in the folder.
    """
    if os.environ.get(HELD) != "1":
        _open.append(_take(root))


def _mend_dvc(root: Path) -> None:
    """Remove DVC's list of running commands where a kill has cut it short: DVC itself gives up.

    DVC writes the list under a lock of its own; while that is ours, nobody else is writing.
    """
    listed, guard = root / ".dvc/tmp/rwlock", root / ".dvc/tmp/rwlock.lock"
    if not listed.is_file():
        return
    with guard.open("a") as file, contextlib.suppress(BlockingIOError):
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        try:
            json.loads(listed.read_text(encoding="utf-8"))
        except json.JSONDecodeError:
            listed.unlink()


def _take(root: Path) -> IO[str]:
    path = root / LOCK
    path.parent.mkdir(exist_ok=True)
    file = path.open("a+", encoding="utf-8")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        file.seek(0)
        holder = file.read().strip() or "a process that is just starting"
        file.close()
        raise InputError(
            f"{path.absolute()} is held by {holder}; wait until it ends, or end it"
        ) from error
    file.truncate(0)
    file.write(_ourselves())
    file.flush()
    try:
        refuse_steps(root)
    except InputError:
        file.close()
        raise
    remove_leftovers(root)
    return file


def _ourselves() -> str:
    """Describe this process to those who have to wait for it."""
    command = shlex.join([Path(sys.argv[0]).name, *sys.argv[1:]])
    now = datetime.now().astimezone().isoformat(sep=" ", timespec="seconds")
    where = f"{getpass.getuser()} on {socket.gethostname()}"
    return f"process {os.getpid()} of {where} since {now}: {command}"
