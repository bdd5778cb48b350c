"""Files that appear whole or not at all."""

import errno
import gzip
import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd

from biqa.errors import InputError


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Give a path to write to; rename it to ``path`` on success, delete it on failure.

    A reader sees the former file or the new one, never a part. A full disk becomes an
    ``InputError`` that names the file.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        yield aside
        with aside.open("rb+") as file:
            os.fsync(file.fileno())
        aside.replace(path)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise InputError(
                f"{path}: no space left on the device while writing; free some and run again"
            ) from error
        raise
    finally:
        aside.unlink(missing_ok=True)


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file, hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_text(path: Path, text: str) -> None:
    """Write ``text`` as UTF-8."""
    with whole_file(path) as aside:
        aside.write_text(text, encoding="utf-8")


def write_json(path: Path, content: Any) -> None:
    """Write ``content`` as indented JSON with sorted keys; not-a-number is refused."""
    write_text(path, json.dumps(content, indent=2, sort_keys=True, allow_nan=False) + "\n")


def write_table(path: Path, table: pd.DataFrame) -> None:
    """Write a CSV, compressed when ``path`` ends in ``.gz``; same table, same bytes.

    Numbers are written with the fewest digits that read back as the same number.
    """
    text = table.to_csv(index=False, lineterminator="\n").encode()
    if path.suffix == ".gz":
        text = gzip.compress(text, compresslevel=9, mtime=0)
    with whole_file(path) as aside:
        aside.write_bytes(text)
