"""The share of a GPU that a step takes before it begins, when its recipe says ``device: cuda``."""

import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from biqa.errors import InputError
from biqa.seam.devices import SLOT, default_folder, found_devices, stated_devices, take

MEMORY = (
    "BIQA_VRAM"  # the recipes' needs, from the Snakefile: JSON of "recipe x" or "prior x" to MB
)
DEVICES = "BIQA_DEVICES"  # name:MB,name:MB in place of what the driver says
HELD = "BIQA_DEVICE_HELD"  # number of the process that 'biqa device' gave a share to
STEPS = ("stem", "train", "prior", "predict")


def announce_memory(needs: Mapping[str, int]) -> None:
    """Tell the steps that this process will ask for how many MB each recipe or prior needs."""
    os.environ[MEMORY] = json.dumps(dict(needs))


def take_share(words: Sequence[str]) -> list[IO[bytes]]:
    """Take the share of a GPU that a step needs; return its locked slots, none on the CPU.

    Waits until a device has room, and names it in CUDA_VISIBLE_DEVICES. A step whose recipe
    declares no ``vram_mb`` takes a whole device. The share ends when this process, and every
    other that was given the slots, has ended.
    """
    spec = _spec(words)
    if spec.get("recipe", {}).get("hardware", {}).get("device") != "cuda":
        return []
    holder = os.environ.get(HELD)
    if holder == str(os.getpid()):
        return []  # 'biqa device' took a share and became this step
    if holder:
        raise InputError(
            f"this runs inside 'biqa device' (process {holder}), and each step takes a share of "
            "a GPU itself; call it without"
        )
    stated = os.environ.get(DEVICES)
    devices = stated_devices(stated) if stated else found_devices(os.environ)
    largest = max(device.slots for device in devices) * SLOT
    memory = json.loads(os.environ.get(MEMORY, "{}")).get(_label(spec), 0) or largest
    device, slots = take(devices, memory, default_folder())
    os.environ["CUDA_VISIBLE_DEVICES"] = device.name
    print(f"biqa {words[0]}: {memory} MB of {device.name}", file=sys.stderr, flush=True)
    return slots


def said_peak() -> str:
    """Return what torch held of the GPU at most, for a recipe's ``vram_mb``; '' without one."""
    torch = sys.modules.get("torch")
    if torch is None or not torch.cuda.is_initialized():
        return ""
    held = torch.cuda.max_memory_reserved() // 2**20
    return f"torch held at most {held} MB of the GPU; CUDA itself takes some hundred more"


def _label(spec: Mapping[str, Any]) -> str:
    """Return who declares a need: a prior, or a recipe; '' of a stem, which has the whole GPU."""
    if "prior" in spec:
        return f"prior {spec['prior']}"
    return f"recipe {spec['run']['recipe']}" if "run" in spec else ""


def _spec(words: Sequence[str]) -> dict[str, Any]:
    """Return the spec of a step that computes with torch; of 'predict', its run's."""
    if not words or words[0] not in STEPS:
        return {}
    if words[0] == "predict":
        record = Path(_value(words, "--run") or ".") / "record.json"
        return json.loads(record.read_text("utf-8"))["spec"] if record.is_file() else {}
    try:
        return json.loads(_value(words, "--spec") or "{}")
    except json.JSONDecodeError:
        return {}  # the step itself says what is wrong


def _value(words: Sequence[str], option: str) -> str | None:
    """Return the value of an option, written with a space or an equals sign."""
    for word, following in zip(words, [*words[1:], None], strict=True):
        if word == option:
            return following
        if word.startswith(f"{option}="):
            return word.partition("=")[2]
    return None
