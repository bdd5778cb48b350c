"""What killed steps have left beside their outputs: files written aside and never renamed.

DVC would take them into its cache with the folder that they lie in.
"""

import contextlib
import os
import re
from collections.abc import Iterator
from pathlib import Path

PLACES = ("data", "results")
# As biqa.files names them, with the number of the process. A download that goes on later has
# eight hexadecimal digits there, more than any process number has.
ASIDE = re.compile(r"\..+\.([0-9]{1,7})\.part")


def remove_leftovers(root: Path) -> None:
    """Remove the files that processes which have ended wrote aside, in data and results.

    To be called by whoever holds the folder. A process that lives keeps its file.
    """
    for file, number in _written_aside(root):
        if not _lives(number):
            file.unlink(missing_ok=True)


def _written_aside(root: Path) -> Iterator[tuple[Path, int]]:
    for place in PLACES:
        for folder, _, names in os.walk(root / place):
            for name in names:
                if found := ASIDE.fullmatch(name):
                    yield Path(folder) / name, int(found[1])


def _lives(number: int) -> bool:
    with contextlib.suppress(PermissionError):  # another user's, which lives
        try:
            os.kill(number, 0)
        except ProcessLookupError:
            return False
    return True
