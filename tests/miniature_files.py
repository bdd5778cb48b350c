"""Label files and pictures for the miniatures of the official archives, and their reading."""

import io
from collections.abc import Iterable, Sequence

import numpy as np
import openpyxl
import pytest
from miniature_livec import png, write_zip
from scipy.io import savemat

from biqa.datasets.archive import Archive
from biqa.errors import InputError


def picture(seed: int = 0) -> bytes:
    """A picture of 6 x 8 pixels; its content says what it is, whatever the name."""
    return png(np.random.default_rng(seed).integers(0, 256, (6, 8, 3), dtype=np.uint8))


def matlab(**variables: object) -> bytes:
    stream = io.BytesIO()
    savemat(stream, variables)
    return stream.getvalue()


def cells(texts: Iterable[str]) -> np.ndarray:
    """A row of MATLAB cells."""
    found = list(texts)
    row = np.empty((1, len(found)), dtype=object)
    row[0, :] = found
    return row


def comma_separated(head: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    lines = [",".join(map(str, row)) for row in [head, *rows]]
    return ("\r\n".join(lines) + "\r\n").encode()


def sheet(
    title: str, head: Sequence[str], rows: Iterable[Sequence[object]], *, before: int = 0
) -> bytes:
    """An .xlsx file with one sheet; ``before`` rows and columns lie above and left of the head."""
    book = openpyxl.Workbook()
    page = book.active
    page.title = title
    for _ in range(before):
        page.append([])
    for row in [head, *rows]:
        page.append([None] * before + list(row))
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def labels_of(definition, files, folder):
    with Archive(write_zip(folder / "mini.zip", files)) as archive:
        return definition.labels(archive)


def refusal(definition, files, folder):
    with pytest.raises(InputError) as caught:
        labels_of(definition, files, folder)
    return str(caught.value).removeprefix(f"{folder / 'mini.zip'}: ")
