"""GPUs of one machine, handed out by file locks: which one, and how much of its memory.

Snakemake counts GPUs but names none, so two jobs at a time would both take the first. The memory
of each device is a row of slots, each slot a file; a job locks as many files as it needs, all of
one device, and keeps them open until it ends. The system opens the locks again, even of a killed
process, so there is nothing to clean up.
"""

import fcntl
import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from biqa.errors import InputError

SLOT = 1024  # MB
PAUSE = 0.5  # seconds between two looks for free slots
QUERY = ("nvidia-smi", "--query-gpu=uuid,index,memory.total", "--format=csv,noheader,nounits")


@dataclass(frozen=True)
class Device:
    """A GPU as CUDA_VISIBLE_DEVICES names it, and its memory in MB."""

    name: str
    memory: int

    @property
    def slots(self) -> int:
        """How many slots its memory has."""
        return self.memory // SLOT


def default_folder() -> Path:
    """Return where the slots of this machine lie; all processes of one user share it.

    BIQA_DEVICE_LOCKS names another place. TMPDIR does not count: schedulers give each job its own.
    """
    return Path(os.environ.get("BIQA_DEVICE_LOCKS", f"/tmp/biqa-devices-{os.getuid()}"))


def stated_devices(text: str) -> list[Device]:
    """Read ``name:MB,name:MB``."""
    try:
        pairs = [one.rsplit(":", 1) for one in text.split(",")]
        return [Device(name, int(memory)) for name, memory in pairs]
    except ValueError as error:
        raise InputError(f"--devices: {text!r}, expected name:MB,name:MB") from error


def found_devices(environment: Mapping[str, str]) -> list[Device]:
    """Ask the driver for the GPUs; those that CUDA_VISIBLE_DEVICES leaves out are not ours.

    Devices are named by UUID, which, unlike numbers, means the same to driver and CUDA.
    """
    try:
        said = subprocess.run(QUERY, capture_output=True, text=True, check=True).stdout
    except (FileNotFoundError, subprocess.CalledProcessError) as error:
        raise InputError(
            f"{QUERY[0]} finds no GPU here ({error}); --devices or BIQA_DEVICES states some, and "
            "a recipe with hardware.device 'cpu' needs none"
        ) from error
    rows = [[cell.strip() for cell in line.split(",")] for line in said.strip().splitlines()]
    visible = environment.get("CUDA_VISIBLE_DEVICES")
    allowed = None if visible is None else {name.strip() for name in visible.split(",")}
    devices = [
        Device(uuid, int(memory))
        for uuid, index, memory in rows
        if allowed is None or allowed & {uuid, index}
    ]
    if not devices:
        raise InputError(f"CUDA_VISIBLE_DEVICES is {visible!r} and leaves no GPU")
    return devices


def take(devices: Sequence[Device], memory: int, folder: Path) -> tuple[Device, list[IO[bytes]]]:
    """Wait until a device has ``memory`` MB free; return it and its locked slots.

    Of several, the one with most free slots is taken. The slots stay ours while the files are
    open in this process or in one that inherits them.
    """
    n_slots = max(1, -(-memory // SLOT))
    largest = max(devices, key=lambda device: device.slots)
    if n_slots > largest.slots:
        raise InputError(
            f"--memory: {memory} MB, but the largest device, {largest.name}, "
            f"has {largest.slots * SLOT} MB to hand out"
        )
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    while True:
        # One at a time looks, so that two jobs never hold half of what each of them needs.
        with (folder / "door").open("wb") as door:
            fcntl.flock(door, fcntl.LOCK_EX)
            taken = _take_now(devices, n_slots, folder)
        if taken is not None:
            return taken
        time.sleep(PAUSE)


def _take_now(
    devices: Sequence[Device], n_slots: int, folder: Path
) -> tuple[Device, list[IO[bytes]]] | None:
    free = {device: _free_slots(device, folder) for device in devices}
    chosen = max(devices, key=lambda device: len(free[device]))
    kept = free[chosen][:n_slots] if len(free[chosen]) >= n_slots else []
    for slots in free.values():
        for slot in slots:
            if slot not in kept:
                slot.close()
    return (chosen, kept) if kept else None


def _free_slots(device: Device, folder: Path) -> list[IO[bytes]]:
    """Lock all free slots of a device."""
    free: list[IO[bytes]] = []
    for number in range(device.slots):
        slot = (folder / f"{device.name.replace('/', '_')}.{number}").open("wb")
        try:
            fcntl.flock(slot, fcntl.LOCK_EX | fcntl.LOCK_NB)
            free.append(slot)
        except BlockingIOError:
            slot.close()
    return free
