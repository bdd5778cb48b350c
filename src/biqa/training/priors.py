"""Which scheme makes which kind of prior."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from biqa.errors import InputError
from biqa.models.scnn import SCNN
from biqa.pictures.store import Pictures
from biqa.recipes import PriorRecipe
from biqa.training.batches import BatchSource
from biqa.training.bilevel import learn_prior
from biqa.training.device import placed
from biqa.training.pooled import distortion_classes, learn_distortions, learn_pooled
from biqa.training.released import learn_prior_as_released
from biqa.training.setup import starting_model
from biqa.training.tasks import tasks_of
from biqa.training.views import Indices, generator

SCHEMES = {
    "bilevel": learn_prior,
    "pooled": learn_pooled,
    "distortion_classes": learn_distortions,
}


def learn(
    spec: dict[str, Any],
    store: Pictures,
    recipe: PriorRecipe,
    databases: Sequence[Indices],
    *,
    weights: Path | None,
    device: torch.device,
    report: Callable[[dict[str, float]], None],
) -> torch.nn.Module:
    """Return the network of ``spec`` after the recipe's scheme on pictures of the store.

    ``databases`` are the positions of the pictures to learn from, of each database by itself.
    """
    labels = store.labels.iloc[np.concatenate(databases)]
    tasks = tasks_of(
        store.labels, databases, query_fraction=recipe.query_fraction, seed=recipe.seed
    )
    if recipe.kind == "distortion_classes":
        model: Any = _classifier(spec["model"], len(distortion_classes(labels)), recipe)
    else:
        model = starting_model(spec["model"], seed=recipe.seed, weights=weights, prior=None)
        model.initial_bias(float(labels["mos"].mean()))
    model = placed(model, recipe.hardware)
    source = BatchSource(store, recipe, model.mean, model.std, device)
    by_paper = recipe.variant == "paper"
    scheme = SCHEMES[recipe.kind] if by_paper else learn_prior_as_released
    scheme(model, tasks, source, recipe, report=report)
    return model


def _classifier(spec: dict[str, Any], classes: int, recipe: PriorRecipe) -> SCNN:
    """Return an S-CNN with ``classes`` outputs, one a distortion type and level."""
    if spec["name"] != "scnn" or spec["weights"] != "none":
        raise InputError(
            f"a prior of kind 'distortion_classes' trains the model 'scnn' from weights 'none', "
            f"found {spec['name']!r} from {spec['weights']!r}"
        )
    torch.manual_seed(int(generator(recipe.seed, 0).integers(2**62)))
    return SCNN(classes=classes, **spec["options"])
