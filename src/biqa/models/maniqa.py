"""MANIQA of Yang, Wu, Shi, Lao, Gong, Cao, Wang and Yang (CVPR Workshops 2022).

A vision transformer's features, attention between channels, windows of attention, and two
branches for the quality and the weight of each place. Names and layers as in the released code
of IIGROUP/MANIQA, less what never reaches its score: the transformer's blocks after the last
tap, its norm and classifier, and a strided convolution in each Swin stage.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import timm
import torch
from timm.models.swin_transformer import SwinTransformerBlock
from torch import Tensor, nn

from biqa.errors import InputError
from biqa.models.crops import mean_over_crops
from biqa.models.options import check_choice, check_positive
from biqa.models.quality import PretrainedPart, QualityModel
from biqa.shapes import Images, Scores

NAMES = ("maniqa",)

SCALES = {"released_code": 0.8, "paper": 0.1}  # of what a Swin layer adds
TAPS = (6, 7, 8, 9)  # blocks whose outputs are used, counted from 0
MOST_BLOCKS = 48  # no vision transformer of timm has more
DROPOUT = 0.1
DROP_PATH = 0.1  # of the last block of a Swin stage, growing from 0
DEPTH, LAYERS, HEADS, WINDOW = 2, 2, 4, 4  # of a Swin stage: blocks a layer, and so on


class MANIQA(QualityModel):
    """One score a picture, not below 0: the mean over fixed crops of ``side`` pixels.

    ``released_code``: a Swin layer's output is added 0.8 times, and attention between channels
    is transposed and then read in the old shape, which mixes channels and places.
    ``paper``: 0.1 times, and the attention keeps its shape.
    """

    mean = (0.5, 0.5, 0.5)
    std = (0.5, 0.5, 0.5)
    backbone = ("vit",)

    def __init__(
        self,
        *,
        variant: str,
        encoder: str,
        encoder_options: Mapping[str, Any],
        side: int,
        crops: int,
        taps: Sequence[int],
        mlp: int,
        scale: float,
    ) -> None:
        super().__init__()
        self.side, self.crops, self.taps = side, crops, list(taps)
        depth = max(taps) + 1
        options = {"num_classes": 0, "depth": depth, "img_size": side, **encoder_options}
        vit: Any = timm.create_model(encoder, pretrained=False, **options)
        vit.norm = nn.Identity()
        self.vit = vit
        height, width = vit.patch_embed.grid_size
        channels: int = vit.embed_dim
        mixed = partial(TransposedAttention, height * width, scrambled=variant == "released_code")
        self.tablock1 = nn.Sequential(mixed(), mixed())
        self.conv1 = nn.Conv2d(len(taps) * channels, channels, 1)
        self.swintransformer1 = SwinStage(channels, (height, width), mlp=mlp, scale=scale)
        self.tablock2 = nn.Sequential(mixed(), mixed())
        self.conv2 = nn.Conv2d(channels, channels // 2, 1)
        self.swintransformer2 = SwinStage(channels // 2, (height, width), mlp=mlp, scale=scale)
        self.fc_score = nn.Sequential(*_branch(channels // 2), nn.ReLU())
        self.fc_weight = nn.Sequential(*_branch(channels // 2), nn.Sigmoid())
        unused = tuple(f"blocks.{block}." for block in range(depth, MOST_BLOCKS))
        self.pretrained = PretrainedPart(
            "vit", ("head.", "norm.", *unused), partial(download, encoder, side)
        )

    def forward(self, images: Images) -> Scores:
        """Return one score a picture, on the scale of the labels."""
        return mean_over_crops(
            self.crop_scores, images, model="maniqa", side=self.side, per_side=self.crops
        )

    def crop_scores(self, images: Images) -> Scores:
        """Return the scores of pictures of ``side`` x ``side`` pixels."""
        vit: Any = self.vit
        grid = vit.patch_embed.grid_size
        tapped = vit.forward_intermediates(
            images, indices=self.taps, norm=False, output_fmt="NLC", intermediates_only=True
        )
        maps = torch.cat(tapped, dim=2).transpose(1, 2)  # n, channels, places
        maps = self.conv1(self.tablock1(maps).unflatten(2, grid))
        maps = self.swintransformer1(maps).flatten(2)
        maps = self.conv2(self.tablock2(maps).unflatten(2, grid))
        places = self.swintransformer2(maps).flatten(2).transpose(1, 2)  # n, places, channels
        quality, weight = self.fc_score(places), self.fc_weight(places)
        return ((quality * weight).sum(dim=1) / weight.sum(dim=1)).squeeze(-1)

    def last_layer(self) -> nn.Linear:
        """Return the last linear layer of the quality branch, which a ReLU follows."""
        layer = self.fc_score[-2]
        assert isinstance(layer, nn.Linear)
        return layer

    def _bias_for(self, mos_mean: float) -> float:
        """Return the mean; one that is not above 0 lies where the ReLU has no gradient."""
        return mos_mean if mos_mean > 0 else float("nan")


class TransposedAttention(nn.Module):
    """The paper's TAB: self-attention between the channels of a map (n, channels, places).

    Queries, keys and values are linear in the places. ``scrambled`` as in the released code.
    """

    def __init__(self, places: int, *, scrambled: bool) -> None:
        super().__init__()
        self.scrambled = scrambled
        self.c_q = nn.Linear(places, places)
        self.c_k = nn.Linear(places, places)
        self.c_v = nn.Linear(places, places)
        self.dropout = nn.Dropout(DROPOUT)

    def forward(self, maps: Tensor) -> Tensor:
        """Return the maps with what the channels take from one another added."""
        likeness = self.c_q(maps) @ self.c_k(maps).transpose(1, 2) * maps.shape[2] ** -0.5
        taken = likeness.softmax(dim=-1) @ self.c_v(maps)
        if self.scrambled:
            taken = taken.transpose(1, 2).reshape(maps.shape)
        return maps + self.dropout(taken)


class SwinStage(nn.Module):
    """Layers of windowed attention on maps (n, channels, height, width), added ``scale`` times.

    A layer is two of timm's Swin blocks (Liu et al., ICCV 2021), the second with shifted windows,
    then a 3x3 convolution and a ReLU.
    """

    def __init__(self, channels: int, size: tuple[int, int], *, mlp: int, scale: float) -> None:
        super().__init__()
        self.scale = scale
        self.dropout = nn.Dropout(DROPOUT)
        drop_path = torch.linspace(0, DROP_PATH, LAYERS * DEPTH, device="cpu").tolist()
        self.layers = nn.ModuleList()
        for layer in range(LAYERS):
            blocks = [
                SwinTransformerBlock(
                    channels,
                    size,
                    num_heads=HEADS,
                    window_size=WINDOW,
                    shift_size=WINDOW // 2 if block % 2 else 0,
                    mlp_ratio=mlp / channels,
                    drop_path=drop_path[layer * DEPTH + block],
                )
                for block in range(DEPTH)
            ]
            convolution = nn.Conv2d(channels, channels, 3, padding=1)
            self.layers.append(nn.Sequential(*blocks, ChannelsFirst(), convolution, nn.ReLU()))

    def forward(self, maps: Tensor) -> Tensor:
        """Return maps of the same shape."""
        maps = self.dropout(maps)
        for layer in self.layers:
            maps = maps + self.scale * layer(maps.permute(0, 2, 3, 1))
        return maps


class ChannelsFirst(nn.Module):
    """Blocks have the channels last, convolutions first."""

    def forward(self, maps: Tensor) -> Tensor:
        """Return (n, channels, height, width) for (n, height, width, channels)."""
        return maps.permute(0, 3, 1, 2)


def _branch(channels: int) -> list[nn.Module]:
    hidden = nn.Linear(channels, channels)
    return [hidden, nn.ReLU(), nn.Dropout(DROPOUT), nn.Linear(channels, 1)]


def download(encoder: str, side: int) -> Mapping[str, Tensor]:
    """Return timm's weights for ``encoder``, at pictures of ``side`` pixels."""
    return timm.create_model(encoder, pretrained=True, num_classes=0, img_size=side).state_dict()


