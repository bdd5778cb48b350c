"""Ordinary training on all distortions together: the baseline of the two other priors' kinds."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, mse_loss

from biqa.recipes import PriorRecipe
from biqa.training.batches import BatchSource
from biqa.training.bilevel import decayed_lr
from biqa.training.number_format import number_format
from biqa.training.tasks import Task
from biqa.training.views import Indices, generator

BatchLoss = Callable[[Tensor, Indices], Tensor]


def learn_pooled(
    model: nn.Module,
    tasks: list[Task],
    source: BatchSource,
    recipe: PriorRecipe,
    *,
    report: Callable[[dict[str, float]], None] = lambda row: None,
) -> None:
    """Train ``model`` in place on the pictures of all tasks, without telling tasks apart.

    The baseline of MetaIQA's ablation (Zhu et al., CVPR 2020, Table 4): squared error, one
    Adam, and as many gradient steps as the bi-level scheme takes: steps x tasks x 2 s.
    """
    pictures = np.concatenate([part for task in tasks for part in (task.support, task.query)])

    def loss(predicted: Tensor, batch: Indices) -> Tensor:
        return mse_loss(predicted, source.mos(batch))

    inner = 2 * recipe.inner_steps * min(recipe.tasks_per_step, len(tasks))
    _descend(model, pictures, source, recipe, loss, inner=inner, report=report)


def learn_distortions(
    model: nn.Module,
    tasks: list[Task],
    source: BatchSource,
    recipe: PriorRecipe,
    *,
    report: Callable[[dict[str, float]], None] = lambda row: None,
) -> None:
    """Train a classifier of distortion type x level in place, with cross entropy.

    The pretraining of DBCNN's S-CNN (Zhang et al., TCSVT 2020, section III-A). Classes are the
    pairs in ``distortion_classes``, in that order.
    """
    labels = source.store.labels
    learned = np.concatenate([part for task in tasks for part in (task.support, task.query)])
    classes = distortion_classes(labels.iloc[learned])
    number = {pair: place for place, pair in enumerate(classes)}
    pairs = zip(labels["distortion"], labels["level"], strict=True)
    target = torch.tensor([number.get((d, int(level)), -1) for d, level in pairs])

    def loss(predicted: Tensor, batch: Indices) -> Tensor:
        return cross_entropy(predicted, target[torch.as_tensor(batch)].to(predicted.device))

    pictures = np.concatenate([task.support for task in tasks])
    _descend(model, pictures, source, recipe, loss, inner=1, report=report)


def distortion_classes(labels: pd.DataFrame) -> list[tuple[str, int]]:
    """Return the (distortion, level) pairs of pictures, sorted."""
    labels = labels[labels["distortion"] != ""]
    pairs = zip(labels["distortion"], labels["level"].astype(int), strict=True)
    return sorted(set(pairs))


def _descend(
    model: nn.Module,
    pictures: Indices,
    source: BatchSource,
    recipe: PriorRecipe,
    loss: BatchLoss,
    *,
    inner: int,
    report: Callable[[dict[str, float]], None],
) -> None:
    """Take ``recipe.steps * inner`` Adam steps; report the mean loss of every ``inner`` steps."""
    model.train()
    torch.manual_seed(int(generator(recipe.seed, 8).integers(2**62)))
    optimizer = torch.optim.Adam(
        model.parameters(), lr=recipe.lr, betas=recipe.betas, weight_decay=recipe.weight_decay
    )
    for step in range(recipe.steps):
        lr = decayed_lr(recipe, step)
        for group in optimizer.param_groups:
            group["lr"] = lr
        total = 0.0
        for number in range(step * inner, (step + 1) * inner):
            images, batch = source.draw(pictures, number)
            with number_format(recipe.hardware):
                predicted = model(images)
            value = loss(predicted.float(), batch)
            if not torch.isfinite(value):
                raise FloatingPointError(f"prior: the loss is {value.item()}; lower the lr")
            optimizer.zero_grad()
            value.backward()
            optimizer.step()
            total += value.item()
        report({"step": step + 1, "lr": lr, "train_loss": total / inner})
