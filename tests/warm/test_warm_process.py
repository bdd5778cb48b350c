"""A step done in a child of the warm process is the step done alone: output, status, end."""

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

import biqa

pytestmark = pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="only Linux has pidfds")

SOURCE = str(Path(biqa.__file__).parents[1])
PATIENCE = 60  # seconds; a busy machine is slow
# A warm process without the large libraries, watched over by a process that we can end.
SERVER = """
import sys
from pathlib import Path
from biqa.warm.server import Server
Server(Path(sys.argv[1]), int(sys.argv[2])).serve()
"""


def environment(**more):
    return os.environ | {"PYTHONPATH": SOURCE} | more


def until(holds, what):
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, f"waited {PATIENCE} s for {what}"
        time.sleep(0.02)


@pytest.fixture
def workflow():
    """Yield a process that stands for the workflow: it does nothing until it is ended."""
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    with process:
        yield process
        process.kill()


@contextmanager
def warm_process(folder, workflow):
    address = folder / "door" / "warm"
    address.parent.mkdir()
    server = subprocess.Popen(
        [sys.executable, "-c", SERVER, str(address), str(workflow.pid)],
        env=environment(),
        cwd="/",
    )
    try:
        until(address.exists, "the warm process")
        yield server, environment(BIQA_WARM=str(address))
    finally:
        server.kill()
        server.wait()


def step(*words, **options):
    command = [sys.executable, "-m", "biqa", *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, **options)


@pytest.mark.parametrize(
    "words",
    [
        ["--version"],
        ["spec", "--study", "demo"],
        ["no-such-step"],
        ["verify", "--dataset", "nowhere", "--archive", "a", "--output", "b"],
    ],
)
def test_output_and_status_are_those_of_the_step_alone(words, tmp_path, workflow):
    alone = step(*words, env=environment(), cwd=tmp_path)
    with warm_process(tmp_path, workflow) as (_, warm):
        helped = step(*words, env=warm, cwd=tmp_path)
    assert (helped.stdout, helped.returncode) == (alone.stdout, alone.returncode)
    assert helped.stderr.replace("biqa/__main__.py", "biqa") == alone.stderr.replace(
        "__main__.py", "biqa"
    )


def test_a_step_without_a_warm_process_does_its_work_itself(tmp_path):
    absent = environment(BIQA_WARM=str(tmp_path / "nobody"))
    assert step("--version", env=absent).stdout == step("--version", env=environment()).stdout


@pytest.fixture
def sleeper(tmp_path):
    """Return the source of a package ``biqa`` whose only step says its number and sleeps."""
    package = tmp_path / "sleeping" / "biqa"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "__main__.py").write_text(
        "import os, sys, time\nprint(os.getpid(), flush=True)\ntime.sleep(600)\n"
    )
    return package.parent


def sleeping_step(warm, sleeper):
    """Start a step whose child runs the sleeping package; return it and the child's number."""
    ask = (
        "import sys\nfrom biqa.warm.client import ask\n"
        f"sys.path.insert(0, {str(sleeper)!r})\nsys.exit(ask(['sleep']))"
    )
    process = subprocess.Popen([sys.executable, "-c", ask], env=warm, stdout=subprocess.PIPE)
    with process.stdout as said:
        return process, int(said.readline())


def is_running(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] not in "ZX"
    except FileNotFoundError:
        return False


@pytest.fixture
def sleeping_server(tmp_path, workflow, sleeper):
    """Yield a warm process that finds the sleeping package, its environment, and the workflow."""
    address = tmp_path / "door" / "warm"
    address.parent.mkdir()
    code = SERVER.replace("Server(Path", f"sys.path.insert(0, {str(sleeper)!r}); Server(Path")
    server = subprocess.Popen(
        [sys.executable, "-c", code, str(address), str(workflow.pid)], env=environment()
    )
    until(address.exists, "the warm process")
    yield server, environment(BIQA_WARM=str(address))
    server.kill()
    server.wait()


def test_a_step_that_is_killed_takes_its_child_along(sleeping_server, sleeper):
    _, warm = sleeping_server
    process, child = sleeping_step(warm, sleeper)
    assert is_running(child)
    process.kill()
    process.wait()
    until(lambda: not is_running(child), "the end of the child")


def test_a_child_that_is_killed_gives_the_step_the_status_of_a_shell(sleeping_server, sleeper):
    _, warm = sleeping_server
    process, child = sleeping_step(warm, sleeper)
    os.kill(child, signal.SIGKILL)
    assert process.wait(PATIENCE) == 128 + signal.SIGKILL


def test_it_stays_for_its_children_and_ends_with_the_workflow(
    sleeping_server, sleeper, workflow, tmp_path
):
    server, warm = sleeping_server
    process, child = sleeping_step(warm, sleeper)
    workflow.kill()
    workflow.wait()
    time.sleep(0.2)
    assert server.poll() is None
    assert is_running(child)
    os.kill(child, signal.SIGTERM)
    assert process.wait(PATIENCE) == 128 + signal.SIGTERM
    assert server.wait(PATIENCE) == 0
    assert not (tmp_path / "door").exists()


def test_a_step_whose_warm_process_dies_fails_with_a_word(sleeping_server, sleeper):
    server, warm = sleeping_server
    process, child = sleeping_step(warm, sleeper)
    server.kill()
    assert process.wait(PATIENCE) == 1
    os.kill(child, signal.SIGKILL)
