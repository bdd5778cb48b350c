"""Which pixels of a picture the score of a trained network depends on."""

import numpy as np
import torch

from biqa.models.quality import QualityModel
from biqa.pictures.store import PictureStore
from biqa.recipes import Recipe
from biqa.training.views import Indices, central_views


def gradient_maps(
    model: QualityModel, store: PictureStore, indices: Indices, recipe: Recipe
) -> tuple[np.ndarray, np.ndarray]:
    """Return the pictures as the network judges them, and a map for each.

    Pictures are uint8 of shape (n, height, width, 3) and must be of one size. A map is
    |d score / d pixel|, pixels in [0, 1] and the score on the scale of ``mos``; of the three
    colours of a pixel the largest. Shape (n, height, width), float32. MetaIQA (Zhu et al., CVPR
    2020, Figure 3) draws such maps. The network is in evaluation mode, in float32.
    """
    device = next(model.parameters()).device
    model.eval()
    std = torch.tensor(model.std, device=device).view(1, 3, 1, 1)
    pictures, maps = [], []
    for index in indices:  # one at a time: a map is of one picture whatever stands beside it
        ((_, pixels),) = central_views(
            store, np.array([index]), crop=recipe.views.test_crop, batch_size=1
        )
        images = model.inputs_of(pixels, device)
        images = images.detach().requires_grad_()
        score = model(images).sum() / recipe.label_scale
        (gradient,) = torch.autograd.grad(score, images)
        pictures.append(store.picture(int(index)))
        maps.append((gradient / std).abs().amax(dim=1)[0].cpu().numpy())
    height, width = maps[0].shape
    shown = [_centre(picture, height, width) for picture in pictures]
    return np.stack(shown), np.stack(maps).astype(np.float32)


def severe(store: PictureStore, indices: Indices, n: int) -> Indices:
    """Return ``n`` of ``indices`` with the lowest MOS, no two of one distortion while that goes.

    Ties go to the name that sorts first, so the choice depends on the labels alone.
    """
    labels = store.labels.loc[np.asarray(indices)].sort_values(["mos", "name"])
    kinds = labels["distortion"].where(labels["distortion"] != "", labels["name"])
    first = labels[~kinds.duplicated()]
    rest = labels[kinds.duplicated()]
    return np.concatenate([first.index.to_numpy(), rest.index.to_numpy()])[:n]


def _centre(picture: np.ndarray, height: int, width: int) -> np.ndarray:
    """Return the central part of a picture, placed like ``central_views`` places it."""
    top, left = (picture.shape[0] - height) // 2, (picture.shape[1] - width) // 2
    return np.array(picture[top : top + height, left : left + width])
