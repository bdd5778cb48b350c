"""One study with made-up results, published once for all tests of publishing."""

from collections.abc import Callable, Sequence
from pathlib import Path

import made_up
import pytest

from biqa.__main__ import main

PUBLISHED = Path(__file__).parents[2] / "config" / "published"


@pytest.fixture(autouse=True)
def _made_up_facts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("biqa.publishing.artefacts.dataset", made_up.FACTS.__getitem__)


@pytest.fixture(scope="session")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return results/made_up of both datasets: 'livec' with MOS, 'demo' with proxy scores."""
    folder = tmp_path_factory.mktemp("published") / "results" / "made_up"
    folder.mkdir(parents=True)
    made_up.write_results(folder, ("livec", "demo"))
    return folder


@pytest.fixture
def study_file(tmp_path: Path) -> Path:
    return made_up.write_study(tmp_path, made_up.study(("livec", "demo")))


@pytest.fixture
def biqa() -> Callable[[str, Sequence[object]], int]:
    def call(step: str, *words: object) -> int:
        published = ["--published", PUBLISHED] if step in ("table", "figure") else []
        return main([step, *map(str, (*words, *published))])

    return call
