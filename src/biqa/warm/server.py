"""The warm process: loads libraries, then forks a child for each step that asks."""

import gc
import importlib
import importlib.util
import json
import os
import runpy
import selectors
import shutil
import signal
import socket
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from biqa.warm.client import LENGTH

LIBRARIES = (
    "numpy",
    "pandas",
    "scipy.stats",
    "scipy.optimize",
    "torch",
    "torch._dynamo",  # torch's optimisers load it at their first use
    "torchvision",
    "timm",
    "safetensors.torch",
    "matplotlib.pyplot",
    "seaborn",
    "jinja2",
)
MOST = 253  # descriptors that Linux passes at once
DIED = 128  # added to the number of the signal that ended a child, as a shell does


def load() -> None:
    """Load the libraries that there are; none of them computes or starts a thread here."""
    for name in LIBRARIES:
        if importlib.util.find_spec(name.partition(".")[0]):
            importlib.import_module(name)
    gc.collect()
    gc.freeze()  # so that a child's garbage collector leaves shared pages shared


@dataclass(frozen=True)
class Job:
    """A child at work, and the line to the step that waits for it."""

    pid: int
    line: socket.socket


class Server:
    """Serves steps until the process ``watched`` has ended and no child is left."""

    def __init__(self, address: Path, watched: int) -> None:
        self._address = address
        self._waiting = selectors.DefaultSelector()
        self._jobs: dict[int, Job] = {}  # by the descriptor that tells of the child's end
        self._watched = os.pidfd_open(watched)
        self._door = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)

    def serve(self) -> None:
        """Open the door and work until nobody can come any more."""
        self._door.bind(str(self._address))
        self._door.listen(128)
        self._waiting.register(self._door, selectors.EVENT_READ, self._start)
        self._waiting.register(self._watched, selectors.EVENT_READ, self._close)
        while self._waiting.get_map():
            for key, _ in self._waiting.select():
                if key.fileobj in self._waiting.get_map():  # an earlier event may have ended it
                    key.data(key.fileobj)
        shutil.rmtree(self._address.parent, ignore_errors=True)

    def _close(self, watched: int) -> None:
        """Let nobody in any more; children at work go on."""
        self._waiting.unregister(watched)
        self._waiting.unregister(self._door)
        self._door.close()

    def _start(self, door: socket.socket) -> None:
        line, _ = door.accept()
        head, files, _, _ = socket.recv_fds(line, LENGTH, MOST)
        request = _received(line, int.from_bytes(head))
        pid = os.fork() if request else None
        if pid == 0:
            self._leave(line)
            _work(request, files)
        for file in files:
            os.close(file)
        if pid is None:
            line.close()
            return
        ended = os.pidfd_open(pid)
        self._jobs[ended] = Job(pid, line)
        self._waiting.register(ended, selectors.EVENT_READ, self._finish)
        self._waiting.register(line, selectors.EVENT_READ, lambda _: self._abandon(ended))

    def _leave(self, line: socket.socket) -> None:
        """Close, in a child, what belongs to the warm process: its end must be noticed."""
        self._waiting.close()
        for mine in (self._door, line, *(job.line for job in self._jobs.values())):
            mine.close()

    def _finish(self, ended: int) -> None:
        """Tell the step how its child ended."""
        job = self._jobs.pop(ended)
        self._waiting.unregister(ended)
        os.close(ended)
        status = os.waitstatus_to_exitcode(os.waitpid(job.pid, 0)[1])
        if job.line in self._waiting.get_map():
            self._waiting.unregister(job.line)
            job.line.sendall(bytes([status if status >= 0 else DIED - status]))
        job.line.close()

    def _abandon(self, ended: int) -> None:
        """End a child whose step has been killed."""
        job = self._jobs[ended]
        self._waiting.unregister(job.line)
        os.kill(job.pid, signal.SIGTERM)


def _received(line: socket.socket, length: int) -> dict[str, Any]:
    """Return what a step asks for; nothing if it ended before it had said so."""
    content = b""
    while len(content) < length:
        piece = line.recv(length - len(content))
        if not piece:
            return {}
        content += piece
    return json.loads(content) if content else {}


def _work(request: dict[str, Any], files: list[int]) -> NoReturn:
    """Do a step in this child, as ``python -m biqa`` would, and never return.

    Of the files two are its outputs; the others stay open, for the locks on them.
    """
    status = 1
    try:
        for target, output in enumerate(files[:2], start=1):
            os.dup2(output, target)
        os.environ.clear()
        os.environ.update(request["environment"])
        os.chdir(request["folder"])
        for name in [name for name in sys.modules if name.partition(".")[0] == "biqa"]:
            del sys.modules[name]
        sys.argv = ["biqa", *request["words"]]
        runpy.run_module("biqa", run_name="__main__", alter_sys=True)
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)
