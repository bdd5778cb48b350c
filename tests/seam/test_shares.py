"""A step whose recipe says ``device: cuda`` takes a share of a GPU first; pretend devices here."""

import fcntl
import json
import os
import select
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from toy import REPOSITORY

from biqa.errors import InputError
from biqa.seam import devices as devices_module
from biqa.seam.devices import stated_devices
from biqa.seam.shares import said_peak, take_share

CUDA = {"hardware": {"device": "cuda"}}
PATIENCE = 180  # seconds; a busy machine is slow
# A step with its work replaced: it notes device and memory, then holds both for a while.
STEP = """\
import fcntl, os, sys, time
import biqa.__main__ as step
def note(change):
    with open(os.environ["NOTES"], "a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        print(os.environ.get("CUDA_VISIBLE_DEVICES"), change * int(os.environ["MB"]), file=file)
def work(words):
    note(1)
    time.sleep(float(os.environ["SECONDS"]))
    note(-1)
    return 0
step.main = work
sys.exit(step.main_or_warm())
"""


def training(recipe: str = "small", device: str = "cuda") -> str:
    run = {"dataset": "demo", "recipe": recipe}
    return json.dumps({"run": run, "recipe": {"hardware": {"device": device}}})


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """Pretend a machine with two GPUs and a study of three recipes."""
    monkeypatch.setenv("BIQA_DEVICES", "GPU-a:3072,GPU-b:2048")
    monkeypatch.setenv("BIQA_DEVICE_LOCKS", str(tmp_path / "locks"))
    needs = {"recipe small": 1024, "recipe middle": 2048, "recipe unknown": 0, "prior early": 2000}
    monkeypatch.setenv("BIQA_VRAM", json.dumps(needs))
    for name in ("CUDA_VISIBLE_DEVICES", "BIQA_DEVICE_HELD", "BIQA_WARM", "BIQA_WORKFLOW"):
        monkeypatch.setenv(name, "")  # so that each is put back
        monkeypatch.delenv(name)
    monkeypatch.setattr(devices_module, "PAUSE", 0.02)


def close(slots):
    for slot in slots:
        slot.close()


def free_slots(tmp_path) -> Counter:
    """Count the slots of each device that nobody holds."""
    found = Counter()
    for device in stated_devices(os.environ["BIQA_DEVICES"]):
        slots = devices_module._free_slots(device, tmp_path / "locks")
        found[device.name] = len(slots)
        close(slots)
    return found


@pytest.mark.parametrize(
    ("words", "n_slots"),
    [
        (["train", "--spec", training("small")], 1),
        (["train", f"--spec={training('middle')}"], 2),
        (["prior", "--spec", json.dumps({"prior": "early", "recipe": CUDA})], 2),
        (["stem", "--spec", json.dumps({"recipe": CUDA})], 3),  # nobody declares what it needs
        (["train", "--spec", training("unknown")], 3),
        (["train", "--spec", training("of another study")], 3),
    ],
)
def test_a_step_takes_what_its_recipe_declares_and_else_a_whole_device(machine, words, n_slots):
    slots = take_share(words)
    assert len(slots) == n_slots
    assert os.environ["CUDA_VISIBLE_DEVICES"] == "GPU-a"
    close(slots)


def test_a_prediction_takes_what_its_run_was_trained_with(machine, tmp_path):
    (tmp_path / "record.json").write_text(json.dumps({"spec": json.loads(training("middle"))}))
    slots = take_share(["predict", "--run", str(tmp_path), "--pictures", "p"])
    assert len(slots) == 2
    close(slots)


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["train"],
        ["train", "--spec", "no JSON"],
        ["train", "--spec", training(device="cpu")],
        ["evaluate", "--spec", training()],
        ["predict", "--run", "nowhere"],
    ],
)
def test_steps_on_the_cpu_take_nothing_and_ask_no_driver(machine, words, monkeypatch):
    monkeypatch.setenv("BIQA_DEVICES", "")
    monkeypatch.setenv("PATH", "")
    assert take_share(words) == []
    assert "CUDA_VISIBLE_DEVICES" not in os.environ


def test_inside_biqa_device_a_step_takes_no_second_share(machine, monkeypatch):
    monkeypatch.setenv("BIQA_DEVICE_HELD", str(os.getpid()))
    assert take_share(["train", "--spec", training()]) == []
    monkeypatch.setenv("BIQA_DEVICE_HELD", "1")
    with pytest.raises(InputError, match=r"inside 'biqa device' \(process 1\)"):
        take_share(["train", "--spec", training()])


