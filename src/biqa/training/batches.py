"""Random batches of pictures for trainings that count steps, not epochs."""

from dataclasses import dataclass

import torch
from torch import Tensor

from biqa.models.inputs import normalised
from biqa.pictures.store import Pictures
from biqa.recipes import PriorRecipe
from biqa.shapes import Images
from biqa.training.views import Indices, RandomViews, generator


@dataclass(frozen=True)
class BatchSource:
    """Draws batches of normalised views; draw number n is a function of the seed and n alone."""

    store: Pictures
    recipe: PriorRecipe
    mean: tuple[float, ...]
    std: tuple[float, ...]
    device: torch.device

    def draw(self, indices: Indices, number: int) -> tuple[Images, Indices]:
        """Return a batch drawn from ``indices`` without repetition, and which pictures it has."""
        order = generator(self.recipe.seed, 5, number)
        batch = order.permutation(indices)[: self.recipe.batch_size]
        return self.views(batch, number), batch

    def views(self, batch: Indices, number: int) -> Images:
        """Return normalised views of the pictures at ``batch``, the crops of draw ``number``."""
        views = RandomViews(
            self.store, self.recipe.views.crop, self.recipe.views.flip, self.recipe.seed, number
        )
        pixels = views.pixels(batch)
        return normalised(pixels, mean=self.mean, std=self.std, device=self.device)

    def mos(self, batch: Indices) -> Tensor:
        """Return the MOS of the pictures at ``batch``, in [0, 1]."""
        values = self.store.labels["mos"].to_numpy()[batch]
        return torch.tensor(values, dtype=torch.float32, device=self.device)
