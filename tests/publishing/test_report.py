"""The report is one page that holds its numbers, their runs, and nothing from elsewhere."""

import base64
import io
import json
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import made_up
import numpy as np
import pytest
from made_up_theory import THEORY, measured
from PIL import Image

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
            elif name in ("src", "srcset", "action", "data") and tag != "object":
                self.addresses.append(value or "")


def test_the_page_holds_together(publish: Callable[..., str], study_file: Path) -> None:
    text = publish(study_file)
    page = Page(text)
    assert publish(study_file, "again.html") == text
    assert [name for name in set(page.ids) if page.ids.count(name) > 1] == []
    assert {link.removeprefix("#") for link in page.links} <= set(page.ids)
    assert all(address.startswith("data:image/svg+xml;base64,") for address in page.addresses)
    assert len(page.addresses) == 8
    assert page.tags.count("script") == 1
    assert "link" not in page.tags
    assert not re.search(r"url\(|@import|fetch\(|https?://(?!www\.w3\.org)", text)
    n_runs = 2 * len(made_up.MODELS) * len(made_up.LOSSES) * made_up.SPLITS
    assert len([name for name in page.ids if name.startswith(("livec/", "demo/"))]) == n_runs


def test_the_page_says_what_it_is_about(publish: Callable[..., str], study_file: Path) -> None:
    text = publish(study_file)
    for words in (
        "<h1>Eight losses, made up</h1>",
        "nobody rated these pictures",
        f"<td>{2 * made_up.N_TEST} of 1,162</td>",
        "<dt>Protocol <code>random_60_20_20</code></dt>",
        "seeded random parts, 60% train, 20% validation, 20% test; judged at: best on validation",
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
    assert "<script>" not in text  # the page's own has an id
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


def test_every_claim_has_its_verdict_and_the_way_to_its_runs(
    publish: Callable[..., str], study_file: Path, published: Path
) -> None:
    text = publish(study_file)
    verdicts = json.loads((published / "claims.json").read_text(encoding="utf-8"))
    for name, found in verdicts.items():
        article = text.partition(f'id="claim-{name}"')[2].partition("</article>")[0]
        kind = found["verdict"].replace(" ", "-")
        assert f'<span class="verdict {kind}">{found["verdict"]}</span>' in article
        runs = {run.removeprefix("runs/") for each in found["evidence"] for run in each["runs"]}
        assert set(re.findall(r'href="#([^"]+)"', article)) == runs
    counted = re.findall(r'<b>(\d+)</b><a href="#claims"><span class="verdict', text)
    assert sum(map(int, counted)) == len(verdicts)


def test_a_run_shows_its_spec_its_curve_and_every_picture(
    publish: Callable[..., str], study_file: Path
) -> None:
    text = publish(study_file)
    run = text.partition('id="livec/resnet18/dcq/short/split0"')[2].partition("</details>")[0]
    assert "name: random_60_20_20" in run
    curve, scatter = re.findall(r"<svg.*?</svg>", run)
    lines = re.findall(r'points="([^"]+)"', curve)
    assert [len(points.split()) for points in lines] == [2 * made_up.EPOCHS] * 2
    assert scatter.count("h0") == made_up.N_TEST
    numbers = [float(number) for number in re.findall(r"M([\d.]+) ", scatter)]
    assert min(numbers) >= 0
    assert max(numbers) <= 240
    assert "results/made_up/runs/livec/resnet18/dcq/short/split0/predictions.csv.gz" in run


def test_verdicts_of_other_claims_are_refused(
    biqa: Callable[..., int],
    published: Path,
    study_file: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    claims = tmp_path / "claims.yaml"
    text = (PRINTED.parent / "claims.yaml").read_text("utf-8")
    claims.write_text(text.replace("  dcq_needs_qdc:", "  a_new_claim:"), encoding="utf-8")
    words = ["--study-file", study_file, "--results", published, "--claims-file", claims]
    assert biqa("report", *words, "--output", tmp_path / "index.html") == 1
    assert "claims.json: 'a_new_claim' is there or in the claims' file" in capsys.readouterr().err


def test_a_run_shows_the_pictures_above_what_its_score_depends_on(
    publish: Callable[..., str], published: Path, study_file: Path
) -> None:
    rng = np.random.default_rng(3)
    colours = rng.integers(0, 256, (5, 3), dtype=np.uint8)
    pictures = colours[rng.integers(0, 5, (2, 6, 8))]
    gradients = rng.choice([0.0, 0.5, 2.0], (2, 6, 8)).astype(np.float32)
    run = "livec/resnet18/dcq/short/split0"
    file = published / "runs" / run / "gradients.npz"
    np.savez(file, names=["a", "b"], pictures=pictures, gradients=gradients)
    try:
        text = publish(study_file)
    finally:
        file.unlink()
    own = text.partition(f'id="{run}"')[2].partition("</details>")[0]
    (address,) = re.findall(r'<img alt="[^"]+" src="data:image/png;base64,([^"]+)"', own)
    shown = np.array(Image.open(io.BytesIO(base64.b64decode(address))).convert("RGB"))
    np.testing.assert_array_equal(shown[:6], np.hstack(list(pictures)))
    maps = np.hstack(list(gradients)) / 2  # the brightest hundredth is white
    np.testing.assert_array_equal(shown[6:], np.rint(255 * maps)[..., None].repeat(3, axis=2))
    assert "where the score depends on the pixels" in own
    assert text.count("data:image/png") == 1
    assert "data:image/png" not in publish(study_file, "without.html")


def test_theory_stands_in_the_page_where_the_study_asks_for_it(
    publish: Callable[..., str], published: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("biqa.datasets.dataset", made_up.FACTS.__getitem__)
    study_file = made_up.write_study(tmp_path, {**made_up.study(BOTH), "theory": THEORY})
    measures = published / "theory" / "measures.csv"
    measures.parent.mkdir(exist_ok=True)
    measured().to_csv(measures, index=False)
    words = ["--study-file", study_file, "--measures", measures, "--output", measures.parent]
    statements = PRINTED.parent / "statements.yaml"
    assert main(["theory", *map(str, [*words, "--statements", statements])]) == 0
    text = publish(study_file)
    page = Page(text)
    assert {"table-theory", "figure-theory"} <= set(page.ids)
    assert "DCQ, Theorem 1: RPC is Lipschitz continuous" in text
    assert "<code>theory/theory.*</code>" in text
    measures.unlink()
    missing = ["--study-file", study_file, "--results", published, "--output", tmp_path / "x.html"]
    assert main(["report", *map(str, missing)]) == 1
