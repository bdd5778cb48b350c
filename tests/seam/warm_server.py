"""Snakemake and DVC, loaded once; each call of them is a fork of this process.

Both take a second or two to load, and the tests of the seam call them a hundred times. The
clients that ``write_clients`` makes stand for ``snakemake``, ``dvc`` and ``python -c``: they hand
words, folder, environment and streams to the server, and end with the status of the fork.
"""

import contextlib
import importlib
import json
import os
import signal
import socket
import sys
import threading
import traceback
from pathlib import Path

CLIENT = """#!{python} -ISE
import array, json, os, socket, sys
with socket.socket(socket.AF_UNIX) as server:
    server.connect({address!r})
    words = json.dumps([{tool!r}, sys.argv[1:], os.getcwd(), dict(os.environ)]).encode()
    streams = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [0, 1, 2]))]
    server.sendmsg([len(words).to_bytes(4, "big")], streams)
    server.sendall(words)
    sys.exit(int.from_bytes(server.recv(1) or bytes([137]), "big"))
"""
TOOLS = ("snakemake", "dvc", "python")


def write_clients(folder: Path, address: str) -> None:
    """Write the three clients into a new folder."""
    folder.mkdir()
    for tool in TOOLS:
        client = folder / tool
        client.write_text(CLIENT.format(python=sys.executable, address=address, tool=tool))
        client.chmod(0o755)


def load() -> None:
    """Import what the calls need."""
    import dvc.cli
    import dvc.commands.data
    import dvc.commands.repro
    import dvc.repo.data
    import dvc.stage.loader
    import snakemake.cli
    import snakemake.executors.touch  # noqa: F401

    dvc.cli.parse_args(["status"])


def load_also(file: Path) -> None:
    """Import what the calls so far had to import themselves, so that the next ones need not."""
    if file.is_file():
        for name in file.read_text().split():
            with contextlib.suppress(Exception):
                importlib.import_module(name)
        file.unlink()


def call(tool: str, words: list[str]) -> int:
    """Run one tool in this process; return its status."""
    sys.argv = [tool, *words]
    try:
        if tool == "dvc":
            from dvc.cli import main

            return main(words)
        if tool == "snakemake":
            from snakemake.cli import main

            return main(words) or 0
        sys.argv = words[:1] + words[2:]
        exec(words[1], {"__name__": "__main__"})
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


def die_with_client(connection: socket.socket) -> None:
    """When the client is killed, so is this call with all that it has started."""
    connection.recv(1)
    os.killpg(0, signal.SIGKILL)


def answer(connection: socket.socket, imported: Path) -> None:
    """Run one call; this process is a fork, so nothing has to be put back."""
    before = set(sys.modules)
    os.setsid()
    length, streams, _, _ = socket.recv_fds(connection, 4, 3)
    text, wanted = b"", int.from_bytes(length, "big")
    while len(text) < wanted:
        text += connection.recv(wanted - len(text))
    tool, words, folder, environment = json.loads(text)
    threading.Thread(target=die_with_client, args=[connection], daemon=True).start()
    for stream, received in enumerate(streams):
        os.dup2(received, stream)
        os.close(received)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    status = call(tool, words)
    sys.stdout.flush()
    sys.stderr.flush()
    new = sorted(name for name in set(sys.modules) - before if name.split(".")[0] != "biqa")
    aside = imported.with_suffix(f".{os.getpid()}")
    aside.write_text("\n".join(new))
    aside.rename(imported)
    connection.sendall((status % 256).to_bytes(1, "big"))


def serve(address: str) -> None:
    """Answer calls until killed."""
    load()
    imported = Path(f"{address}.modules")
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(address)
        server.listen()
        print("ready", flush=True)
        while True:
            connection, _ = server.accept()
            load_also(imported)
            if os.fork() == 0:
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                server.close()
                try:
                    answer(connection, imported)
                finally:
                    os._exit(0)
            connection.close()


if __name__ == "__main__":
    serve(sys.argv[1])
