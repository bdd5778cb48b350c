"""What a training works on: a network on pictures, or what comes after its frozen stem on maps."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

from torch import Tensor

from biqa.errors import InputError
from biqa.models.quality import QualityModel
from biqa.models.stem import after_stem
from biqa.pictures.store import Pictures, PictureStore
from biqa.recipes import Recipe
from biqa.training.stem_maps import StemMaps


@dataclass(frozen=True)
class Learner:
    """A model, what it sees, and the recipe in units of that."""

    model: QualityModel
    store: Pictures
    recipe: Recipe
    whole: QualityModel  # the model with its stem

    @classmethod
    def of(
        cls, model: QualityModel, store: PictureStore, recipe: Recipe, stem: Path | None
    ) -> Self:
        """Return ``model`` on ``store``, or its rest on the maps in the folder ``stem``.

        ``stem`` has to be given where the recipe has a frozen stem, and nowhere else.
        """
        if bool(recipe.frozen_stem) != bool(stem):
            found = "without its maps (--stem)" if recipe.frozen_stem else f"beside --stem {stem}"
            raise InputError(f"recipe: frozen_stem is {list(recipe.frozen_stem)}, {found}")
        if not stem:
            return cls(model, store, recipe, model)
        maps = StemMaps.open(stem, store, recipe.frozen_stem)
        return cls(after_stem(model, recipe.frozen_stem), maps, maps.recipe(recipe), model)

    def whole_weights(self, learned: dict[str, Tensor]) -> dict[str, Tensor]:
        """Return the weights of the whole network: ``learned``, and the stem's as they were."""
        still = {name: value.detach().cpu() for name, value in self.whole.state_dict().items()}
        return {**still, **learned}
