"""The network of MetaIQA (Zhu, Li, Wu, Dong and Shi, CVPR 2020); how it learns is not here."""

import math
from collections.abc import Sequence
from functools import partial

from torch import nn

from biqa.models.options import check_choice, check_layers, check_positive, check_rate
from biqa.models.quality import PretrainedPart, QualityModel
from biqa.models.resnet import NAMES as ENCODERS
from biqa.models.resnet import ResNetEncoder, download
from biqa.shapes import Images, Scores

NAMES = ("metaiqa",)

VARIANTS = ("released_code", "paper")


class MetaIQA(QualityModel):
    """A ResNet and fully connected layers, drawn as PyTorch does: one score a picture.

    ``released_code``: the ResNet's 1000 ImageNet logits, fc 1024, fc 512 (each with batch norm,
    PReLU, dropout), fc 1, sigmoid: in (0, 1), so labels must be in [0, 1]; training needs
    batches of 2 or more.
    ``paper``: pooled features, fc, fc 1; the sizes and the ReLU between (512) are ours, the text
    gives none, and no sigmoid: not bounded.
    """

    backbone = ("encoder",)

    def __init__(
        self,
        *,
        variant: str,
        encoder: str,
        width: float,
        classes: int,
        hidden: Sequence[int],
        dropout: float,
    ) -> None:
        super().__init__()
        self.variant = variant
        released = variant == "released_code"
        self.encoder = ResNetEncoder(encoder, width=width, classes=classes if released else 0)
        layers: list[nn.Module] = []
        inputs = self.encoder.n_features
        for outputs in hidden:
            layers.append(nn.Linear(inputs, outputs))
            if released:
                layers += [nn.BatchNorm1d(outputs), nn.PReLU(), nn.Dropout(dropout)]
            else:
                layers.append(nn.ReLU())
            inputs = outputs
        self.hidden = nn.Sequential(*layers)
        self.fc = nn.Linear(inputs, 1)
        self.pretrained = PretrainedPart(
            "encoder", ignored=() if released else ("fc.",), download=partial(download, encoder)
        )

    def forward(self, images: Images) -> Scores:
        """Return one score a picture, on the scale of the labels."""
        scores = self.fc(self.hidden(self.encoder(images))).squeeze(-1)
        return scores.sigmoid() if self.variant == "released_code" else scores

    def last_layer(self) -> nn.Linear:
        """Return the last fully connected layer."""
        return self.fc

    def _bias_for(self, mos_mean: float) -> float:
        if self.variant == "paper":
            return mos_mean
        return math.log(mos_mean / (1 - mos_mean)) if 0 < mos_mean < 1 else math.nan


def build(
    name: str,
    *,
    variant: str = "released_code",
    encoder: str = "resnet18",
    width: float = 1.0,
    classes: int = 1000,
    hidden: Sequence[int] | None = None,
    dropout: float = 0.5,
) -> QualityModel:
    """Return MetaIQA's network.

    ``width`` scales the encoder's channels, ``classes`` are the encoder's logits and ``dropout``
    the head's rate (both: released_code only), ``hidden`` the sizes of the head's layers:
    (1024, 512) for released_code, (512,) for paper.
    """
    check_choice("variant", variant, VARIANTS)
    check_choice("encoder", encoder, ENCODERS)
    check_positive(classes=classes)
    check_rate("dropout", dropout)
    usual = {"released_code": (1024, 512), "paper": (512,)}[variant]
    hidden = usual if hidden is None else hidden
    check_layers("hidden", hidden, len(usual))
    return MetaIQA(
        variant=variant,
        encoder=encoder,
        width=width,
        classes=classes,
        hidden=hidden,
        dropout=dropout,
    )
