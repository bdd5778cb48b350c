"""The numbers that papers print, looked up by what identifies them."""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from biqa.errors import InputError

ABOUT = ("value", "source", "note")  # columns that do not identify a number


def printed_value(folder: Path, table: str, keys: Mapping[str, object]) -> float:
    """Return the one number in ``<folder>/<table>.csv`` that ``keys`` identify, as printed."""
    found = _rows(folder, table, keys)
    if len(found) > 1:
        named = [c for c in found.columns if c not in ABOUT and len(set(found[c])) > 1]
        raise InputError(
            f"{_path(folder, table)}: {_words(keys)} fit {len(found)} rows; "
            f"they differ in {', '.join(named) or 'nothing'}, which the keys have to name"
        )
    return float(found["value"].iloc[0])


def printed_curve(folder: Path, table: str, keys: Mapping[str, object]) -> pd.DataFrame:
    """Return the columns epoch (from 1) and value of the learning curve that ``keys`` identify."""
    found = _rows(folder, table, keys)
    if "epoch" not in found.columns:
        raise InputError(f"{_path(folder, table)}: no column 'epoch', so it has no learning curve")
    curve = found.astype({"epoch": int, "value": float}).sort_values("epoch", ignore_index=True)
    if curve["epoch"].duplicated().any():
        named = [c for c in found.columns if c not in (*ABOUT, "epoch") and len(set(found[c])) > 1]
        raise InputError(
            f"{_path(folder, table)}: {_words(keys)} fit several curves; "
            f"they differ in {', '.join(named)}, which the keys have to name"
        )
    return curve[["epoch", "value"]]


def _rows(folder: Path, table: str, keys: Mapping[str, object]) -> pd.DataFrame:
    """Return the rows that all ``keys`` fit, one at least; compare them as text."""
    found = _read(folder, table)
    for key, wanted in keys.items():
        if key not in found.columns or key in ABOUT:
            known = ", ".join(column for column in found.columns if column not in ABOUT)
            raise InputError(f"{_path(folder, table)}: no key {key!r}; the keys are {known}")
        fits = found[key] == str(wanted)
        if not fits.any():
            known = ", ".join(repr(value) for value in dict.fromkeys(found[key]))
            raise InputError(
                f"{_path(folder, table)}: no row with {key} {str(wanted)!r} "
                f"among those of {_words(keys, key)}; there is {known}"
            )
        found = found[fits]
    return found


def _read(folder: Path, table: str) -> pd.DataFrame:
    path = _path(folder, table)
    if not path.is_file():
        known = ", ".join(sorted(file.stem for file in folder.glob("*.csv"))) or "none"
        raise InputError(f"{path}: no such table of published numbers; there is {known}")
    return pd.read_csv(path, dtype=str, keep_default_na=False)


def _path(folder: Path, table: str) -> Path:
    return folder / f"{table}.csv"


def _words(keys: Mapping[str, object], stop: str = "") -> str:
    """Return the keys before ``stop`` as words."""
    before = list(keys)[: list(keys).index(stop)] if stop else list(keys)
    return ", ".join(f"{key} {str(keys[key])!r}" for key in before) or "the file"
