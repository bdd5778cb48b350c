"""The archive of a dataset of one's own: a table and its pictures, or the frames of its videos."""

import io
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

from biqa.datasets.archive import Archive
from biqa.datasets.own import LABELS, PICTURES
from biqa.errors import InputError
from biqa.files import whole_file
from biqa.pictures.video import frames

Check = Callable[[Path, pd.DataFrame], None]  # of an archive and its table; raises


def pack(table: pd.DataFrame, pictures: Path, archive: Path, *, check: Check) -> None:
    """Write the archive of a table and its pictures, from a folder or an archive.

    Same input, same bytes. The archive appears when it is whole and ``check`` finds no fault.
    """
    with whole_file(archive) as aside:
        with zipfile.ZipFile(aside, "w") as packed:
            _write_labels(packed, table)
            for name, content in _contents(table["picture"].tolist(), pictures):
                packed.writestr(zipfile.ZipInfo(f"{PICTURES}/{name}"), content)
        check(aside, table)


def pack_frames(
    table: pd.DataFrame, folder: Path, archive: Path, *, every: int, check: Check
) -> None:
    """Write the archive of every ``every``-th frame of the videos that ``picture`` names.

    Frames are stored without loss, frame 12 of ``a.mp4`` as ``a.mp4/000012.png``, with the labels
    of its video; where a video has no reference, it is that of its frames, so that no split
    divides them.
    """
    if every < 1:
        raise InputError(f"every is {every}, expected 1 for all frames, 2 for every second, ...")
    _refuse_missing(table["picture"].tolist(), folder, "videos")
    rows = []
    with whole_file(archive) as aside:
        with zipfile.ZipFile(aside, "w") as packed:
            for row in table.to_dict("records"):
                video = row["picture"]
                for number, pixels in frames(folder / video, every=every):
                    name = f"{video}/{number:06}.png"
                    packed.writestr(zipfile.ZipInfo(f"{PICTURES}/{name}"), _png(pixels))
                    rows.append({**row, "picture": name, "reference": row["reference"] or video})
            of_frames = pd.DataFrame(rows, columns=table.columns)
            _write_labels(packed, of_frames)
        check(aside, of_frames)


def _png(pixels: np.ndarray) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "PNG", compress_level=1)
    return stream.getvalue()


def _write_labels(packed: zipfile.ZipFile, table: pd.DataFrame) -> None:
    packed.writestr(zipfile.ZipInfo(LABELS), table.to_csv(index=False, lineterminator="\n"))


def _contents(names: list[str], pictures: Path) -> Iterator[tuple[str, bytes]]:
    """Yield each name with the bytes of its picture, from a folder or an archive."""
    if not pictures.exists():
        raise InputError(f"{pictures} does not exist, expected a folder, zip or tar of pictures")
    if not pictures.is_dir():
        with Archive(pictures) as archive:
            for name in names:
                yield name, archive.read(name)
        return
    _refuse_missing(names, pictures, "pictures")
    for name in names:
        yield name, (pictures / name).read_bytes()


def _refuse_missing(names: list[str], folder: Path, what: str) -> None:
    missing = [name for name in names if not (folder / name).is_file()]
    if missing:
        raise InputError(
            f"{folder}: {len(missing)} of {len(names)} {what} are not there, the first is "
            f"{missing[0]!r}; use --pictures"
        )