def started(tmp_path: Path, recipe: str, megabytes: int, seconds: float) -> subprocess.Popen:
    environment = {
        **os.environ,
        "PYTHONPATH": str(REPOSITORY / "src"),
        "NOTES": str(tmp_path / "notes"),
        "MB": str(megabytes),
        "SECONDS": str(seconds),
    }
    words = [sys.executable, "-c", STEP, "train", "--spec", training(recipe)]
    return subprocess.Popen(words, env=environment, stderr=subprocess.PIPE, text=True)


def test_steps_at_once_never_hold_more_than_a_device_has(machine, tmp_path):
    """Eight steps of 1 or 2 GB on devices of 3 and 2 GB, as they note it themselves."""
    jobs = [
        started(tmp_path, *(("small", 1024) if number % 2 else ("middle", 2048)), 0.1)
        for number in range(8)
    ]
    said = [job.communicate(timeout=PATIENCE)[1] for job in jobs]
    assert [job.returncode for job in jobs] == [0] * 8, said
    used, most = Counter(), Counter()
    for line in (tmp_path / "notes").read_text().splitlines():
        name, change = line.split()
        used[name] += int(change)
        most[name] = max(most[name], used[name])
    assert used == {"GPU-a": 0, "GPU-b": 0}
    assert 2048 <= most["GPU-a"] <= 3072
    assert 1024 <= most["GPU-b"] <= 2048
    assert "biqa train: 2048 MB of GPU-a" in "".join(said)


def test_the_share_of_a_killed_step_is_free_again(machine, tmp_path):
    job = started(tmp_path, "middle", 2048, 600)
    end = time.monotonic() + PATIENCE
    while not (tmp_path / "notes").exists():
        assert time.monotonic() < end
        time.sleep(0.02)
    assert free_slots(tmp_path) == {"GPU-a": 1, "GPU-b": 2}
    job.send_signal(signal.SIGKILL)
    job.communicate()
    assert free_slots(tmp_path) == {"GPU-a": 3, "GPU-b": 2}


def test_a_child_of_the_warm_process_holds_the_share_as_long_as_it_works(tmp_path):
    """The step is killed while its child is stopped: the device is not free before that is gone."""
    from biqa.warm.client import ask
    from biqa.warm.server import Server

    package = tmp_path / "biqa"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "__main__.py").write_text(
        "import os, signal\nos.write(1, b'%d' % os.getpid())\n"
        "os.kill(os.getpid(), signal.SIGSTOP)\n"
    )
    address = tmp_path / "door" / "warm"
    address.parent.mkdir()
    server = os.fork()
    if server == 0:
        sys.path.insert(0, str(tmp_path))
        try:
            Server(address, os.getppid()).serve()
        finally:
            os._exit(0)
    while not address.exists():
        time.sleep(0.01)
    reading, writing = os.pipe()
    step = os.fork()
    if step == 0:
        os.dup2(writing, 1)
        os.environ["BIQA_WARM"] = str(address)
        slot = (tmp_path / "slot").open("w")
        fcntl.flock(slot, fcntl.LOCK_EX)
        ask(["train"], [slot.fileno()])
        os._exit(0)
    os.close(writing)
    assert select.select([reading], [], [], PATIENCE)[0], "the child has begun"
    child = int(os.read(reading, 20))
    os.kill(step, signal.SIGKILL)
    os.waitpid(step, 0)
    with (tmp_path / "slot").open("w") as slot:
        with pytest.raises(BlockingIOError):
            fcntl.flock(slot, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.kill(child, signal.SIGCONT)  # the warm process has told it to end
        os.kill(child, signal.SIGKILL)
        fcntl.flock(slot, fcntl.LOCK_EX)
    os.close(reading)
    os.kill(server, signal.SIGKILL)
    os.waitpid(server, 0)


def test_what_torch_held_is_said_for_the_next_declaration(monkeypatch):
    class Cuda:
        is_initialized = staticmethod(lambda: True)
        max_memory_reserved = staticmethod(lambda: 3 * 2**30 + 1)

    class Torch:
        cuda = Cuda

    monkeypatch.setitem(sys.modules, "torch", Torch)
    assert said_peak().startswith("torch held at most 3072 MB of the GPU")
    Cuda.is_initialized = staticmethod(lambda: False)
    assert said_peak() == ""