def build(
    name: str,
    *,
    variant: str = "released_code",
    encoder: str = "vit_base_patch8_224",
    encoder_options: Mapping[str, Any] | None = None,
    side: int = 224,
    crops: int = 5,
    taps: Sequence[int] = TAPS,
    mlp: int = 768,
    scale: float | None = None,
) -> QualityModel:
    """Return MANIQA.

    ``encoder`` is one of timm's vision transformers and ``encoder_options`` go to it; ``side``
    is that of the squares it takes, ``crops`` their number along each edge of a larger picture
    (our choice); ``taps`` are the blocks used and ``mlp`` the hidden size in the Swin stages;
    ``scale`` is the variant's unless given.
    """
    check_choice("variant", variant, tuple(SCALES))
    check_positive(side=side, crops=crops, mlp=mlp)
    if not encoder.startswith("vit_") or not timm.is_model(encoder):
        raise InputError(f"maniqa: encoder is {encoder!r}, expected a vision transformer of timm")
    if not taps or min(taps) < 0 or list(taps) != sorted(set(taps)):
        raise InputError(f"maniqa: taps are {list(taps)}, expected rising numbers from 0")
    return MANIQA(
        variant=variant,
        encoder=encoder,
        encoder_options=encoder_options or {},
        side=side,
        crops=crops,
        taps=taps,
        mlp=mlp,
        scale=SCALES[variant] if scale is None else scale,
    )
