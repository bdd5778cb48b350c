"""CNNIQA of Kang, Ye, Li and Doermann (CVPR 2014): a shallow network on small gray patches.

Layers and the normalisation of patches follow the released code of lidq92/CNNIQA, whose weights
fit: no activation after the convolution, dropout after the first hidden layer.
"""

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import relu

from biqa.errors import InputError
from biqa.models.local_normalisation import (
    gray_as_stored,
    local_normalisation,
    non_overlapping_patches,
)
from biqa.models.options import check_choice, check_layers, check_positive
from biqa.models.quality import QualityModel
from biqa.shapes import Images, Scores

NAMES = ("cnniqa",)

SIDE = 32  # pixels of a patch
VARIANTS = ("paper", "released_code")


class CNNIQA(QualityModel):
    """One score a 32x32 patch; a picture's score is the mean over its patches. Not bounded.

    Takes RGB in [0, 1] and makes gray itself. ``variant`` says which patches count:
    ``paper`` takes all that fit; ``released_code`` leaves out the last full row or column when
    a side is a multiple of 32 (its loop ends one patch early).
    """

    mean = (0.0, 0.0, 0.0)
    std = (1.0, 1.0, 1.0)

    def __init__(self, *, variant: str, kernels: int, hidden: Sequence[int]) -> None:
        super().__init__()
        check_choice("variant", variant, VARIANTS)
        check_positive(kernels=kernels)
        check_layers("hidden", hidden, 2)
        self.variant = variant
        self.conv1 = nn.Conv2d(1, kernels, 7)
        self.fc1 = nn.Linear(2 * kernels, hidden[0])
        self.dropout = nn.Dropout(0.5)
        self.fc2 = nn.Linear(hidden[0], hidden[1])
        self.fc3 = nn.Linear(hidden[1], 1)

    def forward(self, images: Images) -> Scores:
        """Return one score a picture, on the scale of the labels."""
        return self.patch_scores(images).mean(dim=1)

    def patch_scores(self, images: Images) -> Float[Tensor, "n patches"]:
        """Return the scores of all patches (n, patches), row by row."""
        rows, columns = (self._n_patches(side) for side in images.shape[-2:])
        gray = gray_as_stored(images)
        patches = non_overlapping_patches(gray, side=SIDE, rows=rows, columns=columns)
        maps = self.conv1(local_normalisation(patches)).flatten(2)
        # amax and amin share gradients between ties and take twice the time to train
        features = torch.cat([maps.max(dim=2).values, maps.min(dim=2).values], dim=1)
        features = relu(self.fc2(self.dropout(relu(self.fc1(features)))))
        return self.fc3(features).view(len(images), rows * columns)

    def last_layer(self) -> nn.Linear:
        """Return the last of the three linear layers, drawn as PyTorch does."""
        return self.fc3

    def _n_patches(self, side: int) -> int:
        n_patches = side // SIDE if self.variant == "paper" else (side - 1) // SIDE
        if n_patches < 1:
            least = SIDE if self.variant == "paper" else SIDE + 1
            raise InputError(
                f"cnniqa: a picture has a side of {side} pixels, expected {least} or more"
            )
        return n_patches


def build(
    name: str, *, variant: str = "paper", kernels: int = 50, hidden: Sequence[int] = (800, 800)
) -> QualityModel:
    """Return CNNIQA; ``hidden`` are the sizes of the two hidden linear layers."""
    return CNNIQA(variant=variant, kernels=kernels, hidden=hidden)
