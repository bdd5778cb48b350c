"""The report is one page that holds its numbers, their runs, and nothing from elsewhere."""

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import made_up
import pytest
from made_up_theory import THEORY, measured

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


PROBE = """
<script>
const said = [];
addEventListener("error", (event) => said.push("error: " + event.message));
addEventListener("load", () => setTimeout(() => {
  const table = document.querySelector("table.sortable");
  const rows = () => [...table.tBodies[0].rows];
  const column = () => rows().map((row) => parseFloat(row.cells[1].textContent));
  const numbers = (values) => values.filter((value) => !Number.isNaN(value));
  const rising = (values) => values.every((value, at) => !at || values[at - 1] <= value);
  const button = table.tHead.rows[table.tHead.rows.length - 1].cells[1].querySelector("button");
  button.click();
  said.push("rising " + rising(numbers(column())));
  button.click();
  said.push("falling " + rising(numbers(column()).reverse()));
  const link = document.querySelector("td .links a");
  location.hash = link.getAttribute("href");
  setTimeout(() => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    said.push("open " + target.closest("details.run").open);
    document.querySelector("figure > button").click();
    said.push("large " + document.querySelector("dialog").open);
    said.push("wide " + (document.documentElement.scrollWidth > innerWidth));
    const input = document.querySelector("input[type=search]");
    input.value = "dcq split0";
    input.dispatchEvent(new Event("input"));
    const lines = [...document.querySelector("table.filtered").tBodies[0].rows];
    said.push("shown " + lines.filter((row) => !row.hidden).length);
    document.body.innerHTML = "<pre id=said>" + said.join("; ") + "</pre>";
  }, 300);
}, 100));
</script>
"""


@pytest.mark.slow
def test_the_page_sorts_filters_and_leads_to_runs_in_a_browser(
    publish: Callable[..., str], study_file: Path, tmp_path: Path
) -> None:
    browser = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
    if not browser:
        pytest.skip("no chromium on PATH")
    page = tmp_path / "probe.html"
    page.write_text(publish(study_file).replace("<head>", "<head>" + PROBE, 1), encoding="utf-8")
    done = subprocess.run(
        [
            *(browser, "--headless", "--no-sandbox", "--disable-gpu", "--window-size=500,900"),
            *("--virtual-time-budget=5000", f"--user-data-dir={tmp_path / 'profile'}"),
            *("--dump-dom", page.as_uri()),
        ],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    said = re.search(r'<pre id="said">(.*?)</pre>', done.stdout)
    assert said, done.stderr[-2000:]
    n_shown = 2 * len(made_up.MODELS)  # of one loss and split, on two databases
    assert (
        said[1] == f"rising true; falling true; open true; large true; wide false; shown {n_shown}"
    )


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
