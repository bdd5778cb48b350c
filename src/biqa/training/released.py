"""MetaIQA's meta-learning as its released code does it, where that is not what the paper says."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

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
    """Meta-learn ``model`` in place by the released code of MetaIQA.

    Zhu et al., repository MetaIQA at 30eeeb1, MetaIQA_On_TID2013_KADID.py. What differs from the
    paper's form (``biqa.training.bilevel``):

    - ``recipe.steps`` are epochs that visit every task, those of one database after those of
      another, in random order; at each visit a task's pictures are divided anew into support and
      query, picture by picture, not by reference;
    - one Adam serves support, query and all tasks and is never started anew; layers that do not
      belong to the backbone learn at ``head_lr``;
    - for each batch of the support set: one step on it, one on a batch of the query set; then the
      meta weights move by a k-th, k = ``tasks_per_step``, of the way that the network has come
      from the start of the task (the code's part for TID2013), or of its distance from the meta
      weights (its part for KADID-10k, ``released_code_kadid10k``, a moving average). Of several
      databases the first is treated as TID2013 and the others as KADID-10k;
    - the weights that tasks start from are renewed from the meta weights where, at the start of
      a task, the number of batches that the epoch has had of this database is a multiple of k;
    - rates decay compoundingly (``compounded_lr``);
    - only parameters go back to the start of a task, batch-norm statistics run on; and the
      result is the network that was trained last, not the meta weights.
    """
    model.train()
    torch.manual_seed(int(generator(recipe.seed, 7).integers(2**62)))
    groups = model.parameter_groups(lr=recipe.head_lr or recipe.lr, backbone_lr=recipe.lr)
    optimizer = Adam(groups, betas=recipe.betas, weight_decay=recipe.weight_decay)
    rates = [group["lr"] for group in groups]
    meta, start = parameters_of(model), parameters_of(model)
    taken = 0  # pairs of steps so far
    for epoch in range(recipe.steps):
        factor = compounded_lr(recipe, epoch)
        for group, rate in zip(optimizer.param_groups, rates, strict=True):
            group["lr"] = rate * factor
        losses = {"support_loss": 0.0, "query_loss": 0.0}
        for visit in _visits(tasks, recipe, epoch):
            if visit.renews:
                start = copied(meta)
            load_parameters(model, start)
            for pair in visit.pairs:
                for place, (part, batch) in enumerate(zip(losses, pair, strict=True)):
                    loss = _step(model, optimizer, source, recipe, batch, 2 * taken + place)
                    losses[part] += loss / len(visit.pairs) / len(tasks)
                origin = meta if visit.averages else start
                for name, value in model.named_parameters():
                    meta[name] += (value.detach() - origin[name]) / recipe.tasks_per_step
                taken += 1
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
    return copied(dict(model.named_parameters()))


def copied(parameters: Parameters) -> Parameters:
    """Return a copy that the originals' changes leave as it is."""
    return {name: value.detach().clone() for name, value in parameters.items()}


def load_parameters(model: nn.Module, parameters: Parameters) -> None:
    """Copy ``parameters`` into the model; buffers stay."""
    with torch.no_grad():
        for name, value in model.named_parameters():
            value.copy_(parameters[name])


@dataclass(frozen=True)
class _Visit:
    """One task in one epoch."""

    pairs: list[tuple[Indices, Indices]]  # a support and a query batch each
    renews: bool  # the start of tasks becomes the meta weights first
    averages: bool  # meta weights move towards the network, not along its way


def _visits(tasks: list[Task], recipe: PriorRecipe, epoch: int) -> Iterator[_Visit]:
    """Yield the visits of an epoch, database by database."""
    for database in sorted({task.database for task in tasks}):
        own = [number for number, task in enumerate(tasks) if task.database == database]
        key = (recipe.seed, 9, epoch, *([database] if database else []))
        averages = database > 0 or recipe.variant == "released_code_kadid10k"
        count = 0
        for number in generator(*key).permutation(own):
            pairs = list(_batches(tasks[number], recipe, epoch, int(number)))
            yield _Visit(pairs, count % recipe.tasks_per_step == 0, averages)
            count += len(pairs)


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
