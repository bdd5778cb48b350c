"""The feature maps of a ResNet's four stages."""

from typing import Any

from torch import Tensor

from biqa.models.options import scaled
from biqa.models.resnet import DEPTHS

Stages = tuple[Tensor, Tensor, Tensor, Tensor]


def stage_channels(name: str, width: float) -> tuple[int, int, int, int]:
    """Return how many channels the stages of the ResNet called ``name`` have."""
    expansion = DEPTHS[name][0].expansion
    first, second, third, fourth = (scaled(64 * 2**stage, width) * expansion for stage in range(4))
    return first, second, third, fourth


def stage_maps(resnet: Any, images: Tensor) -> Stages:
    """Return the outputs of ``layer1`` to ``layer4``, of a 4th to a 32nd of the pictures' sides.

    ``resnet`` is ours or torchvision's: both call their layers by the same names.
    """
    first = resnet.layer1(resnet.maxpool(resnet.relu(resnet.bn1(resnet.conv1(images)))))
    second = resnet.layer2(first)
    third = resnet.layer3(second)
    return first, second, third, resnet.layer4(third)
