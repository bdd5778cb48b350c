"""Where things lie in an archive, whatever folder its owner or a mirror packed it in."""

from collections.abc import Iterable

from biqa.datasets.archive import Archive
from biqa.errors import InputError

LEFT_BY_SYSTEMS = ("__MACOSX",)  # folders that hold no data under the names of data


def file_named(archive: Archive, *names: str) -> str:
    """Return the path of the one file of that name, in any folder and in any case.

    Of several ``names`` the first that is there counts.
    """
    paths = _visible(archive)
    for name in names:
        found = [path for path in paths if _last(path) == name.casefold()]
        if len(found) > 1:
            raise InputError(f"{archive.path}: {name} is in it twice, as {' and '.join(found[:2])}")
        if found:
            return found[0]
    raise InputError(
        f"{archive.path}: there is no {' and no '.join(names)} in it; is it the right archive?"
    )


def folder_named(archive: Archive, name: str) -> str:
    """Return the path of the one folder of that name, in any folder and in any case."""
    parts = {tuple(path.split("/")[:-1]) for path in _visible(archive)}
    found = {
        "/".join(folder[: at + 1])
        for folder in parts
        for at, part in enumerate(folder)
        if part.casefold() == name.casefold()
    }
    if len(found) != 1:
        what = f"{len(found)} folders {name}" if found else f"no folder {name}"
        raise InputError(f"{archive.path}: there is {what} in it; is it the right archive?")
    return found.pop()


def is_data(path: str) -> bool:
    """Tell whether a path is the owner's, and not a system's copy of one."""
    return not set(path.split("/")) & set(LEFT_BY_SYSTEMS)


def beside(path: str, *parts: str) -> str:
    """Return the path of something that lies in the folder of the file ``path``."""
    folder = path.rpartition("/")[0]
    return "/".join([folder, *parts] if folder else parts)


def spelled(archive: Archive, wanted: Iterable[str]) -> list[str]:
    """Return each path as the archive spells it, where only its case differs.

    A path that is not there at all is returned as it is.
    """
    exact = set(archive.names())
    folded: dict[str, list[str]] = {}
    for path in _visible(archive):
        folded.setdefault(path.casefold(), []).append(path)
    spellings = []
    for path in wanted:
        found = [path] if path in exact else folded.get(path.casefold(), [path])
        if len(found) > 1:
            raise InputError(
                f"{archive.path}: {path!r} may be {found[0]!r} or {found[1]!r}, "
                "two pictures with one name in different case"
            )
        spellings.append(found[0])
    return spellings


def _visible(archive: Archive) -> list[str]:
    return [path for path in archive.names() if is_data(path)]


def _last(path: str) -> str:
    return path.rpartition("/")[2].casefold()
