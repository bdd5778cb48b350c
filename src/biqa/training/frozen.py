"""What a stage of a recipe holds still, computed once a picture and not once an epoch."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from biqa.errors import InputError
from biqa.models.quality import QualityModel
from biqa.pictures.store import Pictures
from biqa.recipes import Recipe
from biqa.training.number_format import number_format
from biqa.training.resident import SHARE, ResidentPictures
from biqa.training.stages import stages_of
from biqa.training.streaming import delivered
from biqa.training.views import Indices, central_views

BATCH_SIZE = 16  # of pictures computed at a time; as in prediction, part of what decides the bits
ABSENT = -1


@dataclass(frozen=True)
class KeptFeatures:
    """The backbone's features of whole pictures, and of the mirrored ones that training sees."""

    values: Tensor  # (n_kept, ...), on the device of the model, or in host memory if too large
    rows: NDArray[np.int64]  # (2, n_pictures): where a picture is, and its mirror image
    device: torch.device

    @classmethod
    def of(
        cls,
        model: QualityModel,
        store: Pictures,
        parts: Mapping[str, Indices],
        stage: Recipe,
        resident: ResidentPictures | None,
    ) -> Self | None:
        """Compute them for all ``parts``; None where the recipe or its stage does not allow it."""
        if not stage.reuse_frozen or not holds_backbone_still(model, stage):
            return None
        device = next(model.parameters()).device
        rows = np.full((2, len(store)), ABSENT)
        sides = [(0, np.concatenate([indices for indices in parts.values() if len(indices)]))]
        if stage.views.flip:
            sides.append((1, np.asarray(parts["train"])))
        values: Tensor | None = None
        n_kept, at = sum(len(indices) for _, indices in sides), 0
        for side, indices in sides:
            for batch, features in _computed(model, store, indices, stage, resident, side=side):
                if values is None:
                    values = _room_for(n_kept, features)
                values[at : at + len(batch)] = features
                rows[side, batch] = np.arange(at, at + len(batch))
                at += len(batch)
        assert values is not None, "a training has pictures"
        return cls(values, rows, device)

    def __call__(self, indices: Indices, mirrored: NDArray[np.bool_] | None = None) -> Tensor:
        """Return the features of the pictures at ``indices``, (n, ...), on the model's device."""
        sides = np.zeros(len(indices), int) if mirrored is None else mirrored.astype(int)
        rows = self.rows[sides, indices]
        assert (rows != ABSENT).all(), "features of these pictures were not computed"
        there = torch.as_tensor(rows, device=self.values.device)
        return self.values[there].to(self.device, non_blocking=True)


def holds_backbone_still(model: QualityModel, stage: Recipe) -> bool:
    """Return whether every part of the backbone is one of the stage's frozen modules."""
    return bool(model.backbone) and set(model.backbone) <= set(stage.freeze)


def check_reuse(model: QualityModel, recipe: Recipe) -> None:
    """Raise ``InputError`` for a recipe that reuses what its model cannot give."""
    if not recipe.reuse_frozen:
        return
    if not model.can_be_parted:
        raise InputError(
            f"recipe: reuse_frozen: {type(model).__name__} is not parted into a backbone and a "
            "head on its features; leave reuse_frozen out"
        )
    if not any(holds_backbone_still(model, stage) for _, stage in stages_of(recipe)):
        raise InputError(
            f"recipe: reuse_frozen: no stage freezes all of {', '.join(model.backbone)}; "
            "leave reuse_frozen out"
        )


@torch.no_grad()  # not inference mode: the head's gradient needs them
def _computed(  # type: ignore[no-untyped-def]
    model: QualityModel,
    store: Pictures,
    indices: Indices,
    stage: Recipe,
    resident: ResidentPictures | None,
    *,
    side: int,
):
    """Yield the features of ``indices`` in batches; of side 1, of the mirrored pictures."""
    device = next(model.parameters()).device
    model.eval()
    views = central_views(store, indices, crop=0, batch_size=BATCH_SIZE, resident=resident)
    for batch, pixels in delivered(views, device, resident):
        seen = pixels.flip(2) if side else pixels
        images = model.inputs_of(seen, device)
        with number_format(stage.hardware):
            features = model.backbone_features(images)
        yield batch, features


def _room_for(n: int, features: Tensor) -> Tensor:
    """Return memory for ``n`` pictures' features: on their device, or else on the host."""
    shape, device = (n, *features.shape[1:]), features.device
    if device.type == "cuda":
        n_bytes = n * features[0].numel() * features.element_size()
        if n_bytes > SHARE * torch.cuda.mem_get_info(device)[0]:
            return torch.empty(shape, dtype=features.dtype)
    return torch.empty(shape, dtype=features.dtype, device=device)
