"""Jobs on one machine get a device each, or a share of one, and never more than there is."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from biqa.errors import InputError
from biqa.seam import devices as devices_module
from biqa.seam.devices import Device, found_devices, stated_devices, take

TWO = [Device("a", 3 * 1024), Device("b", 2 * 1024 + 1023)]
HOLD = """
import sys, time
from pathlib import Path
from biqa.seam.devices import stated_devices, take
taken = take(stated_devices(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]))
print(taken[0].name, flush=True)
time.sleep(float(sys.argv[4]))
"""


def close(slots):
    for slot in slots:
        slot.close()


def hold(folder: Path, devices: str, memory: int, seconds: float) -> subprocess.Popen:
    words = [sys.executable, "-c", HOLD, devices, str(memory), str(folder), str(seconds)]
    return subprocess.Popen(words, stdout=subprocess.PIPE, text=True)


def test_jobs_spread_over_the_devices_and_then_share_them(tmp_path):
    taken = [take(TWO, 1024, tmp_path) for _ in range(5)]
    assert Counter(device.name for device, _ in taken) == {"a": 3, "b": 2}
    assert [device.name for device, _ in taken][:3] == ["a", "a", "b"]
    for _, slots in taken:
        close(slots)


def test_a_share_is_rounded_up_and_lies_on_one_device(tmp_path):
    device, slots = take(TWO, 2049, tmp_path)
    assert (device.name, len(slots)) == ("a", 3)
    other, more = take(TWO, 2048, tmp_path)
    assert (other.name, len(more)) == ("b", 2)
    close(slots + more)


def test_a_job_waits_until_there_is_room_and_a_killed_one_leaves_it(tmp_path, monkeypatch):
    monkeypatch.setattr(devices_module, "PAUSE", 0.02)
    holder = hold(tmp_path, "a:2048", 2048, 60)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "a\n"
    pid = os.fork()
    if pid == 0:  # a third of a second later the holder is killed
        time.sleep(0.3)
        os.kill(holder.pid, signal.SIGKILL)
        os._exit(0)
    start = time.monotonic()
    _, slots = take([Device("a", 2048)], 1024, tmp_path)
    assert time.monotonic() - start > 0.2
    os.waitpid(pid, 0)
    holder.wait()
    holder.stdout.close()
    close(slots)


def test_many_jobs_at_once_never_get_more_than_there_is(tmp_path, monkeypatch):
    """Each of 12 forks takes 1 to 3 GB of 5 for a while and notes it; notes never exceed 5."""
    monkeypatch.setattr(devices_module, "PAUSE", 0.005)
    notes = tmp_path / "notes"
    notes.touch()
    pids = []
    for number in range(12):
        pids.append(os.fork())
        if pids[-1] == 0:
            device, slots = take(TWO, 1024 * (1 + number % 3), tmp_path / "locks")
            with notes.open("a") as file:
                file.write(f"{device.name} {len(slots)}\n")
            time.sleep(0.03)
            with notes.open("a") as file:
                file.write(f"{device.name} {-len(slots)}\n")
            os._exit(0)
    for pid in pids:
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    used = Counter()
    lines = notes.read_text().splitlines()
    assert len(lines) == 24
    for line in lines:
        name, change = line.split()
        used[name] += int(change)
        assert used["a"] <= 3
        assert used["b"] <= 2
    assert used == {"a": 0, "b": 0}


def test_more_than_the_largest_device_has_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"3073 MB, but the largest device, a, has 3072 MB"):
        take(TWO, 3073, tmp_path)


def test_the_command_runs_on_the_device_and_holds_its_share_to_the_end(tmp_path):
    locks = ["--devices", "GPU-7:2048", "--folder", str(tmp_path)]
    biqa = [sys.executable, "-m", "biqa", "device", *locks, "--memory", "2048", "--"]
    script = "echo $CUDA_VISIBLE_DEVICES; exec sleep 60"
    with subprocess.Popen([*biqa, "sh", "-c", script], stdout=subprocess.PIPE, text=True) as job:
        assert job.stdout is not None
        assert job.stdout.readline() == "GPU-7\n"
        free = devices_module._free_slots(Device("GPU-7", 2048), tmp_path)
        assert free == []
        job.kill()
    free = devices_module._free_slots(Device("GPU-7", 2048), tmp_path)
    assert len(free) == 2
    close(free)


DRIVER = "GPU-11aa, 0, 143771\nGPU-22bb, 1, 143771\n"


@pytest.fixture
def driver(tmp_path, monkeypatch):
    """Put a driver with two devices on PATH."""
    smi = tmp_path / "nvidia-smi"
    smi.write_text(f"#!/bin/sh\ncat <<END\n{DRIVER}END\n")
    smi.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, ["GPU-11aa", "GPU-22bb"]),
        ({"CUDA_VISIBLE_DEVICES": "1"}, ["GPU-22bb"]),
        ({"CUDA_VISIBLE_DEVICES": "GPU-11aa"}, ["GPU-11aa"]),
    ],
)
def test_devices_are_those_of_the_driver_that_are_visible(driver, environment, expected):
    assert [device.name for device in found_devices(environment)] == expected
    assert found_devices(environment)[0].memory == 143771


def test_no_device_is_an_error_that_says_what_to_do(driver, monkeypatch):
    with pytest.raises(InputError, match="CUDA_VISIBLE_DEVICES is '7' and leaves no GPU"):
        found_devices({"CUDA_VISIBLE_DEVICES": "7"})
    monkeypatch.setenv("PATH", "")
    with pytest.raises(InputError, match=r"finds no GPU here .* --devices or BIQA_DEVICES states"):
        found_devices({})


def test_stated_devices_are_read(tmp_path):
    assert stated_devices("0:24000,MIG-a:b:5000") == [Device("0", 24000), Device("MIG-a:b", 5000)]
    with pytest.raises(InputError, match=r"--devices: '0', expected name:MB,name:MB"):
        stated_devices("0")
