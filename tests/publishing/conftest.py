"""One study with made-up results, published once for all tests of publishing."""

from collections.abc import Callable, Sequence
from pathlib import Path

import made_up
import pytest

from biqa.__main__ import main

BOTH = ("livec", "demo")
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


@pytest.fixture(scope="session")
def published(results: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the results with their tables and figures made."""
    study_file = made_up.write_study(tmp_path_factory.mktemp("study"), made_up.study(BOTH))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("biqa.publishing.artefacts.dataset", made_up.FACTS.__getitem__)
        for kind in made_up.OUTPUTS:
            for name in made_up.study(BOTH)[f"{kind}s"]:
                words = ["--study-file", study_file, "--results", results, "--artefact", name]
                words += made_up.outputs(kind, results / f"{kind}s", name)
                assert main([kind, *map(str, [*words, "--published", PUBLISHED])]) == 0
        made = ["--output-csv", results / "claims.csv", "--output-json", results / "claims.json"]
        assert main(["claims", *map(str, ["--results", results, *made])]) == 0
    return results


@pytest.fixture
def publish(biqa: Callable[..., int], published: Path, tmp_path: Path) -> Callable[..., str]:
    def make(study_file: Path, name: str = "index.html") -> str:
        words = ["--study-file", study_file, "--results", published]
        assert biqa("report", *words, "--output", tmp_path / name) == 0
        return (tmp_path / name).read_text(encoding="utf-8")

    return make
