"""Quality models: one architecture a file, found by name and imported only when asked for.

A file is an architecture when it assigns ``NAMES``, a tuple of the model names it builds, and
defines ``build(name, **options) -> QualityModel``. A name may end in ``/<...>``: what the user
writes there is the file's own business. To add a model, add a file.
"""

import ast
import inspect
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from biqa.errors import InputError

if TYPE_CHECKING:
    from biqa.models.quality import QualityModel


def create_model(name: str, *, weights: str | Path = "none", **options: Any) -> "QualityModel":
    """Return the model called ``name``, with the weights that ``load_weights`` finds.

    ``options`` are those of the ``build`` function in the model's file. Layers without weights
    of their own draw from torch's global generator: seed it first.
    """
    from biqa.models.weights import load_weights  # here, so that names are listed without torch

    module = module_of(name)
    if module is None:
        raise InputError(f"unknown model {name!r}; the models are {', '.join(known_models())}")
    build = import_module(module).build
    parameters = inspect.signature(build).parameters.values()
    known = [p.name for p in parameters if p.kind is inspect.Parameter.KEYWORD_ONLY]
    unknown = sorted(options.keys() - set(known))
    if unknown:
        raise InputError(
            f"model {name}: unknown option {', '.join(unknown)}; it has {', '.join(known)}"
        )
    model: QualityModel = build(name, **options)
    load_weights(model, weights)
    return model


def known_models() -> tuple[str, ...]:
    """Return all names, sorted; ``timm/<encoder>`` stands for every encoder of timm."""
    return tuple(sorted(_modules_by_name()))


def module_of(name: str) -> str | None:
    """Return the module that builds the model ``name``; None for an unknown name."""
    modules = _modules_by_name()
    families = {known.partition("<")[0]: module for known, module in modules.items()}
    family, slash, rest = name.partition("/")
    module = families.get(family + slash) if not slash or rest else None
    return f"biqa.models.{module}" if module else None


@cache
def _modules_by_name() -> dict[str, str]:
    """Read, not import, the files beside this one: torchvision and timm take seconds to load."""
    found = {}
    for path in sorted(Path(__file__).parent.glob("*.py")):
        for statement in ast.parse(path.read_text(encoding="utf-8")).body:
            match statement:
                case ast.Assign(targets=[ast.Name(id="NAMES")], value=names):
                    found.update(dict.fromkeys(ast.literal_eval(names), path.stem))
    return found
