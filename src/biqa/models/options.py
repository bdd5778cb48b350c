"""Refuse option values that no architecture could mean."""

from collections.abc import Sequence

from biqa.errors import InputError


def check_choice(option: str, value: str, known: Sequence[str]) -> None:
    """Raise unless ``value`` is one of ``known``."""
    if value not in known:
        raise InputError(f"{option} is {value!r}, expected {' or '.join(known)}")


def check_positive(**options: float) -> None:
    """Raise unless every value is above zero."""
    for option, value in options.items():
        if not value > 0:
            raise InputError(f"{option} is {value}, expected a number above 0")


def check_rate(option: str, value: float) -> None:
    """Raise unless ``value`` is in [0, 1)."""
    if not 0 <= value < 1:
        raise InputError(f"{option} is {value}, expected a number from 0 to below 1")


def check_layers(option: str, sizes: Sequence[int], n_layers: int) -> None:
    """Raise unless ``sizes`` holds one positive size a layer."""
    if len(sizes) != n_layers or any(size < 1 for size in sizes):
        raise InputError(f"{option} is {list(sizes)}, expected {n_layers} sizes of 1 or more")


def scaled(channels: int, width: float) -> int:
    """Return ``channels`` times ``width``, rounded, and at least 1."""
    return max(1, round(channels * width))
