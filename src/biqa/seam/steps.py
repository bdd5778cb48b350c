"""Steps and the workflow that they belong to: a step ends with it, and says where it works.

Snakemake closes all files of a job that it starts, so a job cannot inherit the folder's lock, and
a snakemake killed alone leaves its jobs behind. Each step therefore watches the snakemake that
asked for it, and keeps a locked note in the folder as long as it works; a later snakemake takes
the folder over only when no such note is locked.
"""

import contextlib
import fcntl
import os
import select
import shlex
import signal
import socket
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from biqa.errors import InputError

WORKFLOW = "BIQA_WORKFLOW"  # names the snakemake that asks for a step: its number and its start
NOTES = Path(".snakemake/steps")
PATIENCE = 10.0  # seconds that the steps of a killed workflow are given to end
PAUSE = 0.05  # seconds between two looks


def announce_workflow() -> None:
    """Let the steps that this process will ask for belong to it."""
    started = _start(os.getpid())
    if started:
        os.environ[WORKFLOW] = f"{os.getpid()} {started}"


def join_workflow(words: Sequence[str]) -> IO[str] | None:
    """Make this process a step of the workflow that its environment names; return its note.

    The process ends when the workflow does; its note is locked until the file, and every copy
    that another process was given, is closed. A step called by hand belongs to none. Raises
    ``InputError`` where the workflow has ended before the step could begin.
    """
    workflow = os.environ.pop(WORKFLOW, "")
    if not workflow:
        return None
    note = _note(words)
    number, started = workflow.split()
    try:
        watched = os.pidfd_open(int(number))
        alive = _start(int(number)) == started
    except ProcessLookupError:
        alive = False
    if not alive:
        leave_workflow(note)
        raise InputError(f"the snakemake that asked for this, process {number}, has ended")
    threading.Thread(target=_end_with, args=[watched], daemon=True).start()
    return note


def leave_workflow(note: IO[str]) -> None:
    """Remove the note of a step that has ended."""
    Path(note.name).unlink(missing_ok=True)
    note.close()


def refuse_steps(root: Path) -> None:
    """Wait for the steps that a killed workflow has left; raise ``InputError`` if they go on."""
    deadline = time.monotonic() + PATIENCE
    while left := _at_work(root):
        if time.monotonic() > deadline:
            raise InputError(
                f"{left[0]} still works in {root.absolute()}, though the snakemake that asked "
                "for it has ended; wait until it ends, or end it"
            )
        time.sleep(PAUSE)


def _start(number: int) -> str:
    """Return when a process started, in ticks; '' where the system does not say."""
    try:
        stat = Path(f"/proc/{number}/stat").read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""
    return stat.rpartition(")")[2].split()[19]


def _note(words: Sequence[str]) -> IO[str]:
    """Write a locked note; a look may take and remove one that is not locked yet."""
    NOTES.mkdir(parents=True, exist_ok=True)
    path = NOTES / f"{socket.gethostname()}-{os.getpid()}"
    while True:
        note = path.open("w", encoding="utf-8")
        fcntl.flock(note, fcntl.LOCK_EX)
        with contextlib.suppress(FileNotFoundError):
            if os.path.samestat(path.stat(), os.fstat(note.fileno())):
                break
        note.close()
    command = shlex.join(["biqa", *words])
    note.write(f"process {os.getpid()} on {socket.gethostname()} ({command[:80]})")
    note.flush()
    return note


def _at_work(root: Path) -> list[str]:
    """Return what the locked notes say; remove those that killed steps have left."""
    left = []
    for path in sorted((root / NOTES).glob("*")):
        try:
            with path.open("r+", encoding="utf-8") as note:
                fcntl.flock(note, fcntl.LOCK_EX | fcntl.LOCK_NB)
                path.unlink(missing_ok=True)
        except BlockingIOError:
            left.append(path.read_text(encoding="utf-8") or "a step that is just starting")
        except FileNotFoundError:
            continue  # it has ended meanwhile
    return left


def _end_with(watched: int) -> None:
    poll = select.poll()
    poll.register(watched, select.POLLIN)
    poll.poll()
    os.kill(os.getpid(), signal.SIGTERM)
