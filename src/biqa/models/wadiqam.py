"""WaDIQaM-NR of Bosse, Maniry, Müller, Wiegand and Samek (IEEE TIP 2018).

A deep plain network on 32x32 patches with one head for the quality of a patch and one for its
weight. Layers and their names as in the released code of lidq92/WaDIQaM.
"""

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import max_pool2d, relu

from biqa.errors import InputError
from biqa.models.initialisation import draw_convolutions
from biqa.models.options import check_choice, check_positive, scaled
from biqa.models.quality import QualityModel
from biqa.shapes import Images, Scores

NAMES = ("wadiqam",)

SIDE = 32  # pixels of a patch
CHANNELS = (32, 32, 64, 64, 128, 128, 256, 256, 512, 512)
LEAST_WEIGHT = 1e-6  # of a patch, as released
VARIANTS = ("paper", "released_code")

Patches = Float[Tensor, "n patches 3 32 32"]


class WaDIQaM(QualityModel):
    """The weighted mean of patch qualities: one score a picture, not bounded.

    Takes RGB in [0, 1]. In training it draws ``n_patches`` patches of each picture from torch's
    generator; otherwise it judges the patches that lie side by side. ``variant`` says which:
    ``paper`` takes all that fit; ``released_code`` leaves out the last full row or column when
    a side is a multiple of 32 (its loop ends one patch early). The released code also keeps
    dropout on when it judges; here it is off, so that a picture has one score. And it starts
    as PyTorch draws: for about half of the seeds every weight lies where the ReLU has no gradient,
    and patches differ by a millionth. Ours starts with weights near 1 and He et al.'s draw.
    """

    mean = (0.0, 0.0, 0.0)
    std = (1.0, 1.0, 1.0)

    def __init__(self, *, variant: str, width: float, hidden: int, n_patches: int) -> None:
        super().__init__()
        check_choice("variant", variant, VARIANTS)
        check_positive(width=width, hidden=hidden, n_patches=n_patches)
        self.variant, self.n_patches = variant, n_patches
        inputs = 3
        for number, channels in enumerate(CHANNELS, start=1):
            outputs = scaled(channels, width)
            self.add_module(f"conv{number}", nn.Conv2d(inputs, outputs, 3, padding=1))
            inputs = outputs
        self.fc1q_nr, self.fc2q_nr = nn.Linear(inputs, hidden), nn.Linear(hidden, 1)
        self.fc1w_nr, self.fc2w_nr = nn.Linear(inputs, hidden), nn.Linear(hidden, 1)
        self.dropout = nn.Dropout(0.5)
        draw_convolutions(self)
        nn.init.ones_(self.fc2w_nr.bias)

    def forward(self, images: Images) -> Scores:
        """Return one score a picture, on the scale of the labels."""
        patches = self._random_patches(images) if self.training else self._all_patches(images)
        features = self._features(patches.flatten(0, 1))
        quality, weight = self.qualities_and_weights(features)
        quality, weight = (values.view(patches.shape[:2]) for values in (quality, weight))
        return (quality * weight).sum(dim=1) / weight.sum(dim=1)

    def qualities_and_weights(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """Return quality and weight, at least 1e-6, of each patch (patches,)."""
        quality = self.fc2q_nr(self.dropout(relu(self.fc1q_nr(features))))
        weight = self.fc2w_nr(self.dropout(relu(self.fc1w_nr(features))))
        return quality.squeeze(-1), relu(weight).squeeze(-1) + LEAST_WEIGHT

    def last_layer(self) -> nn.Linear:
        """Return the last layer of the quality head, drawn as PyTorch does."""
        return self.fc2q_nr

    def _features(self, patches: Tensor) -> Tensor:
        """Return the features of patches (patches, channels)."""
        for number in range(1, len(CHANNELS) + 1):
            patches = relu(self.get_submodule(f"conv{number}")(patches))
            if number % 2 == 0:
                patches = max_pool2d(patches, 2)
        return patches.flatten(1)

    def _random_patches(self, images: Images) -> Patches:
        for side in images.shape[-2:]:
            self._check_side(side, SIDE)
        places = images.unfold(2, SIDE, 1).unfold(3, SIDE, 1)  # a view: n 3 rows columns 32 32
        n, _, rows, columns = places.shape[:4]
        top = torch.randint(rows, (n, self.n_patches)).to(images.device)
        left = torch.randint(columns, (n, self.n_patches)).to(images.device)
        return places[torch.arange(n, device=images.device)[:, None], :, top, left]

    def _all_patches(self, images: Images) -> Patches:
        early = 0 if self.variant == "paper" else 1
        rows, columns = ((side - early) // SIDE for side in images.shape[-2:])
        for side in images.shape[-2:]:
            self._check_side(side, SIDE + early)
        used = images[:, :, : rows * SIDE, : columns * SIDE]
        grid = used.unfold(2, SIDE, SIDE).unfold(3, SIDE, SIDE)  # n 3 rows columns 32 32
        return grid.permute(0, 2, 3, 1, 4, 5).flatten(1, 2)

    def _check_side(self, side: int, least: int) -> None:
        if side < least:
            raise InputError(
                f"wadiqam: a picture has a side of {side} pixels, expected {least} or more"
            )


def build(
    name: str,
    *,
    variant: str = "paper",
    width: float = 1.0,
    hidden: int = 512,
    n_patches: int = 32,
) -> QualityModel:
    """Return WaDIQaM-NR; ``width`` scales its channels, ``hidden`` is the size of both heads."""
    return WaDIQaM(variant=variant, width=width, hidden=hidden, n_patches=n_patches)
