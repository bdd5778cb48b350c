"""Datasets: one module each, found by its name; its attribute ``DATASET`` holds the facts."""

import importlib
import pkgutil

from biqa.datasets.definition import Dataset
from biqa.errors import InputError


def dataset(name: str) -> Dataset:
    """Return the definition that the module ``biqa.datasets.<name>`` calls ``DATASET``."""
    found = _definition(name) if name in _modules() else None
    if found is None:
        raise InputError(f"unknown dataset {name!r}; the known ones are {', '.join(known())}")
    return found


def known() -> tuple[str, ...]:
    """Return the names of all datasets, sorted; a new module is seen without being listed."""
    return tuple(name for name in _modules() if _definition(name) is not None)


def module_of(name: str) -> str | None:
    """Return the module of the dataset ``name``; None for an unknown name."""
    return f"{__name__}.{name}" if name in known() else None


def is_generated(name: str) -> bool:
    """Say whether biqa draws the pictures itself; its module then has ``GENERATED``."""
    return hasattr(importlib.import_module(f"{__name__}.{name}"), "GENERATED")


def _modules() -> list[str]:
    return sorted(module.name for module in pkgutil.iter_modules(__path__))


def _definition(name: str) -> Dataset | None:
    found = getattr(importlib.import_module(f"{__name__}.{name}"), "DATASET", None)
    assert found is None or found.name == name, f"{__name__}.{name} defines {found.name!r}"
    return found
