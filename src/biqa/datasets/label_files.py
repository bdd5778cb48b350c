"""Label files of the kinds that owners publish, read out of an archive as plain columns."""

import io
import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from biqa.datasets.archive import Archive
from biqa.errors import InputError


def read_csv(archive: Archive, member: str, columns: Sequence[str]) -> pd.DataFrame:
    """Return the named columns of a comma-separated file as text, one row a picture."""
    try:
        table = pd.read_csv(
            io.BytesIO(archive.read(member)), dtype=str, keep_default_na=False, encoding="utf-8-sig"
        )
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        raise _unreadable(archive, member, "a table of comma-separated values", error) from error
    return _chosen(archive, member, table.rename(columns=str.strip), columns)


def read_lines(archive: Archive, member: str, columns: Sequence[str]) -> pd.DataFrame:
    """Return the words of each line of a text file as the named columns; empty lines are left."""
    try:
        lines = archive.read(member).decode("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise _unreadable(archive, member, "a text file", error) from error
    rows = [line.split() for line in lines]
    for number, row in enumerate(rows, start=1):
        if row and len(row) != len(columns):
            raise InputError(
                f"{archive.path}: {member}, line {number}: {lines[number - 1]!r}, "
                f"expected {' and '.join(columns)}"
            )
    return pd.DataFrame([row for row in rows if row], columns=list(columns), dtype=str)


def read_sheet(
    archive: Archive, member: str, columns: Sequence[str], *, sheet: str = ""
) -> pd.DataFrame:
    """Return the named columns of a sheet of an .xlsx file, as its cells have them.

    The head of the table is the first row that holds all the names; rows without a value in the
    first of them are left out. Without ``sheet`` the first one is read.
    """
    import openpyxl

    try:
        book = openpyxl.load_workbook(
            io.BytesIO(archive.read(member)), read_only=True, data_only=True
        )
    except InputError:
        raise
    except Exception as error:  # openpyxl raises many kinds for a file that is not Excel's
        raise _unreadable(archive, member, "an .xlsx file", error) from error
    if sheet and sheet not in book.sheetnames:
        raise InputError(
            f"{archive.path}: {member} has no sheet {sheet!r}, but {', '.join(book.sheetnames)}"
        )
    rows = list((book[sheet] if sheet else book.worksheets[0]).iter_rows(values_only=True))
    for number, row in enumerate(rows):
        if set(columns) <= set(row):
            table = pd.DataFrame(rows[number + 1 :], columns=list(row), dtype=object)
            table = table[list(columns)]
            return table[table[columns[0]].notna()].reset_index(drop=True)
    raise InputError(
        f"{archive.path}: {member} has no row with {', '.join(columns)}; is it of another version?"
    )


def read_matlab(archive: Archive, member: str, name: str) -> np.ndarray:
    """Return a variable of a MATLAB file as a vector; texts are str."""
    from scipy.io import loadmat

    content = archive.read(member)
    try:
        variables: dict[str, Any] = loadmat(io.BytesIO(content))
    except Exception as error:  # scipy raises many kinds for a file that is not MATLAB's
        raise _unreadable(archive, member, "a MATLAB file", error) from error
    if name not in variables:
        raise InputError(f"{archive.path}: {member} holds no variable {name}")
    values = np.asarray(variables[name]).ravel()
    if values.dtype != object:
        return values
    return np.array([str(cell.item()) for cell in values], dtype=object)


def fields(
    archive: Archive, member: str, names: pd.Series, pattern: str, example: str
) -> pd.DataFrame:
    """Return the named groups of ``pattern`` in each picture's name; all must match it."""
    expression = re.compile(pattern, re.IGNORECASE)
    found = [expression.fullmatch(name) for name in names]
    for number, match in enumerate(found):
        if match is None:
            raise InputError(
                f"{archive.path}: {member}, label row {number + 1}: {names.iloc[number]!r} "
                f"is not a name such as {example}"
            )
    groups = [match.groupdict() for match in found if match]
    return pd.DataFrame(groups, index=names.index)


def numbers(texts: pd.Series) -> pd.Series:
    """Return scores as numbers; what is none becomes nan, which no definition accepts."""
    return pd.to_numeric(texts, errors="coerce").astype(float)


def _chosen(
    archive: Archive, member: str, table: pd.DataFrame, columns: Sequence[str]
) -> pd.DataFrame:
    missing = [column for column in columns if column not in table]
    if missing:
        raise InputError(
            f"{archive.path}: {member} has no column {missing[0]!r}, "
            f"but {', '.join(map(str, table.columns))}; is it of another version?"
        )
    return table[list(columns)]


def _unreadable(archive: Archive, member: str, what: str, error: Exception) -> InputError:
    line = str(error).split("\n")[0]
    return InputError(f"{archive.path}: {member} is not {what} ({line})")
