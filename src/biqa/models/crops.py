"""A picture of any size for a network that takes squares of one size."""

from collections.abc import Callable

import torch

from biqa.errors import InputError
from biqa.shapes import Images, Scores


def mean_over_crops(
    judge: Callable[[Images], Scores], images: Images, *, model: str, side: int, per_side: int
) -> Scores:
    """Return the mean score of ``per_side`` x ``per_side`` fixed crops of each picture.

    The crops have ``side`` x ``side`` pixels and lie evenly from edge to edge; along an edge of
    ``side`` pixels there is one. The released codes draw theirs at random when they judge, too:
    fixed crops give a picture the same score at every time and in every batch.
    """
    height, width = images.shape[-2:]
    if min(height, width) < side:
        raise InputError(
            f"{model}: a picture is {height}x{width} pixels, expected {side} or more a side"
        )
    scores = [
        judge(images[..., top : top + side, left : left + side])
        for top in offsets(height, side, per_side)
        for left in offsets(width, side, per_side)
    ]
    return torch.stack(scores).mean(dim=0)


def offsets(length: int, side: int, per_side: int) -> list[int]:
    """Return where the crops along an edge of ``length`` pixels begin; one alone is central."""
    room = length - side
    if room == 0 or per_side == 1:
        return [room // 2]
    return [round(room * place / (per_side - 1)) for place in range(per_side)]
