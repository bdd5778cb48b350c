"""A toy study, rebuilt, sealed and pushed once; each test has a copy or a clone of its own."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from toy import REPOSITORY, Toy, write_toy
from warm_server import write_clients

from biqa.seam.seal import jobs_left

IDENTITY = {
    **{f"GIT_{role}_NAME": "Nobody" for role in ("AUTHOR", "COMMITTER")},
    **{f"GIT_{role}_EMAIL": "nobody@example.org" for role in ("AUTHOR", "COMMITTER")},
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
}


@pytest.fixture(scope="session")
def warm():
    """Return a folder whose snakemake, dvc and python answer without loading anything."""
    with tempfile.TemporaryDirectory() as folder:  # the address of a socket must be short
        address = str(Path(folder) / "warm")
        server = subprocess.Popen(
            [sys.executable, Path(__file__).with_name("warm_server.py"), address],
            env={**os.environ, "PYTHONPATH": str(REPOSITORY / "src")},
            stdout=subprocess.PIPE,
            text=True,
        )
        assert server.stdout is not None
        assert server.stdout.readline() == "ready\n"
        clients = Path(folder) / "bin"
        write_clients(clients, address)
        yield clients
        server.send_signal(signal.SIGKILL)
        server.wait()
        server.stdout.close()


@pytest.fixture
def warm_tools(warm, monkeypatch):
    """Let every call of snakemake and dvc in this test be a fast one."""
    monkeypatch.setenv("PATH", f"{warm}:{Path(sys.executable).parent}:{os.environ['PATH']}")
    monkeypatch.setenv("PYTHONPATH", str(REPOSITORY / "src"))
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    monkeypatch.setattr(sys, "executable", str(warm / "python"))
    monkeypatch.delenv("DVC_STAGE", raising=False)
    for name, value in IDENTITY.items():
        monkeypatch.setenv(name, value)


@pytest.fixture(scope="session")
def making(warm):
    """Give a context in which a fixture of more than one test calls the fast tools."""

    @contextmanager
    def tools(folder: Path) -> Iterator[pytest.MonkeyPatch]:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("PATH", f"{warm}:{os.environ['PATH']}")
            patch.setenv("PYTHONPATH", str(REPOSITORY / "src"))
            patch.delenv("DVC_STAGE", raising=False)
            for name, value in {**IDENTITY, "XDG_CACHE_HOME": str(folder / "cache")}.items():
                patch.setenv(name, value)
            yield patch

    return tools


@pytest.fixture(scope="session")
def built(making, tmp_path_factory):
    """Return a folder with the finished, committed and pushed study, and the remotes beside it."""
    folder = tmp_path_factory.mktemp("seam")
    with making(folder):
        toy = Toy(folder / "toy")
        write_toy(toy.root)
        toy.run("git", "init", "--quiet", "--initial-branch", "main")
        toy.run("dvc", "init", "--quiet")
        shutil.copy(REPOSITORY / ".dvc" / "config", toy.path(".dvc/config"))
        toy.run("dvc", "remote", "add", "--quiet", "--default", "store", "../store")
        toy.snakemake()
        toy.run("dvc", "commit", "--quiet", "--force")
        toy.run("dvc", "push", "--quiet")
        toy.commit("built")
    return folder


@pytest.fixture
def toy(built, tmp_path, warm_tools, monkeypatch):
    """Return a copy of the finished study, times and notes included; the working folder."""
    shutil.copytree(built / "toy", tmp_path / "toy", symlinks=True)
    (tmp_path / "store").symlink_to(built / "store")
    return _at(tmp_path / "toy", monkeypatch)


@pytest.fixture
def clone_of_toy(built, tmp_path):
    """Give a function that clones the finished study beside the working folder."""

    def make() -> Toy:
        folder = tmp_path / "other"
        subprocess.run(["git", "clone", "--quiet", built / "toy", folder], check=True)
        return Toy(folder)

    return make


@pytest.fixture
def clone(built, tmp_path, warm_tools, monkeypatch):
    """Return a new clone of the finished study, without DVC's files; the working folder."""
    (tmp_path / "store").symlink_to(built / "store")
    folder = tmp_path / "toy"
    subprocess.run(["git", "clone", "--quiet", built / "toy", folder], check=True)
    return _at(folder, monkeypatch)


def _at(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Toy:
    monkeypatch.chdir(folder)
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder.parent / "cache"))
    return Toy(folder)


@pytest.fixture
def left(warm_tools):
    """Give a function that asks snakemake what it would do: jobs by rule."""

    def ask(toy: Toy, *words: str) -> Counter:
        said = toy.snakemake("--dry-run", *words)
        assert "Nothing to be done" in said or jobs_left(said), said
        return Counter(jobs_left(said))

    return ask
