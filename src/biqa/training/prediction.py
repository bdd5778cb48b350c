"""Scores of pictures by a trained network."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor

from biqa.models.quality import QualityModel
from biqa.pictures.store import Pictures
from biqa.recipes import Recipe
from biqa.training.frozen import KeptFeatures
from biqa.training.number_format import number_format
from biqa.training.resident import ResidentPictures
from biqa.training.streaming import delivered
from biqa.training.views import Indices, central_views

BATCH_SIZE = 16  # of pictures judged at a time; part of the recipe of numbers, so fixed here


def averaged_over_frames(frames: pd.DataFrame) -> pd.DataFrame:
    """Return one row a video in place of its frames: its score is the mean of theirs.

    ``frames`` has a column ``name``, <video>/<number>.png, and ``predicted``; all else is the
    same for the frames of a video.
    """
    videos = frames["name"].str.rpartition("/")[0]
    means = frames["predicted"].groupby(videos, sort=False).mean()
    first = frames.assign(name=videos).drop_duplicates("name", ignore_index=True)
    return first.assign(predicted=means[first["name"]].to_numpy())


@torch.inference_mode()
def predict(
    model: QualityModel,
    store: Pictures,
    indices: Indices,
    recipe: Recipe,
    *,
    resident: ResidentPictures | None = None,
    features: KeptFeatures | None = None,
) -> NDArray[np.float64]:
    """Return one predicted MOS a picture, in the order of ``indices``, on the scale of ``mos``.

    The network is in evaluation mode; it sees each picture whole, or its central crop where
    the recipe names one. With ``features`` its frozen backbone's are looked up.
    """
    model.eval()
    order, scores = [], []
    for batch, inputs in _inputs(model, store, indices, recipe, resident, features):
        with number_format(recipe.hardware):
            predicted = model(inputs) if features is None else model.score_of(inputs)
        order.append(batch)
        scores.append(predicted.float())
    by_index = np.empty(len(store))
    by_index[np.concatenate(order)] = torch.cat(scores).cpu().numpy()  # the one wait for a GPU
    return by_index[np.asarray(indices)] / recipe.label_scale


def _inputs(
    model: QualityModel,
    store: Pictures,
    indices: Indices,
    recipe: Recipe,
    resident: ResidentPictures | None,
    features: KeptFeatures | None,
) -> Iterator[tuple[Indices, Tensor]]:
    """Yield the pictures in batches, with their images or their features."""
    if features is not None:
        for start in range(0, len(indices), BATCH_SIZE):
            batch = np.asarray(indices[start : start + BATCH_SIZE])
            yield batch, features(batch)
        return
    device = next(model.parameters()).device
    crop = recipe.views.test_crop
    views = central_views(store, indices, crop=crop, batch_size=BATCH_SIZE, resident=resident)
    for batch, pixels in delivered(views, device, resident):
        yield batch, model.inputs_of(pixels, device)
