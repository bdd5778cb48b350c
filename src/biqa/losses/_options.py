"""Check the options of a loss against the signature of its function."""

import inspect
import math
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Any

from biqa.errors import InputError

Weights = tuple[float, float]


def checked_options(
    name: str, function: Callable[..., Any], options: Mapping[str, Any]
) -> dict[str, Any]:
    """Return ``options`` as ``function``, the loss ``name``, declares them.

    Whole numbers become floats and lists become tuples, as they come from a YAML file.
    """
    takes = {
        parameter.name: parameter.annotation
        for parameter in inspect.signature(function).parameters.values()
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY
    }
    listing = f"its options are {', '.join(takes)}" if takes else "it takes no options"
    for option in options:
        if option not in takes:
            near = get_close_matches(option, takes, n=1)
            hint = f"did you mean {near[0]!r}? " if near else ""
            raise InputError(f"loss {name}: unknown option {option!r}; {hint}{listing}")
    checked = {}
    for option, value in options.items():
        try:
            checked[option] = _READERS[takes[option]](value)
        except TypeError as error:
            raise InputError(
                f"loss {name}: option {option!r} is {value!r}, expected {error}; {listing}"
            ) from None
    return checked


def _switch(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError("true or false")
    return value


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise TypeError("a finite number")
    return float(value)


def _weights(value: object) -> Weights:
    if not isinstance(value, (list, tuple)) or len(value) != 2:
        raise TypeError("two finite numbers")
    return _number(value[0]), _number(value[1])


_READERS: dict[Any, Callable[[object], Any]] = {bool: _switch, float: _number, Weights: _weights}
