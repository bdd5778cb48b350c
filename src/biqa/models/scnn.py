"""S-CNN, the distortion classifier of DBCNN: not a quality model.

Zhang, Ma, Yan, Deng and Wang, IEEE TCSVT 2020; batch-normalised version of the released code of
zwx8981/DBCNN-PyTorch, whose weights fit.
"""

from jaxtyping import Float
from torch import Tensor, nn

from biqa.models.initialisation import draw_convolutions
from biqa.models.options import check_positive, scaled
from biqa.models.quality import IMAGENET_MEAN, IMAGENET_STD
from biqa.shapes import Images

CHANNELS_STRIDES = (
    *((48, 1), (48, 2), (64, 1), (64, 2), (64, 1), (64, 2)),
    *((128, 1), (128, 1), (128, 2)),
)


def scnn_features(*, width: float = 1.0) -> nn.Sequential:
    """Return the nine convolutions: (n, 128 * width, h / 16, w / 16), not negative."""
    check_positive(width=width)
    layers: list[nn.Module] = []
    inputs = 3
    for channels, stride in CHANNELS_STRIDES:
        outputs = scaled(channels, width)
        layers += _convolution(inputs, outputs, kernel=3, stride=stride)
        inputs = outputs
    features = nn.Sequential(*layers)
    draw_convolutions(features)
    return features


class SCNN(nn.Module):
    """Logits (n, classes) of distortion type and level.

    The released network averages over 14x14 positions, all there are for its 224x224 crops; we
    average over all positions of any size.
    """

    mean = IMAGENET_MEAN
    std = IMAGENET_STD

    def __init__(self, *, classes: int = 39, width: float = 1.0) -> None:
        super().__init__()
        check_positive(classes=classes)
        last, projected = scaled(CHANNELS_STRIDES[-1][0], width), scaled(256, width)
        self.features = scnn_features(width=width)
        self.pooling = nn.AdaptiveAvgPool2d(1)
        self.projection = nn.Sequential(
            *_convolution(last, projected, kernel=1), *_convolution(projected, projected, kernel=1)
        )
        self.classifier = nn.Linear(projected, classes)
        draw_convolutions(self.projection)

    def forward(self, images: Images) -> Float[Tensor, "n classes"]:
        """Return one logit a picture and class."""
        return self.classifier(self.projection(self.pooling(self.features(images))).flatten(1))


def _convolution(inputs: int, outputs: int, *, kernel: int, stride: int = 1) -> list[nn.Module]:
    return [
        nn.Conv2d(inputs, outputs, kernel, stride=stride, padding=kernel // 2),
        nn.BatchNorm2d(outputs),
        nn.ReLU(inplace=True),
    ]
