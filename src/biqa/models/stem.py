"""A network in two: the first modules, which a recipe holds still, and all that comes after."""

import copy
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from biqa.errors import InputError
from biqa.models.quality import QualityModel
from biqa.shapes import Images

PROBE = 256  # pixels a side of the picture that a stem is tried on


class Stem:
    """The named modules at the beginning of a network, which follow one another.

    ``stride`` is how many pixels of a picture's side one cell of its maps stands for.
    """

    def __init__(self, model: QualityModel, modules: Sequence[str]) -> None:
        self._model = model
        self._last = _found(model, modules)[-1]
        self.stride = _tried(self, model, modules)

    @torch.no_grad()  # not inference mode: gradients of what comes after need the maps
    def __call__(self, images: Images) -> Tensor:
        """Return the maps of ``images``, (n, channels, height, width), in evaluation mode."""
        self._model.eval()
        hook = self._last.register_forward_hook(_stop)
        try:
            self._model(images)
        except _ReachedError as reached:
            return reached.maps
        finally:
            hook.remove()
        raise AssertionError("a module of the stem was not called")


def after_stem(model: QualityModel, modules: Sequence[str]) -> QualityModel:
    """Return a copy of ``model`` that takes the maps of its stem in place of pictures.

    Its weights have the names that they have in ``model``; those of the stem are not among them.
    """
    rest = copy.deepcopy(model)
    for name in modules:
        rest.set_submodule(name, nn.Identity())
    rest.takes_maps = True
    return rest


class _ReachedError(Exception):
    def __init__(self, maps: Tensor) -> None:
        super().__init__()
        self.maps = maps


def _stop(module: nn.Module, inputs: tuple[Tensor, ...], maps: Tensor) -> None:
    raise _ReachedError(maps)


def _found(model: QualityModel, modules: Sequence[str]) -> list[nn.Module]:
    known = dict(model.named_modules())
    for name in modules:
        if name not in known:
            near = [one for one in known if one.startswith(name.rpartition(".")[0])]
            raise InputError(
                f"recipe: frozen_stem: the model has no module {name!r}; it has, among others, "
                f"{', '.join(filter(None, near[:8]))}"
            )
    return [known[name] for name in modules]


def _tried(stem: Stem, model: QualityModel, modules: Sequence[str]) -> int:
    """Return the stride; raise unless stem and rest give what the whole network gives."""
    weight = next(model.parameters())
    numbers = torch.Generator().manual_seed(0)
    images = torch.randn(1, 3, PROBE, PROBE, generator=numbers).to(weight.device)
    refusal = InputError(
        f"recipe: frozen_stem: {', '.join(modules)} are not the first modules of the network, "
        "all of them and in the order in which it calls them"
    )
    with torch.no_grad():
        try:
            maps = stem(images)
            score = after_stem(model, modules).eval()(maps)
        except (RuntimeError, TypeError, AttributeError, AssertionError) as error:
            raise refusal from error
        if not torch.equal(score, model(images)):
            raise refusal
    if maps.ndim != 4 or PROBE % maps.shape[2]:
        raise InputError(
            f"recipe: frozen_stem: a picture of {PROBE}x{PROBE} pixels has maps of shape "
            f"{tuple(maps.shape[1:])}; crops cannot be cut from them"
        )
    return PROBE // maps.shape[2]
