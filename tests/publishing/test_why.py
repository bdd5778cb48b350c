"""The terminal says of a cell what the table and the records say."""

from collections.abc import Callable
from pathlib import Path

import made_up
import pandas as pd
import pytest
import yaml
from made_up_left_out import ARTEFACT, SRCC, write_results

from biqa import datasets

PUBLISHED = Path(__file__).parents[2] / "config" / "published"


@pytest.fixture
def why(biqa: Callable[..., int], study_file: Path, results: Path, capsys) -> Callable[..., str]:
    def ask(*words: str, fails: bool = False) -> str:
        options = ["--study", "made_up", "--studies", study_file.parent, "--results", results]
        assert biqa("why", *options, "--published", PUBLISHED, *words) == int(fails)
        return capsys.readouterr().err if fails else capsys.readouterr().out

    return ask


@pytest.mark.parametrize("words", [("losses", "dcq", "srcc"), ("losses", "DCQ", "SRCC")])
def test_a_cell_has_its_value_its_runs_and_their_commands(
    why: Callable[..., str], results: Path, words: tuple[str, ...]
) -> None:
    said = why(*words)
    metrics = pd.read_csv(results / "metrics.csv").query("loss == 'dcq' and protocol_choice")
    for (dataset, model), group in metrics.groupby(["dataset", "model"]):
        cell = said.partition(f"SRCC of {dataset} · {model} · dcq · short")[2].partition("\n\n")[0]
        assert f"median    {group['srcc'].median():.3f} over 5 of 5 splits" in cell
        for _, run in group.iterrows():
            path = f"runs/{dataset}/{model}/dcq/short/split{run['split']}"
            (line,) = [one for one in cell.splitlines() if path + "  " in one]
            assert line.strip().startswith(f"{run['srcc']:.3f}  {path}")
            assert f"epoch {run['epoch']:.0f} of 6, seed {run['split']}, CPU, made up" in line
        assert f"-- results/made_up/runs/{dataset}/{model}/dcq/short/split0/predictions" in cell
    printed = said.partition("SRCC of livec · resnet18")[2].partition("\n\n")[0]
    assert "printed   0.835, difference" in printed
    assert "results/made_up/tables/losses.csv" in said


def test_a_cell_of_a_choice_has_the_runs_of_that_choice(why: Callable[..., str]) -> None:
    said = why("optimism", "best_test", "srcc").partition("livec · resnet18 · dcq")[2]
    assert said.partition("\n\n")[0].count("  runs/livec/resnet18/dcq/short/split") == 5


def test_a_collapsed_cell_says_so(why: Callable[..., str]) -> None:
    said = why("losses", "mono", "plcc").partition("livec · cnniqa")[2].partition("\n\n")[0]
    assert "median    collapsed over 0 of 5 splits" in said
    assert said.count("    collapsed  runs/") == 5


@pytest.mark.parametrize("figure", made_up.study()["figures"])
def test_a_figure_names_every_run_that_it_shows_and_how_it_is_made(
    why: Callable[..., str], figure: str
) -> None:
    said = why(figure)
    declared = made_up.study(("livec", "demo"))["figures"][figure]
    splits = 1 if declared["kind"] in ("scatter", "density") else made_up.SPLITS
    shown = [
        f"runs/{dataset}/{model}/{loss}/short/split{split}"
        for dataset in declared.get("datasets", ["livec", "demo"])
        for model in declared.get("models", made_up.MODELS)
        for loss in declared.get("losses", made_up.LOSSES)
        for split in range(splits)
    ]
    lines = [line.split()[0] for line in said.splitlines() if line.startswith("    runs/")]
    assert sorted(lines) == sorted(shown)
    assert f"from {len(shown)} run" in said
    assert said.startswith(declared["title"] + "\n")
    assert f"-- results/made_up/figures/{figure}.pdf" in said
    assert f"-- results/made_up/{lines[0]}/predictions.csv.gz" in said
    (first,) = [line for line in said.splitlines() if line.startswith(f"    {lines[0]}  ")]
    split = lines[0][-1]
    assert first.endswith(
        f"epochs 6, seed {split}, CPU, made up, 62 s, code 0123456789abcdef ed6656b00000"
    )


def test_a_figure_of_runs_that_the_study_lacks_is_refused(
    why: Callable[..., str], study_file: Path
) -> None:
    content = yaml.safe_load(study_file.read_text("utf-8"))
    content["figures"]["spread"]["losses"] = ["never"]
    study_file.write_text(yaml.safe_dump(content), "utf-8")
    said = why("spread", fails=True)
    assert "figures.spread: losses: no run of the study has 'never'; there is dcq" in said


def test_a_figure_that_is_not_there_is_refused_by_name(why: Callable[..., str]) -> None:
    assert "figures: no 'spreads'; there is convergence, spread" in why("spreads", fails=True)


def test_the_average_of_left_out_distortions_has_all_their_runs(
    biqa: Callable[..., int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    monkeypatch.setattr("biqa.publishing.artefacts.dataset", datasets.dataset)
    results = write_results(tmp_path / "results" / "lodo")
    study = {
        **{"title": "T", "splits": 3, "datasets": {"tid2013": {"size": "native"}}},
        **{"models": {"meta": {}, "pooled": {}}, "losses": {"mse": {}}},
        "runs": [{"datasets": "all", "models": "all", "losses": "all", "recipes": ["lodo"]}],
        "tables": {"metaiqa_table2": ARTEFACT},
    }
    file = made_up.write_study(tmp_path, study).rename(tmp_path / "lodo.yaml")
    words = ["--study", "lodo", "--studies", file.parent, "--results", results]
    words += ["--published", PUBLISHED, "metaiqa_table2"]
    assert biqa("why", *words, "Average", "srcc") == 0
    cell = capsys.readouterr().out.partition("tid2013 · meta · mse")[2].partition("\n\n")[0]
    assert "mean      0.600 over 3 of 3 splits" in cell
    assert "printed   0.854, difference −0.254, inside our interval" in cell
    for split, srcc in enumerate(SRCC["meta"]):
        assert f"    {srcc:.3f}  runs/tid2013/meta/mse/lodo/split{split}  " in cell
    assert biqa("why", *words, "ANC", "srcc") == 0
    one = capsys.readouterr().out.partition("tid2013 · meta · mse")[2].partition("\n\n")[0]
    assert one.count("    0.700  runs/") == one.count("  runs/") == 1


def test_a_cell_that_no_run_covers_says_so(why: Callable[..., str], study_file: Path) -> None:
    content = yaml.safe_load(study_file.read_text("utf-8"))
    content["tables"]["losses"]["published"]["rows"] = {"Huber": "MONO"}
    study_file.write_text(yaml.safe_dump(content), "utf-8")
    said = why("losses", "Huber", "srcc")
    assert "printed   0.381, difference —\n  not run: no run of this study covers the cell" in said


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("losses", "msee", "srcc"), "tables.losses: no row 'msee'; there is mse, mae"),
        (("losses", "mse", "krcc"), "tables.losses: no column 'krcc'; there is plcc, srcc"),
        (("lossess", "mse", "srcc"), "tables: no 'lossess'; there is losses, optimism"),
    ],
)
def test_what_is_not_there_is_refused_by_name(
    why: Callable[..., str], words: tuple[str, ...], message: str
) -> None:
    assert message in why(*words, fails=True)


def test_the_made_up_study_is_the_one_asked(study_file: Path) -> None:
    assert study_file.stem == "made_up"
    assert made_up.SPLITS == 5
