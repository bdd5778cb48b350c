"""The number format of a recipe: where bfloat16 computes, and where float32 stays."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from biqa.models.quality import QualityModel
from biqa.recipes import Hardware


@contextmanager
def number_format(hardware: Hardware) -> Iterator[None]:
    """Run the forward pass in the recipe's number format (bfloat16 by autocast)."""
    with torch.autocast(hardware.device, torch.bfloat16, enabled=hardware.dtype == "bfloat16"):
        yield


def keep_in_float32(model: nn.Module, hardware: Hardware) -> None:
    """Let some layers of ``model`` compute in float32 where the rest is in bfloat16.

    The layer that ends in the score: bfloat16 holds eight bits, so scores between 0.5 and 1
    would lie on 128 levels and tie. On a CPU also depthwise convolutions with a stride: oneDNN
    has no fast gradient of their input in bfloat16 (``benchmarks/number_format.py``).
    """
    if hardware.dtype != "bfloat16":
        return
    if isinstance(model, QualityModel):
        _keep(model.last_layer(), hardware)
    if hardware.device == "cpu":
        for module in model.modules():
            if _is_strided_depthwise(module):
                _keep(module, hardware)


def _is_strided_depthwise(module: nn.Module) -> bool:
    if not isinstance(module, nn.Conv2d):
        return False
    return 1 < module.groups == module.in_channels and max(module.stride) > 1


def _keep(module: nn.Module, hardware: Hardware) -> None:
    module.forward = in_float32(module.forward, hardware)


def in_float32(compute: Callable[..., Tensor], hardware: Hardware) -> Callable[..., Tensor]:
    """Return ``compute`` on tensors in float32, also inside of ``number_format``."""

    def full_precision(*inputs: Tensor) -> Tensor:
        with torch.autocast(hardware.device, enabled=False):
            return compute(*(tensor.float() for tensor in inputs))

    return full_precision
