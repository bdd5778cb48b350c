"""Statistics of a feature map over its cells, from the whole map to ever finer grids."""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d, max_pool2d

from biqa.errors import InputError

LEAST_VARIANCE = 1e-24  # the root's gradient is infinite at 0

Size = tuple[int, int]


def pyramid_pooling(maps: Tensor, *, levels: int, method: str) -> Tensor:
    """Pool maps (n, channels, h, w) over 1, 2 x 2, ..., ``levels`` x ``levels`` cells.

    The pooling of the released code of LinearityIQA (SPSP): cells of floor(h / p) x floor(w / p)
    from the top left corner. For two statistics the first one's channels come first in each
    level. Returns (n, ``n_statistics`` * channels * cells).
    """
    height, width = maps.shape[-2:]
    if min(height, width) < levels:
        raise InputError(f"a feature map of {height}x{width} has no {levels}x{levels} cells")
    pooled = []
    for level in range(1, levels + 1):
        cell = (height // level, width // level)
        used = maps[..., : level * cell[0], : level * cell[1]]
        pooled.append(STATISTICS[method](used, cell).flatten(1))
    return torch.cat(pooled, dim=1)


def n_statistics(method: str) -> int:
    """Return how many numbers ``method`` has for a channel and cell."""
    return 2 if method in ("maxmin", "mean+std") else 1


def _smallest(maps: Tensor, cell: Size) -> Tensor:
    return -max_pool2d(-maps, cell)


def _deviation(maps: Tensor, cell: Size) -> Tensor:
    variance = avg_pool2d(maps.square(), cell) - avg_pool2d(maps, cell).square()
    return variance.clamp(min=LEAST_VARIANCE).sqrt()


STATISTICS: dict[str, Callable[[Tensor, Size], Tensor]] = {
    "avg": avg_pool2d,
    "max": max_pool2d,
    "min": _smallest,
    "std": _deviation,
    "maxmin": lambda maps, cell: torch.cat([max_pool2d(maps, cell), _smallest(maps, cell)], 1),
    "mean+std": lambda maps, cell: torch.cat([avg_pool2d(maps, cell), _deviation(maps, cell)], 1),
}
