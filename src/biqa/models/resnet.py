"""ResNet-18, -34 and -50 with global average pooling and a linear head.

ResNet: He, Zhang, Ren and Sun, CVPR 2016. The blocks are torchvision's, the assembly is ours
because torchvision fixes the number of channels; at width 1 names, shapes and results are those
of torchvision, whose ImageNet weights (IMAGENET1K_V1, the ones the papers had) therefore fit.
"""

from collections.abc import Mapping
from functools import partial

from torch import Tensor, nn
from torchvision.models import get_model
from torchvision.models.resnet import BasicBlock, Bottleneck

from biqa.models.initialisation import draw_convolutions
from biqa.models.options import check_positive, scaled
from biqa.models.pooled import PooledEncoder
from biqa.models.quality import PretrainedPart, QualityModel

NAMES = ("resnet18", "resnet34", "resnet50")

DEPTHS: dict[str, tuple[type[BasicBlock] | type[Bottleneck], tuple[int, int, int, int]]] = {
    "resnet18": (BasicBlock, (2, 2, 2, 2)),
    "resnet34": (BasicBlock, (3, 4, 6, 3)),
    "resnet50": (Bottleneck, (3, 4, 6, 3)),
}


class ResNetEncoder(nn.Module):
    """A ResNet with ``width`` times the usual channels, up to its pooled features.

    With ``classes``, the classifier follows and the output is its logits (n, classes).
    """

    def __init__(self, name: str, *, width: float = 1.0, classes: int = 0) -> None:
        super().__init__()
        check_positive(width=width)
        block, depths = DEPTHS[name]
        stem = scaled(64, width)
        self.conv1 = nn.Conv2d(3, stem, 7, stride=2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(stem)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(3, stride=2, padding=1)
        inputs = stem
        for stage, n_blocks in enumerate(depths, start=1):
            planes = scaled(64 * 2 ** (stage - 1), width)
            stride = 1 if stage == 1 else 2
            self.add_module(f"layer{stage}", _stage(block, inputs, planes, n_blocks, stride))
            inputs = planes * block.expansion
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.flatten = nn.Flatten()
        if classes:
            self.fc = nn.Linear(inputs, classes)
        self.n_features = classes or inputs
        draw_convolutions(self)

    def forward(self, images: Tensor) -> Tensor:
        """Return pooled features (n, channels), or logits (n, classes)."""
        for layer in self.children():
            images = layer(images)
        return images


def _stage(
    block: type[BasicBlock] | type[Bottleneck], inputs: int, planes: int, n_blocks: int, stride: int
) -> nn.Sequential:
    outputs = planes * block.expansion
    shortcut = None
    if stride != 1 or inputs != outputs:
        shortcut = nn.Sequential(
            nn.Conv2d(inputs, outputs, 1, stride=stride, bias=False), nn.BatchNorm2d(outputs)
        )
    first = block(inputs, planes, stride, shortcut)
    return nn.Sequential(first, *(block(outputs, planes) for _ in range(n_blocks - 1)))


def download(name: str) -> Mapping[str, Tensor]:
    """Return torchvision's ImageNet weights for the ResNet called ``name``."""
    return get_model(name, weights="IMAGENET1K_V1", progress=False).state_dict()


def build(name: str, *, width: float = 1.0, head_std: float = 0.001) -> QualityModel:
    """Return the ResNet called ``name`` as a quality model; ``width`` scales its channels."""
    encoder = ResNetEncoder(name, width=width)
    pretrained = PretrainedPart("encoder", ignored=("fc.",), download=partial(download, name))
    return PooledEncoder(encoder, encoder.n_features, pretrained=pretrained, head_std=head_std)
