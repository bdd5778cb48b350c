"""``dvc commit``, so that a kill in its middle costs nothing: DVC writes dvc.lock in place."""

from collections.abc import Sequence
from pathlib import Path

from biqa.files import write_text
from biqa.seam.calls import call

LOCK = Path("dvc.lock")
FORMER = Path(".snakemake/dvc.lock.former")  # there while a commit is under way; empty: no file


def commit_stages(root: Path, names: Sequence[str]) -> None:
    """Let DVC describe stages as they are now. To be called by whoever holds the folder."""
    before = root / LOCK
    write_text(root / FORMER, before.read_text(encoding="utf-8") if before.is_file() else "")
    call(["dvc", "commit", "--quiet", "--force", *names], folder=root)
    (root / FORMER).unlink()


def undo_cut_commit(root: Path) -> None:
    """Put back the dvc.lock from before a commit that has not ended; it may be cut short.

    To be called by whoever holds the folder: nobody else commits then.
    """
    former = root / FORMER
    if not former.is_file():
        return
    text = former.read_text(encoding="utf-8")
    if text:
        write_text(root / LOCK, text)
    else:
        (root / LOCK).unlink(missing_ok=True)
    former.unlink()
