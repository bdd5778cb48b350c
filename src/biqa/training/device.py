"""The device and number of threads that a recipe asks for."""

from typing import TypeVar

import torch
from torch import nn

from biqa.errors import InputError
from biqa.recipes import Hardware
from biqa.training.memory import keep_freed_memory
from biqa.training.number_format import keep_in_float32

Model = TypeVar("Model", bound=nn.Module)


def prepared_device(hardware: Hardware) -> torch.device:
    """Set threads and deterministic algorithms as the recipe says; return its device."""
    if hardware.device == "cuda" and not torch.cuda.is_available():
        raise InputError(
            "the recipe asks for device 'cuda', and torch sees none; "
            "set hardware.device to 'cpu' in the recipe (numbers will differ in their last digits)"
        )
    if hardware.device == "cpu":
        keep_freed_memory()
    torch.set_num_threads(hardware.threads)
    torch.use_deterministic_algorithms(True, warn_only=hardware.device == "cuda")
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined] # never read by us
    torch.backends.cudnn.benchmark = False
    return torch.device(hardware.device)


def placed(model: Model, hardware: Hardware) -> Model:
    """Move ``model`` to the recipe's device, channels last, ready for its number format."""
    keep_in_float32(model, hardware)
    return model.to(hardware.device).to(memory_format=torch.channels_last)


def description(device: torch.device) -> str:
    """Name the device as a reader of a record wants it."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return f"cpu, {torch.get_num_threads()} thread(s)"
