"""Benchmarks are run by hand; that each still finds what it uses is tested here."""

import importlib
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[1] / "benchmarks"
PROGRAMS = sorted(file.stem for file in FOLDER.glob("*.py"))


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_benchmark_finds_what_it_uses(name, monkeypatch):
    monkeypatch.syspath_prepend(FOLDER)
    try:
        assert importlib.import_module(name).__doc__
    finally:
        for program in PROGRAMS:
            sys.modules.pop(program, None)


def test_the_readme_names_every_benchmark_and_make_runs_it():
    helpers = {"timing"}
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    makefile = (FOLDER.parent / "Makefile").read_text(encoding="utf-8")
    (line,) = [line for line in makefile.splitlines() if "for program in" in line]
    run = line.partition("for program in ")[2].partition(";")[0].split()
    assert set(run) | helpers == set(PROGRAMS)
    assert [name for name in run if f"| `{name}.py` |" not in readme] == []
