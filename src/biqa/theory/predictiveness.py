"""How well a gradient predicts the gradient a little further down it, along a training run."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor
from torch.optim import Optimizer

from biqa.models.quality import QualityModel
from biqa.pictures.store import PictureStore
from biqa.recipes import Recipe
from biqa.theory.gradients import Loss
from biqa.training.epoch import train_epoch
from biqa.training.number_format import in_float32, number_format
from biqa.training.optimisation import optimizer_of, schedule_of
from biqa.training.views import Indices, RandomViews, generator

DISTANCES = (1e-4, 1e-3, 1e-2)  # of a probing step, in lengths of the vector of all weights


@dataclass
class Probe:
    """Looks, before some steps of an optimiser, at the gradient here and down the gradient.

    After Santurkar et al. (NeurIPS 2018, section 3): the gradient of a batch is taken at the
    weights and again after a step against it. The step is a share of the weights' length, so that
    losses of different units take equally long ones. Nothing of the training changes.
    """

    model: QualityModel
    batches: Sequence[tuple[Tensor, Tensor]]  # images and labels, taken in turn
    loss: Loss
    recipe: Recipe
    every: int  # steps from one look to the next
    step: int = 0
    rows: list[dict[str, float]] = field(default_factory=list)

    def __call__(self, optimizer: Optimizer, *_: Any) -> None:
        """Look, if it is time to."""
        if self.step % self.every == 0:
            batch = self.batches[self.step // self.every % len(self.batches)]
            self.rows += [{"step": self.step, **row} for row in self._look(*batch)]
        self.step += 1

    def _look(self, images: Tensor, labels: Tensor) -> Iterator[dict[str, float]]:
        weights = [weight for weight in self.model.parameters() if weight.requires_grad]
        start = torch.cat([weight.detach().flatten() for weight in weights])
        with _kept(self.model):
            here = self._gradient(weights, images, labels)
            for distance in DISTANCES:
                step = -distance * start.norm() / here.norm()
                _move(weights, start + step * here)
                there = self._gradient(weights, images, labels)
                _move(weights, start)
                cosine = torch.dot(here, there) / (here.norm() * there.norm())
                change = (there - here).norm() / here.norm()
                yield {
                    "distance": distance,
                    "cosine": cosine.item(),
                    "relative_change": change.item(),
                    "gradient_length": here.norm().item(),
                }

    def _gradient(self, weights: Sequence[Tensor], images: Tensor, labels: Tensor) -> Tensor:
        torch.manual_seed(0)  # dropout, where there is some, is the same at both ends of the step
        with number_format(self.recipe.hardware):
            value = self.model.training_loss(images, labels, self.loss)
        found = torch.autograd.grad(value, weights, allow_unused=True)
        pairs = zip(found, weights, strict=True)
        return torch.cat(
            [
                (torch.zeros_like(weight) if slope is None else slope).flatten()
                for slope, weight in pairs
            ]
        )


def watched_training(
    model: QualityModel,
    store: PictureStore,
    train: Indices,
    loss: Loss,
    recipe: Recipe,
    *,
    seed: int,
    every: int,
) -> list[dict[str, float]]:
    """Train as ``biqa.training.loop.train`` does and return what a ``Probe`` saw on the way.

    Keys: step (from 0), distance, cosine of the two gradients, relative_change of the second
    against the first, gradient_length of the first.
    """
    device = next(model.parameters()).device
    mos = torch.tensor(store.labels["mos"].to_numpy(), dtype=torch.float32, device=device)
    probe = Probe(
        model,
        _batches(store, train, mos, recipe, seed, model),
        in_float32(loss, recipe.hardware),
        recipe,
        every,
    )
    optimizer = optimizer_of(model, recipe)
    optimizer.register_step_pre_hook(probe)
    schedule = schedule_of(optimizer, recipe, -(-len(train) // recipe.batch_size))
    for epoch in range(1, recipe.epochs + 1):
        views = RandomViews(store, recipe.views.crop, recipe.views.flip, seed, epoch)
        train_epoch(model, views, train, mos, loss, optimizer, schedule, recipe)
    return probe.rows


def _batches(
    store: PictureStore,
    train: Indices,
    mos: Tensor,
    recipe: Recipe,
    seed: int,
    model: QualityModel,
) -> list[tuple[Tensor, Tensor]]:
    """Return all full batches of the training part in one order, the same for every loss."""
    order = generator(seed, 0, 4).permutation(train)
    views = RandomViews(store, recipe.views.crop, recipe.views.flip, seed, 0)
    size = recipe.batch_size
    starts = range(0, len(order) - size + 1, size)
    found = []
    for batch in (order[start : start + size] for start in starts):
        images = model.inputs_of(views.pixels(batch), mos.device)
        found.append((images, mos[torch.as_tensor(batch)] * recipe.label_scale))
    return found


@contextmanager
def _kept(model: QualityModel) -> Iterator[None]:
    """Put weights, statistics of batch norms and the random numbers back afterwards."""
    before: Mapping[str, Tensor] = {
        name: value.detach().clone() for name, value in model.state_dict().items()
    }
    with torch.random.fork_rng():
        try:
            yield
        finally:
            model.load_state_dict(before)


def _move(weights: Sequence[Tensor], to: Tensor) -> None:
    with torch.no_grad():
        for weight, values in zip(weights, to.split([one.numel() for one in weights]), strict=True):
            weight.copy_(values.view_as(weight))
