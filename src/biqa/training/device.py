"""The device, number of threads and number format that a recipe asks for."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from biqa.errors import InputError
from biqa.recipes import Hardware


def prepared_device(hardware: Hardware) -> torch.device:
    """Set threads and deterministic algorithms as the recipe says; return its device."""
    if hardware.device == "cuda" and not torch.cuda.is_available():
        raise InputError(
            "the recipe asks for device 'cuda', and torch sees none; "
            "set hardware.device to 'cpu' in the recipe (numbers will differ in their last digits)"
        )
    torch.set_num_threads(hardware.threads)
    torch.use_deterministic_algorithms(True, warn_only=hardware.device == "cuda")
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined] # never read by us
    torch.backends.cudnn.benchmark = False
    return torch.device(hardware.device)


@contextmanager
def number_format(hardware: Hardware) -> Iterator[None]:
    """Run the forward pass in the recipe's number format (bfloat16 by autocast)."""
    with torch.autocast(hardware.device, torch.bfloat16, enabled=hardware.dtype == "bfloat16"):
        yield


def description(device: torch.device) -> str:
    """Name the device as a reader of a record wants it."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return f"cpu, {torch.get_num_threads()} thread(s)"
