"""The bi-level meta-learning of MetaIQA (Zhu et al., CVPR 2020, section 3.2)."""

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn.functional import mse_loss

from biqa.recipes import PriorRecipe
from biqa.training.batches import BatchSource
from biqa.training.number_format import number_format
from biqa.training.tasks import Task
from biqa.training.views import Indices, generator

Weights = dict[str, Tensor]


def learn_prior(
    model: nn.Module,
    tasks: list[Task],
    source: BatchSource,
    recipe: PriorRecipe,
    *,
    report: Callable[[dict[str, float]], None] = lambda row: None,
) -> None:
    """Meta-learn ``model`` in place: ``recipe.steps`` outer steps of k tasks each.

    For each drawn task: s Adam steps on its support set from the shared weights (Eq. 4 to 6),
    then s Adam steps on its query set (Eq. 7), with fresh moments for each of the two. The k
    results are integrated (Eq. 8) by moving the shared weights ``outer_lr / k`` times the sum
    of the displacements; batch-norm statistics move with them. First order: no gradient goes
    through an inner step. The released code differs: ``biqa.training.released``.
    """
    shared = copied(model)
    for step in range(recipe.steps):
        lr = decayed_lr(recipe, step)
        drawn = generator(recipe.seed, 6, step).permutation(len(tasks))[: recipe.tasks_per_step]
        results, losses = [], {"support_loss": 0.0, "query_loss": 0.0}
        for place, number in enumerate(drawn):
            model.load_state_dict(shared)
            first = (step * len(drawn) + place) * 2 * recipe.inner_steps
            task = tasks[number]
            for part, indices in (("support", task.support), ("query", task.query)):
                loss = adapt(model, indices, source, recipe, lr=lr, first_draw=first)
                losses[f"{part}_loss"] += loss / len(drawn)
                first += recipe.inner_steps
            results.append(copied(model))
        shared = integrated(shared, results, outer_lr=recipe.outer_lr)
        report({"step": step + 1, "lr": lr, **losses})
    model.load_state_dict(shared)


def adapt(
    model: nn.Module,
    indices: Indices,
    source: BatchSource,
    recipe: PriorRecipe,
    *,
    lr: float,
    first_draw: int,
) -> float:
    """Take ``recipe.inner_steps`` Adam steps of squared error in place; return the mean loss."""
    model.train()
    torch.manual_seed(int(generator(recipe.seed, 7, first_draw).integers(2**62)))
    optimizer = torch.optim.Adam(
        model.parameters(), lr=lr, betas=recipe.betas, weight_decay=recipe.weight_decay
    )
    total = 0.0
    for step in range(recipe.inner_steps):
        images, batch = source.draw(indices, first_draw + step)
        with number_format(recipe.hardware):
            predicted = model(images)
        loss = mse_loss(predicted.float(), source.mos(batch))
        if not torch.isfinite(loss):
            raise FloatingPointError(f"prior: the loss is {loss.item()}; lower lr in the recipe")
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item()
    return total / recipe.inner_steps


def integrated(shared: Weights, results: list[Weights], *, outer_lr: float) -> Weights:
    """Return the shared weights moved by ``outer_lr`` times the mean displacement (Eq. 8).

    Counters (integers, such as batch norm's number of batches) are taken from the last result.
    """
    moved = {}
    for name, start in shared.items():
        if start.is_floating_point():
            mean = torch.stack([result[name] for result in results]).mean(dim=0)
            moved[name] = start + outer_lr * (mean - start)
        else:
            moved[name] = results[-1][name]
    return moved


def decayed_lr(recipe: PriorRecipe, step: int) -> float:
    """Return the learning rate of Adam at an outer step, counted from 0."""
    if not recipe.decay_steps:
        return recipe.lr
    return recipe.lr * recipe.decay_factor ** (step // recipe.decay_steps)


def copied(model: nn.Module) -> Weights:
    """Return a copy of all weights and buffers."""
    return {name: value.detach().clone() for name, value in model.state_dict().items()}
