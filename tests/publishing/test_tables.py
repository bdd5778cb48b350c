"""The numbers of a table are those of metrics.csv, and its text says what they are."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import made_up
import numpy as np
import pandas as pd
import pytest
import yaml

from biqa.datasets import dataset
from biqa.publishing.names import shared_photographs
from biqa.publishing.results import read_metrics
from biqa.publishing.tables import table
from biqa.publishing.wide import blocks


@pytest.fixture
def made(biqa: Callable[..., int], study_file: Path, results: Path, tmp_path: Path) -> Callable:
    def make(artefact: str, stem: str = "table") -> tuple[Path, Path]:
        words = ["--study-file", study_file, "--artefact", artefact, "--results", results]
        assert biqa("table", *words, *made_up.outputs("table", tmp_path, stem)) == 0
        return tmp_path / f"{stem}.csv", tmp_path / f"{stem}.md"

    return make


def test_values_and_spread_are_those_of_the_splits(made: Callable, results: Path) -> None:
    cells = pd.read_csv(made("losses")[0])
    metrics = pd.read_csv(results / "metrics.csv")
    assert len(cells) == 2 * 2 * 8 * 2
    for cell in cells.to_dict("records"):
        chosen = [
            row[cell["metric"]]
            for row in metrics.to_dict("records")
            if all(row[key] == cell[key] for key in ("dataset", "model", "loss"))
            and row["choice"] == "best_validation"
        ]
        chosen = sorted(value for value in chosen if not np.isnan(value))
        assert cell["n_splits"] == 5
        assert cell["n_collapsed"] == 5 - len(chosen)
        if len(chosen) == 5:  # the quartiles of five are the second and the fourth
            expected = [chosen[2], chosen[1], chosen[3]]
            assert [cell["value"], cell["q25"], cell["q75"]] == pytest.approx(expected, abs=1e-12)
            deviations = np.array(chosen) - sum(chosen) / 5
            assert cell["std"] == pytest.approx((deviations @ deviations / 4) ** 0.5, abs=1e-12)


def test_each_number_names_its_runs(made: Callable) -> None:
    cells = pd.read_csv(made("losses")[0])
    found = cells.query("dataset == 'demo' and model == 'resnet18' and row == 'dcq'")
    expected = ";".join(f"runs/demo/resnet18/dcq/short/split{split}" for split in range(5))
    assert found["runs"].tolist() == [expected] * 2


def test_the_printed_number_and_the_difference_stand_beside_ours(made: Callable) -> None:
    cells = pd.read_csv(made("losses")[0]).set_index(["dataset", "model", "row", "metric"])
    ours = cells.loc[("livec", "resnet18", "dcq", "srcc")]
    assert ours["published"] == 0.835
    assert ours["difference"] == pytest.approx(ours["value"] - 0.835, abs=1e-12)
    assert np.isnan(cells.loc[("livec", "resnet18", "mae", "srcc"), "published"])
    assert cells.loc["demo"]["published"].isna().all()


def test_markdown_shows_what_the_numbers_say(made: Callable) -> None:
    csv, markdown = made("losses")
    text = markdown.read_text(encoding="utf-8")
    cell = pd.read_csv(csv).query(
        "dataset == 'livec' and model == 'resnet18' and row == 'dcq' and metric == 'plcc'"
    )
    value, low, high = (cell[key].item() for key in ("value", "q25", "q75"))
    sign = "+" if value > 0.815 else "−"
    shown = f"| DCQ | {value:.3f} ({low:.3f}–{high:.3f}) | 0.815 | {sign}{abs(value - 0.815):.3f} |"
    assert shown in text
    assert "| MAE | " in text
    assert "| — | — |" in text


def test_a_collapsed_row_says_so_and_has_no_number(made: Callable) -> None:
    csv, markdown = made("losses")
    cells = pd.read_csv(csv).query("model == 'cnniqa' and row == 'mono'")
    assert cells["n_collapsed"].tolist() == [5] * 4
    assert cells["value"].isna().all()
    lines = [line for line in markdown.read_text().splitlines() if line.startswith("| MONO |")]
    assert lines[0].startswith("| MONO | collapsed |")
    assert "0.000" not in lines[0]
    assert "[4 of 5 splits]" in lines[1]


@pytest.mark.parametrize(
    "words",
    [
        "Median over 5 splits (quartiles in brackets); test part.",
        "Judged at the epoch with the highest SRCC on the validation part, as the protocol",
        "Recipe: short.",
        "PLCC is of the raw predictions.",
        "are a proxy score: an algorithm computed them, nobody rated these pictures.",
        "Difference: ours minus “ResNet-50, printed”.",
    ],
)
def test_the_caption_says_what_the_reader_has_to_know(made: Callable, words: str) -> None:
    assert words in made("losses")[1].read_text(encoding="utf-8")


def test_rows_of_choices_compare_the_same_runs(made: Callable, results: Path) -> None:
    cells = pd.read_csv(made("optimism")[0])
    metrics = pd.read_csv(results / "metrics.csv")
    expected = metrics.query("model == 'resnet18' and loss == 'dcq' and dataset == 'livec'")
    found = cells.query("loss == 'dcq' and dataset == 'livec'").set_index("row")["value"]
    means = expected.groupby("choice")["srcc"].mean()
    assert found.to_dict() == pytest.approx(means.to_dict(), abs=1e-12)
    assert list(found.index) == ["last", "best_validation", "best_test"]
    assert cells["n_splits"].tolist() == [5] * len(cells)


def test_a_table_can_name_its_choice_of_the_epoch(
    biqa: Callable[..., int], results: Path, tmp_path: Path
) -> None:
    content = made_up.study(("livec", "demo"))
    content["tables"]["losses"].update({"datasets": ["livec"], "choice": "last"})
    words = ["--study-file", made_up.write_study(tmp_path, content), "--artefact", "losses"]
    words += ["--results", results, *made_up.outputs("table", tmp_path)]
    assert biqa("table", *words) == 0
    metrics = pd.read_csv(results / "metrics.csv").query("dataset == 'livec' and choice == 'last'")
    expected = metrics.query("model == 'resnet18' and loss == 'mse'")["plcc"].median()
    cell = pd.read_csv(tmp_path / "t.csv").query("model == 'resnet18' and row == 'mse'")
    assert cell.query("metric == 'plcc'")["value"].item() == pytest.approx(expected, abs=1e-12)
    assert "Judged at the last epoch." in (tmp_path / "t.md").read_text(encoding="utf-8")


def test_labels_of_rows_come_first_in_their_order(
    biqa: Callable[..., int], results: Path, tmp_path: Path
) -> None:
    content = made_up.study(("livec", "demo"))
    content["tables"]["losses"]["row_labels"] = {"dcq": "Dual", "mae": "L1"}
    study_file = made_up.write_study(tmp_path, content)
    files = made_up.outputs("table", tmp_path)
    words = ["--study-file", study_file, "--artefact", "losses", "--results", results]
    assert biqa("table", *words, *files) == 0
    lines = (tmp_path / "t.md").read_text(encoding="utf-8").splitlines()
    rows = [line.split(" | ")[0] for line in lines if line.startswith("| ")]
    assert rows[2:5] == ["| Dual", "| L1", "| MSE"]


def test_a_missing_run_is_refused_by_name(
    biqa: Callable[..., int],
    study_file: Path,
    results: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    metrics = pd.read_csv(results / "metrics.csv")
    gone = metrics.eval("dataset == 'livec' and loss == 'dcq' and model == 'cnniqa' and split == 3")
    metrics[~gone].to_csv(tmp_path / "metrics.csv", index=False)
    words = ["--study-file", study_file, "--artefact", "losses", "--results", tmp_path]
    words += made_up.outputs("table", tmp_path)
    assert biqa("table", *words) == 1
    error = capsys.readouterr().err
    assert "no result of runs/livec/cnniqa/dcq/short/split3; evaluate" in error
    assert not (tmp_path / "t.csv").exists()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"losses": ["mse", "msee"]}, "losses: no run of the study has 'msee'"),
        ({"metrics": ["brier"]}, "'brier' is not one of"),
        ({"tested_on": ["livec", "csiq"]}, "tested on csiq: choice 'protocol': no result of"),
    ],
)
def test_what_does_not_exist_is_refused(
    biqa: Callable[..., int],
    results: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    change: dict,
    message: str,
) -> None:
    content = made_up.study(("livec", "demo"))
    content["tables"]["losses"].update({"datasets": ["livec"], **change})
    words = ["--study-file", made_up.write_study(tmp_path, content), "--artefact", "losses"]
    words += ["--results", results, *made_up.outputs("table", tmp_path)]
    assert biqa("table", *words) == 1
    assert message in capsys.readouterr().err


def test_cross_database_rows_are_taken_when_named(
    biqa: Callable[..., int], results: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(results, tmp_path / "results")
    metrics = pd.read_csv(results / "metrics.csv")
    crossed = metrics.query("dataset == 'livec' and protocol_choice").assign(tested_on="demo")
    crossed["srcc"] -= 0.3
    pd.concat([metrics, crossed]).to_csv(tmp_path / "results" / "metrics.csv", index=False)
    content = made_up.study(("livec", "demo"))
    content["tables"]["losses"].update({"datasets": ["livec"], "tested_on": ["demo"]})
    words = ["--study-file", made_up.write_study(tmp_path, content), "--artefact", "losses"]
    words += ["--results", tmp_path / "results", *made_up.outputs("table", tmp_path)]
    assert biqa("table", *words) == 0
    cell = pd.read_csv(tmp_path / "t.csv").query("model == 'resnet18' and row == 'mse'")
    expected = crossed.query("model == 'resnet18' and loss == 'mse'")["srcc"].median()
    assert cell.query("metric == 'srcc'")["value"].item() == pytest.approx(expected, abs=1e-12)
    text = (tmp_path / "t.md").read_text(encoding="utf-8")
    assert "trained on LIVE Challenge, tested on Demonstration" in text
    assert "all pictures of another database" in text
    assert "has seen contents" not in text

    for name in ("livec", "demo"):
        shared = replace(made_up.FACTS[name], photographs="A")
        monkeypatch.setitem(made_up.FACTS, name, shared)
    assert biqa("table", *words) == 0
    text = (tmp_path / "t.md").read_text(encoding="utf-8")
    titles = " and ".join(made_up.FACTS[name].title for name in ("livec", "demo"))
    assert f"{titles} both distort photographs of A, so a test of one on the other" in text


def test_only_databases_that_share_photographs_are_said_to() -> None:
    facts = {name: dataset(name) for name in ("live", "tid2013", "csiq", "kadid10k")}
    pairs = [(one, other) for one in facts for other in facts]
    said = shared_photographs(facts, pairs)
    assert said.count("both distort photographs of Kodak") == 2  # LIVE and TID2013, either way
    assert shared_photographs(facts, [("csiq", "kadid10k"), ("live", "live")]) == ""


def test_rows_may_be_the_subsets_of_a_database(
    biqa: Callable[..., int], results: Path, tmp_path: Path
) -> None:
    shutil.copytree(results, tmp_path / "results" / "made_up")
    own = pd.read_csv(results / "metrics.csv").query("dataset == 'livec' and protocol_choice")
    subsets = [own.assign(subset=name, srcc=own["srcc"] - k / 10) for k, name in enumerate("ba")]
    pd.concat(subsets).to_csv(tmp_path / "results" / "made_up" / "subsets.csv", index=False)
    content = made_up.study(("livec", "demo"))
    asked = {"rows": "subset", "losses": ["mse", "dcq"], "metrics": ["srcc"]}
    content["tables"]["losses"] = {"title": "T", "paper": "ours", "datasets": ["livec"], **asked}
    study_file = made_up.write_study(tmp_path, content)
    words = ["--study-file", study_file, "--artefact", "losses"]
    words += ["--results", tmp_path / "results" / "made_up", *made_up.outputs("table", tmp_path)]
    assert biqa("table", *words) == 0
    cells = pd.read_csv(tmp_path / "t.csv").query("model == 'resnet18' and loss == 'dcq'")
    whole = own.query("model == 'resnet18' and loss == 'dcq'")["srcc"].median()
    assert cells["row"].tolist() == ["b", "a"]
    assert cells["value"].tolist() == pytest.approx([whole, whole - 0.1], abs=1e-12)
    assert "| Subset |" in (tmp_path / "t.md").read_text(encoding="utf-8")


def test_a_table_is_the_same_bytes_twice(made: Callable, tmp_path: Path) -> None:
    made("losses", "first"), made("losses", "second")
    for suffix in made_up.OUTPUTS["table"].values():
        first, second = (tmp_path / f"{stem}.{suffix}" for stem in ("first", "second"))
        assert first.read_bytes() == second.read_bytes()


def test_an_unknown_artefact_is_refused_with_the_known_ones(
    biqa: Callable[..., int], study_file: Path, results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--study-file", study_file, "--artefact", "loses", "--results", results]
    assert biqa("table", *words, *made_up.outputs("table", results)) == 1
    assert "tables: no 'loses'; there is losses, optimism" in capsys.readouterr().err
    assert "losses" in yaml.safe_load(study_file.read_text())["tables"]


def test_recipes_can_be_the_rows(results: Path) -> None:
    metrics = read_metrics(results)
    metrics = metrics[(metrics["loss"] == "dcq") & (metrics["dataset"] == "livec")]
    again = metrics.assign(recipe="short.seed1", srcc=metrics["srcc"] + 0.25)
    again["run"] = again["run"].str.replace("/short/", "/short.seed1/")
    recipes = ("short", "short.seed1")
    planned = {("livec", "resnet18", "dcq", name): tuple(range(5)) for name in recipes}
    artefact = {"rows": "recipe", "metrics": ["srcc"], "row_labels": {"short": "first seed"}}
    both = pd.concat([metrics, again])
    cells = table(artefact, both, planned, published=Path(), where="here").set_index("row")
    one, other = (cells.loc[name, "value"] for name in recipes)
    assert other == pytest.approx(one + 0.25)
    (block,) = blocks(artefact, cells.reset_index(), made_up.FACTS)
    assert [row.label for row in block.rows] == ["first seed", "short.seed1"]
    assert block.head == "Recipe"
