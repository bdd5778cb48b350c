"""HyperIQA of Su, Yan, Zhu, Zhang, Ge, Sun and Zhang (CVPR 2020).

A network that writes, for each picture, the small network that judges it. Names and layers as
in the released code of SSL92/hyperIQA.
"""

from collections.abc import Sequence
from functools import partial
from itertools import pairwise

import torch
from jaxtyping import Float
from torch import Tensor, nn

from biqa.errors import InputError
from biqa.models.crops import mean_over_crops
from biqa.models.options import check_choice, check_layers, check_positive, scaled
from biqa.models.quality import PretrainedPart, QualityModel
from biqa.models.resnet import ResNetEncoder, download
from biqa.models.stages import stage_channels, stage_maps
from biqa.shapes import Images, Scores

NAMES = ("hyperiqa",)

TARGETS = {  # sizes of the judging network's input and of its layers before the last
    "released_code": (224, 112, 56, 28, 14),
    "paper": (224, 112, 56, 28),
}
DISTORTION_CHANNELS = (16, 32, 64)  # of the modules on stages 1 to 3


class HyperIQA(QualityModel):
    """One score a picture, not bounded: the mean over fixed crops of ``side`` pixels.

    ``released_code``: the judging network has five layers. ``paper``: it has four; their sizes,
    the released ones without the last hidden layer, are our choice.
    The local distortion modules learn at the backbone's rate, as released. The released training
    stops updating everything else after the first epoch (its list of parameters is used up);
    here it goes on.
    """

    backbone = (
        "encoder",
        *("lda1_pool", "lda1_fc", "lda2_pool", "lda2_fc", "lda3_pool", "lda3_fc", "lda4_fc"),
    )
    pretrained = PretrainedPart("encoder", ignored=("fc.",), download=partial(download, "resnet50"))

    def __init__(
        self, *, width: float, side: int, crops: int, target: Sequence[int], lda: int, hyper: int
    ) -> None:
        super().__init__()
        self.side, self.crops, self.target = side, crops, tuple(target)
        self.encoder = ResNetEncoder("resnet50", width=width)
        channels = stage_channels("resnet50", width)
        for stage, wanted in enumerate(DISTORTION_CHANNELS, start=1):
            kept, cells = scaled(wanted, width), 2 ** (4 - stage)
            reduce = nn.Conv2d(channels[stage - 1], kept, 1, bias=False)
            pool = nn.Sequential(reduce, nn.AvgPool2d(side // 32), nn.Flatten())
            self.add_module(f"lda{stage}_pool", pool)
            self.add_module(f"lda{stage}_fc", nn.Linear(kept * cells**2, lda))
        self.lda4_fc = nn.Linear(channels[3], target[0] - 3 * lda)
        self.conv1 = _content(channels[3], (scaled(1024, width), scaled(512, width), hyper))
        cells = (side // 32) ** 2
        for number, (inputs, outputs) in enumerate(pairwise(target), start=1):
            weights = nn.Conv2d(hyper, inputs * outputs // cells, 3, padding=1)
            self.add_module(f"fc{number}w_conv", weights)
            self.add_module(f"fc{number}b_fc", nn.Linear(hyper, outputs))
        self.add_module(f"fc{len(target)}w_fc", nn.Linear(hyper, target[-1]))
        self.add_module(f"fc{len(target)}b_fc", nn.Linear(hyper, 1))
        self._draw()

    def forward(self, images: Images) -> Scores:
        """Return one score a picture, on the scale of the labels."""
        return mean_over_crops(
            self.crop_scores, images, model="hyperiqa", side=self.side, per_side=self.crops
        )

    def crop_scores(self, images: Images) -> Scores:
        """Return the scores of pictures of ``side`` x ``side`` pixels."""
        maps = stage_maps(self.encoder, images)
        seen = [
            self._of(f"lda{stage}_fc")(self._of(f"lda{stage}_pool")(maps[stage - 1]))
            for stage in (1, 2, 3)
        ]
        vector = torch.cat([*seen, self.lda4_fc(maps[3].mean(dim=(2, 3)))], dim=1)
        content = self.conv1(maps[3])
        mean_content = content.mean(dim=(2, 3))
        layers = []
        for number, (inputs, outputs) in enumerate(pairwise(self.target), start=1):
            weights = self._of(f"fc{number}w_conv")(content).reshape(-1, outputs, inputs)
            layers.append((weights, self._of(f"fc{number}b_fc")(mean_content)))
        last = len(self.target)
        weights = self._of(f"fc{last}w_fc")(mean_content).unsqueeze(1)
        layers.append((weights, self._of(f"fc{last}b_fc")(mean_content)))
        return judged_by(layers, vector).squeeze(-1)

    def last_layer(self) -> nn.Linear:
        """Return the layer that writes the last bias; the last weights add to the score."""
        layer = self._of(f"fc{len(self.target)}b_fc")
        assert isinstance(layer, nn.Linear)
        return layer

    def _of(self, name: str) -> nn.Module:
        return self.get_submodule(name)

    def _draw(self) -> None:
        """Draw as released: He et al. by inputs where weights are written or distortion is seen."""
        for name, child in self.named_children():
            if name.startswith(("lda", "fc")):
                for layer in child.modules():
                    if isinstance(layer, (nn.Linear, nn.Conv2d)):
                        nn.init.kaiming_normal_(layer.weight)


def _content(inputs: int, sizes: Sequence[int]) -> nn.Sequential:
    layers: list[nn.Module] = []
    for outputs in sizes:
        layers += [nn.Conv2d(inputs, outputs, 1), nn.ReLU(inplace=True)]
        inputs = outputs
    return nn.Sequential(*layers)


def judged_by(
    layers: Sequence[tuple[Float[Tensor, "n out in"], Float[Tensor, "n out"]]],
    vector: Float[Tensor, "n in"],
) -> Float[Tensor, "n out"]:
    """Return ``vector`` after linear layers with sigmoids between, own weights for each row.

    In float32 at least, which autocast would not keep for matrix products: what follows is a
    score, and bfloat16 tells few levels apart.
    """
    precision = torch.promote_types(vector.dtype, torch.float32)
    vector = vector.to(precision)
    for number, (weights, biases) in enumerate(layers):
        entering = vector.sigmoid() if number else vector
        products = weights.to(precision) * entering.unsqueeze(1)
        vector = products.sum(dim=-1) + biases.to(precision)
    return vector


def build(
    name: str,
    *,
    variant: str = "released_code",
    width: float = 1.0,
    side: int = 224,
    crops: int = 5,
    target: Sequence[int] | None = None,
    lda: int = 16,
    hyper: int = 112,
) -> QualityModel:
    """Return HyperIQA.

    ``width`` scales the channels before the hyper network's ``hyper`` ones; ``side`` is that of
    the squares it takes, ``crops`` their number along each edge of a larger picture. ``target``
    are the sizes of the judging network's input, of which a distortion module gives ``lda``, and
    of its hidden layers.
    """
    check_choice("variant", variant, tuple(TARGETS))
    check_positive(width=width, side=side, crops=crops, lda=lda, hyper=hyper)
    target = TARGETS[variant] if target is None else target
    check_layers("target", target, len(TARGETS[variant]))
    cells = (side // 32) ** 2
    if side % 32 or any(inputs * outputs % cells for inputs, outputs in pairwise(target)):
        raise InputError(
            f"hyperiqa: side is {side} and target {list(target)}, expected a multiple of 32, and "
            f"neighbouring sizes whose product is a multiple of (side / 32)^2"
        )
    if target[0] <= 3 * lda:
        raise InputError(f"hyperiqa: target begins with {target[0]}, expected more than 3 * {lda}")
    return HyperIQA(width=width, side=side, crops=crops, target=target, lda=lda, hyper=hyper)
