"""Modules import from lower layers alone, stay small, and need torch only where tensors are."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

import biqa

PACKAGE = Path(biqa.__file__).parent
FILES = sorted(PACKAGE.rglob("*.py"))
NAMES = [str(path.relative_to(PACKAGE)) for path in FILES]

LAYERS = [  # lowest first; within a layer nothing imports each other, within a package it may
    {"errors", "shapes", "warm"},
    {"files", "yaml_files", "protocols", "metrics", "losses", "distortions", "scenes", "datasets"},
    {
        "recipes",
        "splits",
        "mappings",
        "models",
        "pictures",
        "generation",
        "download",
        "handcrafted",
    },
    {"training", "evaluation", "verification", "packing"},
    {"publishing", "theory", "baselines"},
    {"workflow", "seam"},
    {"commands"},
    {"__main__"},
]
LEVEL = {part: level for level, parts in enumerate(LAYERS) for part in parts}
WITH_TORCH = {"shapes", "losses", "models", "training", "theory"}
NAMELESS = {"utils", "util", "common", "helpers", "helper", "misc", "tools"}

LONGEST_FILE = 300  # lines


def part_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported(path: Path) -> set[str]:
    """Return the full names of all imports in a file, those inside functions too."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are by full name"
            names.add(node.module)
            if node.module == "biqa":
                names.update(f"biqa.{alias.name}" for alias in node.names)
    return names


def parts_used(path: Path) -> set[str]:
    ours = {name.split(".")[1] for name in imported(path) if name.startswith("biqa.")}
    return (ours & LEVEL.keys()) - {part_of(path)}


def test_every_part_has_its_layer():
    assert {part_of(path) for path in FILES} - {"__init__"} == set(LEVEL)


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_imports_point_down(path):
    own = part_of(path)
    if own == "__init__":
        assert not parts_used(path)
        return
    for other in parts_used(path):
        assert LEVEL[other] < LEVEL[own], f"{own} (layer {LEVEL[own]}) must not import {other}"


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_torch_is_imported_where_tensors_are(path):
    libraries = {name.split(".")[0] for name in imported(path)}
    if part_of(path) not in WITH_TORCH | {"commands"}:
        assert not libraries & {"torch", "torchvision", "timm", "safetensors"}


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_a_file_can_be_read_in_one_sitting(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST_FILE


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_names_say_what_is_inside(path):
    for part in path.relative_to(PACKAGE).parts:
        assert part.removesuffix(".py").strip("_") not in NAMELESS


LIGHT = """
import json, pkgutil, sys
import biqa.commands
for module in pkgutil.iter_modules(biqa.commands.__path__):
    __import__(f"biqa.commands.{module.name}")
heavy = [name for name in ("torch", "numpy", "pandas", "matplotlib") if name in sys.modules]
import biqa.workflow.plan
import biqa.evaluation, biqa.mappings, biqa.metrics, biqa.publishing.report, biqa.publishing.figures
import biqa.datasets, biqa.losses, biqa.models, biqa.recipes, biqa.splits, biqa.protocols
names = [biqa.datasets.known(), biqa.losses.known_losses(), biqa.models.known_models()]
modules = [biqa.losses.module_of(name) for name in names[1]]
modules += [biqa.models.module_of(name) for name in names[2]]
print(json.dumps([heavy, [len(one) for one in names], "torch" in sys.modules]))
"""


def test_planning_judging_and_publishing_do_not_load_torch():
    done = subprocess.run(
        [sys.executable, "-c", LIGHT],
        capture_output=True,
        text=True,
        check=True,
        cwd=PACKAGE.parent,
    )
    heavy, counts, torch_is_loaded = json.loads(done.stdout)
    assert heavy == []  # after all commands: 'python -m biqa --help' has to be quick
    assert min(counts) > 0
    assert not torch_is_loaded
