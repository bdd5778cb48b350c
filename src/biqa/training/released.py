"""MetaIQA's meta-learning as its released code does it, where that is not what the paper says."""

from collections.abc import Callable, Iterator

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import mse_loss
from torch.optim import Adam

from biqa.models.quality import QualityModel
from biqa.recipes import PriorRecipe
from biqa.training.batches import BatchSource
from biqa.training.number_format import number_format
from biqa.training.tasks import Task
from biqa.training.views import Indices, generator

Parameters = dict[str, Tensor]


def learn_prior_as_released(
    model: QualityModel,
    tasks: list[Task],
    source: BatchSource,
    recipe: PriorRecipe,
    *,
    report: Callable[[dict[str, float]], None] = lambda row: None,
) -> None:
    """Meta-learn ``model`` in place by the released code of MetaIQA (its part for TID2013).

    Zhu et al., repository MetaIQA at 30eeeb1, MetaIQA_On_TID2013_KADID.py. What differs from the
    paper's form (``biqa.training.bilevel``):

    - ``recipe.steps`` are epochs that visit every task, in random order; at each visit a task's
      pictures are divided anew into support and query, picture by picture, not by reference;
    - one Adam serves support, query and all tasks and is never started anew; layers that do not
      belong to the backbone learn at ``head_lr``;
    - for each batch of the support set: one step on it, one on a batch of the query set; then the
      meta weights move by (weights - start) / k, k = ``tasks_per_step``;
    - the weights that tasks start from are renewed from the meta weights where the number of
      batches so far is a multiple of k at the start of a task;
    - rates decay compoundingly (``compounded_lr``);
    - only parameters go back to the start of a task, batch-norm statistics run on; and the
      result is the network that was trained last, not the meta weights.
    """
    model.train()
    torch.manual_seed(int(generator(recipe.seed, 7).integers(2**62)))
    head_lr = recipe.head_lr or recipe.lr
    groups = model.parameter_groups(lr=head_lr, backbone_lr=recipe.lr)
    optimizer = Adam(groups, betas=recipe.betas, weight_decay=recipe.weight_decay)
    rates = [group["lr"] for group in groups]
    meta, start, count = parameters_of(model), parameters_of(model), 0
    for epoch in range(recipe.steps):
        factor = compounded_lr(recipe, epoch)
        for group, rate in zip(optimizer.param_groups, rates, strict=True):
            group["lr"] = rate * factor
        losses = {"support_loss": 0.0, "query_loss": 0.0}
        for number in generator(recipe.seed, 9, epoch).permutation(len(tasks)):
            if count % recipe.tasks_per_step == 0:
                start = {name: value.clone() for name, value in meta.items()}
            load_parameters(model, start)
            pairs = list(_batches(tasks[number], recipe, epoch, int(number)))
            for support, query in pairs:
                for place, batch in enumerate((support, query)):
                    loss = _step(model, optimizer, source, recipe, batch, 2 * count + place)
                    part = ("support_loss", "query_loss")[place]
                    losses[part] += loss / len(pairs) / len(tasks)
                for name, value in model.named_parameters():
                    meta[name] += (value.detach() - start[name]) / recipe.tasks_per_step
                count += 1
        report({"step": epoch + 1, "lr": recipe.lr * factor, **losses})


def compounded_lr(recipe: PriorRecipe, epoch: int) -> float:
    """Return what the first rates are multiplied with in an epoch, counted from 0.

    The released code multiplies the rates of the epoch before, not the first ones, by
    0.9 ** (epoch // 2): 0.53 in epoch 5, 0.072 in epoch 10, 0.000027 in epoch 20.
    """
    if not recipe.decay_steps:
        return 1.0
    return recipe.decay_factor ** sum(e // recipe.decay_steps for e in range(epoch + 1))


def parameters_of(model: nn.Module) -> Parameters:
    """Return a copy of the parameters, without buffers."""
    return {name: value.detach().clone() for name, value in model.named_parameters()}


def load_parameters(model: nn.Module, parameters: Parameters) -> None:
    """Copy ``parameters`` into the model; buffers stay."""
    with torch.no_grad():
        for name, value in model.named_parameters():
            value.copy_(parameters[name])


def _batches(
    task: Task, recipe: PriorRecipe, epoch: int, number: int
) -> Iterator[tuple[Indices, Indices]]:
    """Yield the batches of a visit's support set, each with a batch of its query set."""
    pictures = np.sort(np.concatenate([task.support, task.query]))
    shuffled = generator(recipe.seed, 10, epoch, number).permutation(pictures)
    n_query = min(max(round(recipe.query_fraction * len(shuffled)), 1), len(shuffled) - 1)
    query, support = np.split(shuffled, [n_query])
    size = recipe.batch_size
    queries = [query[at : at + size] for at in range(0, len(query), size)]
    for place, at in enumerate(range(0, len(support), size)):
        yield support[at : at + size], queries[place % len(queries)]


def _step(
    model: nn.Module,
    optimizer: Adam,
    source: BatchSource,
    recipe: PriorRecipe,
    batch: Indices,
    number: int,
) -> float:
    images = source.views(batch, number)
    with number_format(recipe.hardware):
        predicted = model(images)
    loss = mse_loss(predicted.float(), source.mos(batch))
    if not torch.isfinite(loss):
        raise FloatingPointError(f"prior: the loss is {loss.item()}; lower lr in the recipe")
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()
