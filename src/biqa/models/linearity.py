"""LinearityIQA of Li, Jiang and Jiang (ACM MM 2020), the network of the norm-in-norm paper.

Names and layers as in the released code of lidq92/LinearityIQA.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torchvision.models import get_model

from biqa.errors import InputError
from biqa.models.options import check_choice
from biqa.models.pyramid_pooling import STATISTICS, n_statistics, pyramid_pooling
from biqa.models.quality import PretrainedPart, QualityModel
from biqa.models.resnet import NAMES as RESNETS
from biqa.models.resnet import ResNetEncoder
from biqa.models.stages import stage_channels, stage_maps
from biqa.shapes import Images, Scalar, Scores

NAMES = ("linearity",)

RESNEXT = "resnext101_32x8d"  # the paper's; torchvision's own, whose channels are fixed
RESNEXT_CHANNELS = (1024, 2048)
REDUCED = (1024, 256, 64)  # features of a tap after each layer of its reduction


class LinearityIQA(QualityModel):
    """Two taps on a ResNet, a head on each and one on both: three scores, the last one counts.

    Each of stage 3 and 4 is pooled and reduced to 64 features by three linear layers with batch
    norm and nothing between (``dr6``, ``dr7``); ``regr6``, ``regr7`` and ``regression`` score
    the first 64, the other 64 and all 128. Scores are not bounded; training needs batches of 2.
    With ``bn_end`` a batch norm with slope and offset ends each head: with the loss ``mse`` that
    is the control called bnMSE.
    """

    backbone = ("encoder",)

    def __init__(
        self,
        *,
        encoder: str,
        width: float,
        reduced: Sequence[int],
        pool: str,
        levels: Sequence[int],
        bn_end: bool,
        betas: Sequence[float],
    ) -> None:
        super().__init__()
        self.pool, self.levels, self.betas = pool, tuple(levels), tuple(betas)
        self.encoder, channels = _encoder(encoder, width)
        pooled = [
            taps * n_statistics(pool) * _cells(level)
            for taps, level in zip(channels, levels, strict=True)
        ]
        self.dr6, self.dr7 = _reduction(pooled[0], reduced), _reduction(pooled[1], reduced)
        self.regr6, self.regr7 = _head(reduced[-1], bn_end), _head(reduced[-1], bn_end)
        self.regression = _head(2 * reduced[-1], bn_end)
        self.pretrained = PretrainedPart(
            "encoder", ignored=("fc.",), download=partial(download, encoder)
        )

    def forward(self, images: Images) -> Scores:
        """Return the score of the last head, on the scale of the labels."""
        return self.scores(images)[2]

    def scores(self, images: Images) -> Float[Tensor, "3 n"]:
        """Return the scores of the head on stage 3, on stage 4 and on both."""
        _, _, third, fourth = stage_maps(self.encoder, images)
        features6 = self.dr6(pyramid_pooling(third, levels=self.levels[0], method=self.pool))
        features7 = self.dr7(pyramid_pooling(fourth, levels=self.levels[1], method=self.pool))
        both = self.regression(torch.cat([features6, features7], dim=1))
        return torch.stack([self.regr6(features6), self.regr7(features7), both]).squeeze(-1)

    def training_loss(
        self, images: Images, mos: Scores, loss: Callable[[Tensor, Tensor], Tensor]
    ) -> Scalar:
        """Return the sum of the three heads' losses, weighted by ``betas``."""
        heads = zip(self.betas, self.scores(images).float(), strict=True)
        losses = [beta * loss(scores, mos) for beta, scores in heads if beta > 0]
        return torch.stack(losses).sum()

    def last_layer(self) -> nn.Linear:
        """Return the linear layer of the last head, drawn as PyTorch does."""
        layer = self.regression[0]
        assert isinstance(layer, nn.Linear)
        return layer

    def initial_bias(self, mos_mean: float) -> None:
        """Let all three heads start at ``mos_mean``; a final batch norm has the bias then."""
        super().initial_bias(mos_mean)
        for head in (self.regr6, self.regr7, self.regression):
            biases = [parameter for name, parameter in head.named_parameters() if "bias" in name]
            for bias in biases:
                nn.init.zeros_(bias)
            nn.init.constant_(biases[-1], mos_mean)


def _encoder(name: str, width: float) -> tuple[nn.Module, tuple[int, int]]:
    """Return the network and the channels of its stages 3 and 4."""
    if name != RESNEXT:
        return ResNetEncoder(name, width=width), stage_channels(name, width)[2:]
    if width != 1:
        raise InputError(f"linearity: width is {width}, expected 1 for the encoder {RESNEXT}")
    resnext = get_model(RESNEXT, weights=None)
    resnext.fc = nn.Identity()
    return resnext, RESNEXT_CHANNELS


def _cells(levels: int) -> int:
    return sum(level**2 for level in range(1, levels + 1))


def _reduction(inputs: int, sizes: Sequence[int]) -> nn.Sequential:
    layers: list[nn.Module] = []
    for outputs in sizes:
        layers += [nn.Linear(inputs, outputs), nn.BatchNorm1d(outputs)]
        inputs = outputs
    return nn.Sequential(*layers, nn.ReLU())


def _head(inputs: int, bn_end: bool) -> nn.Sequential:
    return nn.Sequential(nn.Linear(inputs, 1), *([nn.BatchNorm1d(1)] if bn_end else []))


def download(encoder: str) -> Mapping[str, Tensor]:
    """Return torchvision's ImageNet weights for ``encoder``."""
    return get_model(encoder, weights="IMAGENET1K_V1", progress=False).state_dict()


def build(
    name: str,
    *,
    encoder: str = RESNEXT,
    width: float = 1.0,
    reduced: Sequence[int] = REDUCED,
    pool: str = "avg",
    levels: Sequence[int] = (1, 1),
    bn_end: bool = False,
    betas: Sequence[float] = (0.1, 0.1, 1.0),
) -> QualityModel:
    """Return LinearityIQA.

    ``width`` scales the channels of a ResNet; ``reduced`` are the sizes of each reduction;
    ``pool`` is the statistic of each cell and ``levels`` the finest grids on stage 3 and 4;
    ``betas`` weigh the losses of the heads on stage 3, on stage 4 and on both.
    """
    check_choice("encoder", encoder, (*RESNETS, RESNEXT))
    check_choice("pool", pool, tuple(STATISTICS))
    _check_many("reduced", reduced, 3, least=1)
    _check_many("levels", levels, 2, least=1)
    _check_many("betas", betas, 3, least=0)
    if betas[2] == 0:
        raise InputError("betas end in 0: the last head gives the score, so it has to learn")
    return LinearityIQA(
        encoder=encoder,
        width=width,
        reduced=reduced,
        pool=pool,
        levels=levels,
        bn_end=bn_end,
        betas=betas,
    )


def _check_many(option: str, values: Sequence[float], count: int, *, least: float) -> None:
    if len(values) != count or any(not value >= least for value in values):
        raise InputError(f"{option} is {list(values)}, expected {count} numbers of {least} or more")
