"""The report is one page that holds its numbers, their runs, and nothing from elsewhere."""

import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import made_up
import pytest

from biqa.__main__ import main

BOTH = ("livec", "demo")
PRINTED = Path(__file__).parents[2] / "config" / "published"


class Page(HTMLParser):
    """What of a page the tests ask for."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.addresses: list[str] = []
        self.tags: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            if name == "id":
                self.ids.append(value or "")
            elif name == "href":
                self.links.append(value or "")
            elif name in ("src", "srcset", "action", "data"):
                self.addresses.append(value or "")


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
                assert main([kind, *map(str, [*words, "--published", PRINTED])]) == 0
    return results


@pytest.fixture
def publish(biqa: Callable[..., int], published: Path, tmp_path: Path) -> Callable[..., str]:
    def make(study_file: Path, name: str = "index.html") -> str:
        words = ["--study-file", study_file, "--results", published]
        assert biqa("report", *words, "--output", tmp_path / name) == 0
        return (tmp_path / name).read_text(encoding="utf-8")

    return make


def test_the_page_holds_together(publish: Callable[..., str], study_file: Path) -> None:
    text = publish(study_file)
    page = Page(text)
    assert publish(study_file, "again.html") == text
    assert len(page.ids) == len(set(page.ids))
    assert {link.removeprefix("#") for link in page.links} <= set(page.ids)
    assert all(address.startswith("data:image/svg+xml;base64,") for address in page.addresses)
    assert len(page.addresses) == 4
    assert "script" not in page.tags
    assert "link" not in page.tags
    assert not re.search(r"url\(|@import", text)
    n_runs = 2 * len(made_up.MODELS) * len(made_up.LOSSES) * made_up.SPLITS
    assert len([name for name in page.ids if name.startswith(("livec/", "demo/"))]) == n_runs


def test_the_page_says_what_it_is_about(publish: Callable[..., str], study_file: Path) -> None:
    text = publish(study_file)
    for words in (
        "<h1>Eight losses, made up</h1>",
        "nobody rated these pictures",
        "1,162",
        "random_60_20_20: seeded random parts, 60% train, 20% validation, 20% test",
        f"{2 * 2 * 8 * 5} runs, 2.7 hours in all",
        "CPU, made up",
        "0123456789abcdef",
        "torch 2.15.0",
        "collapsed",
        "5 of 6",
    ):
        assert words in text, words


def test_text_of_a_study_is_escaped(publish: Callable[..., str], tmp_path: Path) -> None:
    content = made_up.study(BOTH)
    content["title"] = "<script>alert(1)</script> & more"
    content["tables"]["losses"]["note"] = "<b>bold</b>"
    text = publish(made_up.write_study(tmp_path, content))
    assert "<script>" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; more" in text
    assert "<b>bold</b>" not in text


def test_a_missing_table_is_refused_with_the_command_that_makes_it(
    biqa: Callable[..., int],
    results: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    content = made_up.study(BOTH)
    content["tables"] = {"never_made": content["tables"]["losses"]}
    shared = ["--study-file", made_up.write_study(tmp_path, content), "--results", results]
    assert biqa("report", *shared, "--output", tmp_path / "index.html") == 1
    error = capsys.readouterr().err
    assert "never_made.csv: missing; make it with 'python -m biqa table'" in error
