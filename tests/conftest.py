"""Fixtures that several test modules share."""

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from browser import Browser, opened, program


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(20261121)


def _folder(variable: str) -> Path:
    named = os.environ.get(variable)
    if not named:
        pytest.skip(f"{variable} is not set: it names a folder outside the repository")
    folder = Path(named)
    if not folder.is_dir():
        pytest.skip(f"{variable} names {folder}, which is not a folder")
    return folder.resolve()


@pytest.fixture(scope="session")
def archives_folder() -> Path:
    return _folder("BIQA_ARCHIVES")


@pytest.fixture(scope="session")
def weights_folder() -> Path:
    return _folder("BIQA_WEIGHTS")


@pytest.fixture(scope="session")
def references_folder() -> Path:
    return _folder("BIQA_REFERENCES")


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A headless Chromium."""
    chromium = program()
    if not chromium:
        pytest.skip("no chromium on PATH")
    with opened(chromium, tmp_path_factory.mktemp("profile")) as browser:
        yield browser
