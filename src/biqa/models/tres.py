"""TReS of Golestaneh, Dadsetan and Kitani (WACV 2022): a ResNet, a transformer on its stages.

Layers as in the released code of isalirezag/TReS, less the ResNet's classifier, which it does
not use; the paper's consistency and ranking terms are in ``training_loss``.
"""

from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d, dropout, l1_loss, normalize

from biqa.errors import InputError
from biqa.models.blur_pooling import blur_pooling
from biqa.models.crops import mean_over_crops
from biqa.models.options import check_choice, check_positive
from biqa.models.place_code import place_code
from biqa.models.quality import PretrainedPart, QualityModel
from biqa.models.resnet import NAMES as ENCODERS
from biqa.models.resnet import ResNetEncoder, download
from biqa.models.stages import stage_channels, stage_maps
from biqa.shapes import Images, Scalar, Scores

NAMES = ("tres",)

MAP_DROPOUT = 0.1  # on the pooled stages
DROPOUT = 0.5  # in the transformer
SAME_RANKING = 0.5  # weight of the difference between the rankings of picture and mirror image
RANKING = 0.05  # weight of the rankings


class TReS(QualityModel):
    """One score a picture, not bounded: the mean over fixed crops of ``side`` pixels."""

    backbone = ("encoder",)

    def __init__(
        self,
        *,
        encoder: str,
        width: float,
        side: int,
        crops: int,
        heads: int,
        layers: int,
        feedforward: int,
    ) -> None:
        super().__init__()
        self.side, self.crops = side, crops
        self.encoder = ResNetEncoder(encoder, width=width)
        channels = stage_channels(encoder, width)
        total = sum(channels)
        if total % heads or total % 4:
            raise InputError(
                f"tres: the stages have {total} channels together, "
                f"expected a multiple of 4 and of heads, which is {heads}"
            )
        self.transformer = nn.ModuleList(
            EncoderLayer(total, heads, feedforward) for _ in range(layers)
        )
        self.norm = nn.LayerNorm(total)
        for parameter in self.transformer.parameters():
            if parameter.ndim > 1:
                nn.init.xavier_uniform_(parameter)
        self.fc2 = nn.Linear(total, channels[3])
        self.fc = nn.Linear(2 * channels[3], 1)
        self.pretrained = PretrainedPart(
            "encoder", ignored=("fc.",), download=partial(download, encoder)
        )

    def forward(self, images: Images) -> Scores:
        """Return one score a picture, on the scale of the labels."""
        return mean_over_crops(
            self.crop_scores, images, model="tres", side=self.side, per_side=self.crops
        )

    def crop_scores(self, images: Images) -> Scores:
        """Return the scores of pictures of ``side`` x ``side`` pixels."""
        return self._judged(images, drop_maps=self.training)[0]

    def training_loss(
        self, images: Images, mos: Scores, loss: Callable[[Tensor, Tensor], Tensor]
    ) -> Scalar:
        """Return the released loss with ``loss`` in place of its mean absolute error.

        ``loss`` of the pictures and of their mirror images, how far features differ between the
        two, and the ranking of the batch's extremes (``extremes_ranking``) with its difference
        between the two. Pictures have ``side`` x ``side`` pixels; each goes through four times.
        """
        if images.shape[-2:] != (self.side, self.side):
            height, width = images.shape[-2:]
            raise InputError(
                f"tres: a training picture is {height}x{width} pixels, expected "
                f"{self.side}x{self.side}: set views.crop in the recipe"
            )
        mirrored = images.flip(3)
        scores1, difference1 = self._with_consistency(images, mirrored)
        scores2, difference2 = self._with_consistency(mirrored, images)
        ranking1, ranking2 = extremes_ranking(scores1, mos), extremes_ranking(scores2, mos)
        same = l1_loss(ranking1, ranking2.detach()) + l1_loss(ranking2, ranking1.detach())
        judged = loss(scores1, mos) + loss(scores2, mos)
        return (
            judged
            + difference1
            + difference2
            + SAME_RANKING * same
            + RANKING * (ranking1 + ranking2)
        )

    def last_layer(self) -> nn.Linear:
        """Return the layer on both kinds of features, drawn as PyTorch does."""
        return self.fc

    def _with_consistency(self, images: Images, mirrored: Images) -> tuple[Scores, Scalar]:
        """Return scores, and how far features are from the mirror images', which stand still."""
        scores, encoded, fourth = self._judged(images, drop_maps=self.training)
        with torch.no_grad():
            _, other_encoded, other_fourth = self._judged(mirrored, drop_maps=False)
        difference = l1_loss(encoded.float(), other_encoded.float())
        return scores.float(), difference + l1_loss(fourth.float(), other_fourth.float())

    def _judged(self, images: Images, *, drop_maps: bool) -> tuple[Scores, Tensor, Tensor]:
        """Return scores, the transformer's features and the ResNet's last maps."""
        stages = stage_maps(self.encoder, images)
        pooled = []
        for maps, cell in zip(stages, (8, 4, 2, 1), strict=True):
            maps = dropout(blur_pooling(normalize(maps, dim=1)), MAP_DROPOUT, training=drop_maps)
            pooled.append(avg_pool2d(maps, cell))
        places = torch.cat(pooled, dim=1)  # n, channels, side / 32, side / 32
        code = place_code(*places.shape[1:], device=images.device).flatten(1).T
        encoded = places.flatten(2).transpose(1, 2)  # n, places, channels
        for layer in self.transformer:
            encoded = layer(encoded, code)
        encoded = self.norm(encoded)
        features = [self.fc2(encoded.mean(dim=1)), stages[3].mean(dim=(2, 3))]
        return self.fc(torch.cat(features, dim=1)).squeeze(-1), encoded, stages[3]


