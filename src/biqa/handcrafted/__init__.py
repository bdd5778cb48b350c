"""Hand-crafted quality methods: one a file, found by name and imported only when asked for.

A file is a method when it assigns three constants and defines ``build(name, **options)``, which
returns a ``biqa.handcrafted.method.Method``:

* ``NAMES``, the names of what it builds;
* ``BASIS``, what it learns from beforehand, without labels: "" (nothing), "pristine" (pictures
  that nobody has distorted) or "codebook" (the pictures of another database);
* ``KIND``, the kind of recipe that it takes: "svr" learns from scores, "opinion_unaware" does not.

No library with a free licence that is alive has these features: piq has the score of BRISQUE
alone, with the authors' regression. All of them are written here from the papers.
"""

import ast
import inspect
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from biqa.errors import InputError

if TYPE_CHECKING:
    from biqa.handcrafted.method import Method

CONSTANTS = ("NAMES", "BASIS", "KIND")


@dataclass(frozen=True)
class Facts:
    """What a study has to know of a method before anything is imported."""

    module: str
    basis: str
    kind: str


def known_methods() -> tuple[str, ...]:
    """Return the names of all methods, sorted."""
    return tuple(sorted(_facts_by_name()))


def facts_of(name: str) -> Facts | None:
    """Return the facts of the method ``name``; None for an unknown name."""
    return _facts_by_name().get(name)


def create_method(name: str, **options: Any) -> "Method":
    """Return the method called ``name``; ``options`` are those of ``build`` in its file."""
    facts = facts_of(name)
    if facts is None:
        raise InputError(f"unknown method {name!r}; the methods are {', '.join(known_methods())}")
    build = import_module(facts.module).build
    parameters = inspect.signature(build).parameters.values()
    known = [p.name for p in parameters if p.kind is inspect.Parameter.KEYWORD_ONLY]
    unknown = sorted(options.keys() - set(known))
    if unknown:
        has = f"it has {', '.join(known)}" if known else "it has none"
        raise InputError(f"method {name}: unknown option {', '.join(unknown)}; {has}")
    return build(name, **options)


@cache
def _facts_by_name() -> dict[str, Facts]:
    """Read, not import, the files beside this one: plans need the names alone."""
    found: dict[str, Facts] = {}
    for path in sorted(Path(__file__).parent.glob("*.py")):
        constants: dict[str, Any] = {}
        for statement in ast.parse(path.read_text(encoding="utf-8")).body:
            match statement:
                case ast.Assign(targets=[ast.Name(id=name)], value=value) if name in CONSTANTS:
                    constants[name] = ast.literal_eval(value)
        if "NAMES" in constants and path.stem != "__init__":
            facts = Facts(f"{__name__}.{path.stem}", constants["BASIS"], constants["KIND"])
            found.update(dict.fromkeys(constants["NAMES"], facts))
    return found
