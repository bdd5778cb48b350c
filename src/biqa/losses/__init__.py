"""Loss functions by name: one file a loss, found when it is asked for.

A loss is a function ``(predicted, mos, *, options) -> scalar`` in a module of the same name.
A new one is one new file here; nothing else lists it. Modules that start with an underscore
are helpers.
"""

from collections.abc import Callable
from difflib import get_close_matches
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from biqa.errors import InputError
from biqa.losses._options import checked_options

if TYPE_CHECKING:
    from torch import Tensor


def known_losses() -> list[str]:
    """Return the names of all losses, in alphabetical order."""
    files = Path(__file__).parent.glob("*.py")
    return sorted(file.stem for file in files if not file.stem.startswith("_"))


def module_of(name: str) -> str | None:
    """Return the module of the loss ``name``; None for an unknown name."""
    return f"biqa.losses.{name}" if name in known_losses() else None


def loss(name: str, **options: Any) -> "Callable[[Tensor, Tensor], Tensor]":
    """Return the loss ``name`` with its options set, as a function of ``(predicted, mos)``.

    Names, types and values of the options are refused here, before any training: the loss
    is tried once on two scores.
    """
    known = known_losses()
    if name not in known:
        near = get_close_matches(str(name), known, n=1)
        hint = f"did you mean {near[0]!r}? " if near else ""
        raise InputError(f"unknown loss {name!r}; {hint}the losses are {', '.join(known)}")
    function = getattr(import_module(f"biqa.losses.{name}"), name)
    chosen = partial(function, **checked_options(name, function, options))
    _try(chosen)
    return chosen


def _try(chosen: "Callable[[Tensor, Tensor], Tensor]") -> None:
    import torch  # here, so that the names can be listed without it

    scores = torch.tensor([0.0, 1.0])
    chosen(scores, scores)
