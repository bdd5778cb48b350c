"""The terminal says of a cell what the table and the records say."""

from collections.abc import Callable
from pathlib import Path

import made_up
import pandas as pd
import pytest

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
