"""Which code a step depends on, as one digest of its syntax trees."""

import ast
import hashlib
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import biqa

PACKAGE = Path(biqa.__file__).parent


@cache
def code_digest(*modules: str) -> str:
    """Return a digest of the named modules and all of biqa that they import, directly or not.

    Comments, docstrings and layout do not count: only a change that can change a result
    changes the digest. Imports inside functions count; modules imported by name at run time
    (losses, models, datasets) do not, so the caller names those that the step will use.
    Files that a package has beside its code, such as templates, count to the byte.
    """
    digest = hashlib.sha256()
    found = imported(modules)
    for module in sorted(found):
        digest.update(module.encode())
        digest.update(_syntax(module).encode())
    for file in sorted({file for module in found for file in _data_of(_folder(module))}):
        digest.update(file.relative_to(PACKAGE).as_posix().encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def imported(modules: Iterable[str]) -> set[str]:
    """Return the modules of biqa that ``modules`` import, directly or not, and themselves."""
    found: set[str] = set()
    waiting = list(modules)
    while waiting:
        module = waiting.pop()
        if module not in found:
            found.add(module)
            waiting.extend(_imports(module))
    return found


def modules_in(package: str) -> list[str]:
    """Return the names of the modules that lie in a package of biqa, sorted."""
    inside = PACKAGE.joinpath(*package.split(".")[1:])
    return sorted(
        f"{package}.{path.stem}" for path in inside.glob("*.py") if path.stem != "__init__"
    )


@cache
def _path(module: str) -> Path | None:
    """Return the file of a module, or None where the name is not a module's."""
    inside = PACKAGE.joinpath(*module.split(".")[1:])
    for candidate in (inside.with_suffix(".py"), inside / "__init__.py"):
        if candidate.is_file():
            return candidate
    return None


def _folder(module: str) -> Path:
    path = _path(module)
    assert path is not None, f"{module} was not imported"
    return path.parent


@cache
def _data_of(package: Path) -> frozenset[Path]:
    """Return the files in those folders of a package that hold no code."""
    folders = (path for path in package.iterdir() if path.is_dir() and not any(path.glob("*.py")))
    files = (file for folder in folders for file in folder.rglob("*") if file.is_file())
    return frozenset(file for file in files if file.parent.name != "__pycache__")


@cache
def _tree(module: str) -> ast.Module:
    path = _path(module)
    if path is None:
        raise ValueError(f"{module} is not a module of biqa")
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def _imports(module: str) -> frozenset[str]:
    """Return what one module imports of biqa; ``from biqa.a import b`` may mean ``biqa.a.b``."""
    names: set[str] = set()
    for node in ast.walk(_tree(module)):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    parents = {name.rpartition(".")[0] for name in names if name.count(".") > 1}
    ours = {name for name in names | parents if name.split(".")[0] == "biqa" and name != "biqa"}
    return frozenset(name for name in ours if _path(name) is not None)


@cache
def _syntax(module: str) -> str:
    """Return the syntax tree of a module as text, without docstrings and positions."""
    tree = _tree(module)
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            match node.body:
                case [ast.Expr(ast.Constant(str())), *rest]:
                    node.body = rest or [ast.Pass()]
    return ast.dump(tree)