class EncoderLayer(nn.Module):
    """A transformer layer that normalises first; queries and keys know their places."""

    def __init__(self, channels: int, heads: int, feedforward: int) -> None:
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(channels), nn.LayerNorm(channels)
        self.self_attn = nn.MultiheadAttention(channels, heads, dropout=DROPOUT, batch_first=True)
        self.linear1 = nn.Linear(channels, feedforward)
        self.linear2 = nn.Linear(feedforward, channels)
        self.dropout = nn.Dropout(DROPOUT)

    def forward(self, features: Tensor, code: Tensor) -> Tensor:
        """Return features (n, places, channels); ``code`` is (places, channels)."""
        entering = self.norm1(features)
        placed = entering + code
        attended = self.self_attn(placed, placed, entering, need_weights=False)[0]
        features = features + self.dropout(attended)
        hidden = self.dropout(self.linear1(self.norm2(features)).relu())
        return features + self.dropout(self.linear2(hidden))


def extremes_ranking(scores: Scores, mos: Scores) -> Scalar:
    """Return the paper's two triplet losses on the best and the worst pictures of a batch.

    The score of the worst is to be nearer to that of the second worst than to that of the best,
    by as much as the MOS of best and second worst differ; and the other way round.
    """
    order = mos.argsort()
    worst, second_worst, second_best, best = scores[order[[0, 1, -2, -1]]]
    span = (best - worst).abs()
    levels = mos[order]
    from_worst = (worst - second_worst).abs() - span + (levels[-1] - levels[1])
    from_best = (best - second_best).abs() - span + (levels[-2] - levels[0])
    return from_worst.relu() + from_best.relu()


def build(
    name: str,
    *,
    encoder: str = "resnet50",
    width: float = 1.0,
    side: int = 224,
    crops: int = 7,
    heads: int = 16,
    layers: int = 2,
    feedforward: int = 64,
) -> QualityModel:
    """Return TReS.

    ``width`` scales the encoder's channels; ``side`` is that of the squares it takes, ``crops``
    their number along each edge of a larger picture (7: 49, the released code draws 50);
    ``heads``, ``layers`` and ``feedforward`` are the transformer's.
    """
    check_choice("encoder", encoder, ENCODERS)
    check_positive(side=side, crops=crops, heads=heads, layers=layers, feedforward=feedforward)
    if side % 32:
        raise InputError(f"tres: side is {side}, expected a multiple of 32")
    return TReS(
        encoder=encoder,
        width=width,
        side=side,
        crops=crops,
        heads=heads,
        layers=layers,
        feedforward=feedforward,
    )
