"""What every quality model offers to training, whatever its architecture."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from biqa.errors import InputError
from biqa.models.inputs import normalised
from biqa.shapes import Images, Pixels, Scalar, Scores

Triple = tuple[float, float, float]

IMAGENET_MEAN: Triple = (0.485, 0.456, 0.406)
IMAGENET_STD: Triple = (0.229, 0.224, 0.225)


@dataclass(frozen=True)
class PretrainedPart:
    """The sub-module that published weights are made for."""

    child: str  # its name in the model
    ignored: tuple[str, ...] = ()  # their names begin with these: classifiers that we do not have
    download: Callable[[], Mapping[str, Tensor]] | None = None  # by the library, when online


@dataclass(frozen=True)
class WeightsRecord:
    """Where weights came from, for the run's record."""

    source: str  # "none", "hub" or "file:<path>"
    sha256: str  # of the file; empty where there is none
    n_loaded: int  # tensors, running statistics included
    ignored: tuple[str, ...] = ()  # names in the file that the model has no use for


class QualityModel(nn.Module):
    """A network that gives one score a picture, higher is better, on the scale of the labels.

    ``mean`` and ``std`` normalise RGB in [0, 1] to what ``forward`` takes. ``backbone`` names
    the children that usually start from published weights; a model that is trained from random
    weights has none, and everything learns at the rate of the head.
    """

    mean: Triple = IMAGENET_MEAN
    std: Triple = IMAGENET_STD
    backbone: tuple[str, ...] = ()
    pretrained: PretrainedPart | None = None
    takes_maps: bool = False  # ``forward`` takes a stem's maps (``biqa.models.stem``)

    def __init__(self) -> None:
        super().__init__()
        self.weights_records: list[WeightsRecord] = []

    def forward(self, images: Images) -> Scores:
        """Return one score a picture."""
        return self.score_of(self.backbone_features(images))

    def inputs_of(self, stored: Pixels, device: torch.device) -> Images:
        """Return what ``forward`` takes for stored pictures, channels last, on ``device``.

        Bytes are ``normalised`` by the model's mean and deviation; a stem's maps stay as they are.
        """
        if self.takes_maps:
            return stored.to(device, non_blocking=True).permute(0, 3, 1, 2)
        return normalised(stored, mean=self.mean, std=self.std, device=device)

    def backbone_features(self, images: Images) -> Tensor:
        """Return what ``backbone`` makes of pictures, (n, ...), and nothing else computes.

        An architecture that can be parted there defines this and ``score_of`` in place of
        ``forward``, and trains with its score alone.
        """
        raise NotImplementedError

    def score_of(self, features: Tensor) -> Scores:
        """Return one score a picture from its ``backbone_features``."""
        raise NotImplementedError

    @property
    def can_be_parted(self) -> bool:
        """Whether ``backbone_features`` and ``score_of`` are defined."""
        return type(self).backbone_features is not QualityModel.backbone_features

    def training_loss(
        self, images: Images, mos: Scores, loss: Callable[[Tensor, Tensor], Tensor]
    ) -> Scalar:
        """Return what a training step lowers: ``loss`` of the scores.

        Architectures that the papers train with more than their score override this.
        """
        return loss(self(images), mos)

    def last_layer(self) -> nn.Linear:
        """Return the linear layer that ends in the score."""
        raise NotImplementedError

    def parameter_groups(self, *, lr: float, backbone_lr: float) -> list[dict[str, Any]]:
        """Return optimiser groups: ``backbone`` if there is one, and ``head``.

        Together they hold every trainable parameter once. The architecture decides what the
        backbone is, not whether weights were loaded into it.
        """
        in_backbone = {
            id(parameter)
            for name in self.backbone
            for parameter in getattr(self, name).parameters()
        }
        trainable = [parameter for parameter in self.parameters() if parameter.requires_grad]
        backbone = [parameter for parameter in trainable if id(parameter) in in_backbone]
        head = [parameter for parameter in trainable if id(parameter) not in in_backbone]
        groups = [
            {"name": "backbone", "params": backbone, "lr": backbone_lr},
            {"name": "head", "params": head, "lr": lr},
        ]
        return [group for group in groups if group["params"]]

    def initial_bias(self, mos_mean: float) -> None:
        """Let training start at ``mos_mean``, the mean MOS of the training part.

        Only the last bias changes. The last weights are as the architecture's file draws them:
        small, but never zero, because scale-free losses divide by the spread of predictions.
        """
        bias = self._bias_for(mos_mean)
        if not math.isfinite(bias):
            raise InputError(f"the mean MOS of the training part is {mos_mean}: cannot start there")
        with torch.no_grad():
            self.last_layer().bias.fill_(bias)

    def _bias_for(self, mos_mean: float) -> float:
        return mos_mean
