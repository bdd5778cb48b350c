"""The plain quality model: an encoder, global pooling, one linear layer."""

from torch import Tensor, nn

from biqa.models.initialisation import small_linear
from biqa.models.options import check_positive
from biqa.models.quality import (
    IMAGENET_MEAN,
    IMAGENET_STD,
    PretrainedPart,
    QualityModel,
    Triple,
)
from biqa.shapes import Images, Scores


class PooledEncoder(QualityModel):
    """An encoder with pooling inside, and a linear head: one score a picture, not bounded.

    ``encoder`` maps pictures (n, 3, height, width) to features (n, ``n_features``). The head
    starts small (see ``small_linear``), so that all pictures start near the bias.
    """

    backbone = ("encoder",)

    def __init__(
        self,
        encoder: nn.Module,
        n_features: int,
        *,
        pretrained: PretrainedPart,
        head_std: float,
        mean: Triple = IMAGENET_MEAN,
        std: Triple = IMAGENET_STD,
    ) -> None:
        super().__init__()
        check_positive(head_std=head_std)
        self.encoder = encoder
        self.head = small_linear(n_features, head_std)
        self.pretrained = pretrained
        self.mean, self.std = mean, std

    def backbone_features(self, images: Images) -> Tensor:
        """Return the pooled features, (n, ``n_features``)."""
        return self.encoder(images)

    def score_of(self, features: Tensor) -> Scores:
        """Return one score a picture, on the scale of the labels."""
        return self.head(features).squeeze(-1)

    def last_layer(self) -> nn.Linear:
        """Return the linear head."""
        return self.head
