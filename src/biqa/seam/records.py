"""Snakemake's notes on its outputs, read from ``.snakemake/metadata``.

When a job ends, Snakemake notes the time of each output, to the last digit. A file that still
has that time is the file of that job; any other time means that somebody else wrote the file.
"""

import json
from base64 import urlsafe_b64decode
from pathlib import Path

NOTES = Path(".snakemake/metadata")


class Records:
    """The notes of one working folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._notes = {
            _output(note.relative_to(root / NOTES)): note
            for note in (root / NOTES).rglob("*")
            if note.is_file()
        }

    def made_here(self, file: Path) -> bool:
        """Say whether a file, relative to the root, is as the job that Snakemake noted left it."""
        note = self._notes.get(file.as_posix())
        return note is not None and _end(note) == (self.root / file).stat().st_mtime

    def forget(self, file: Path) -> None:
        """Drop the note on a file: it describes another file of that name."""
        note = self._notes.pop(file.as_posix(), None)
        if note is not None:
            note.unlink(missing_ok=True)


def _output(note: Path) -> str:
    """Return the output that a note is about: its path in base 64, cut where names get too long."""
    return urlsafe_b64decode("".join(part.removeprefix("@") for part in note.parts)).decode()


def _end(note: Path) -> float | None:
    """Return the noted time; a note that was cut short says nothing."""
    try:
        return json.loads(note.read_text(encoding="utf-8")).get("endtime")
    except json.JSONDecodeError:
        return None
