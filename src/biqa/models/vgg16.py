"""VGG16's convolutions with global average pooling and a linear head.

VGG: Simonyan and Zisserman, ICLR 2015. The fully connected layers of the classifier are left
out, as in all quality models that build on it; no paper here says where it pools, we pool after
the fifth max-pooling.
"""

from collections import OrderedDict
from collections.abc import Mapping

from torch import Tensor, nn
from torchvision.models import get_model
from torchvision.models.vgg import make_layers

from biqa.models.initialisation import draw_convolutions
from biqa.models.options import check_positive, scaled
from biqa.models.pooled import PooledEncoder
from biqa.models.quality import PretrainedPart, QualityModel

NAMES = ("vgg16",)

CHANNELS = ((64, 64), (128, 128), (256, 256, 256), (512, 512, 512), (512, 512, 512))


def vgg16_features(*, width: float = 1.0) -> nn.Sequential:
    """Return the convolutions up to the fifth max-pooling: (n, 512 * width, h / 32, w / 32)."""
    check_positive(width=width)
    plan: list[str | int] = []
    for block in CHANNELS:
        plan += [*(scaled(channels, width) for channels in block), "M"]
    features = make_layers(plan)
    draw_convolutions(features)
    return features


def download() -> Mapping[str, Tensor]:
    """Return torchvision's ImageNet weights."""
    return get_model("vgg16", weights="IMAGENET1K_V1", progress=False).state_dict()


def build(name: str, *, width: float = 1.0, head_std: float = 0.001) -> QualityModel:
    """Return VGG16 as a quality model; ``width`` scales its channels."""
    encoder = nn.Sequential(
        OrderedDict(
            features=vgg16_features(width=width),
            pool=nn.AdaptiveAvgPool2d(1),
            flatten=nn.Flatten(),
        )
    )
    pretrained = PretrainedPart("encoder", ignored=("classifier.",), download=download)
    n_features = scaled(CHANNELS[-1][-1], width)
    return PooledEncoder(encoder, n_features, pretrained=pretrained, head_std=head_std)
