"""DBCNN of Zhang, Ma, Yan, Deng and Wang (IEEE TCSVT 2020): two networks, bilinear pooling.

VGG16 for what a picture shows, S-CNN for how it is distorted. ``weights`` are for VGG16;
S-CNN's are an option, as they come from another place.
"""

from collections import OrderedDict
from pathlib import Path

from torch import Tensor, nn

from biqa.models.bilinear import bilinear_pooling
from biqa.models.options import scaled
from biqa.models.quality import PretrainedPart, QualityModel
from biqa.models.scnn import scnn_features
from biqa.models.vgg16 import download, vgg16_features
from biqa.models.weights import load_file
from biqa.shapes import Images, Scores

NAMES = ("dbcnn",)


class DBCNN(QualityModel):
    """One score a picture, not bounded; both networks see the same normalised picture.

    The last layer is drawn as released (He et al., by inputs): on features of unit length that
    is already small, so DBCNN has no ``head_std``.
    """

    backbone = ("vgg", "scnn")
    pretrained = PretrainedPart("vgg", ignored=("classifier.",), download=download)

    def __init__(self, *, width: float) -> None:
        super().__init__()
        convolutions = vgg16_features(width=width)[:-1]  # no last max-pooling: stride 16, as S-CNN
        self.vgg = nn.Sequential(OrderedDict(features=convolutions))
        self.scnn = nn.Sequential(OrderedDict(features=scnn_features(width=width)))
        self.fc = nn.Linear(scaled(512, width) * scaled(128, width), 1)
        nn.init.kaiming_normal_(self.fc.weight)
        nn.init.zeros_(self.fc.bias)

    def backbone_features(self, images: Images) -> Tensor:
        """Return the pooled outer product of both networks' maps, (n, 512 * 128) at width 1."""
        return bilinear_pooling(self.vgg(images), self.scnn(images))

    def score_of(self, features: Tensor) -> Scores:
        """Return one score a picture, on the scale of the labels."""
        return self.fc(features).squeeze(-1)

    def last_layer(self) -> nn.Linear:
        """Return the layer on the pooled outer product."""
        return self.fc


def build(name: str, *, width: float = 1.0, scnn_weights: str | Path | None = None) -> QualityModel:
    """Return DBCNN; ``scnn_weights`` is a safetensors file of the whole S-CNN, or none."""
    model = DBCNN(width=width)
    if scnn_weights is not None:
        record = load_file(model.scnn, scnn_weights, ignored=("projection.", "classifier."))
        model.weights_records.append(record)
    return model
