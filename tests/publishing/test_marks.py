"""Best and second are marked where the splits tell them apart, and nowhere else."""

from pathlib import Path

import made_up
import numpy as np
import pandas as pd
import pytest
from scipy import stats

from biqa.publishing.captions import table_caption
from biqa.publishing.latex import escaped, latex
from biqa.publishing.markdown import markdown
from biqa.publishing.pages import table_page
from biqa.publishing.tables import table
from biqa.publishing.wide import blocks

PUBLISHED = Path(__file__).parents[2] / "config" / "published"
LOSSES = ("mse", "dcq", "plcc")
ARTEFACT = {
    "title": "Losses & more",
    "paper": "DCQ",
    "rows": "loss",
    "metrics": ["srcc", "rmse_mapped"],
}
PRINTED = {
    **{"table": "dcq_table4", "keys": {"backbone": "ResNet-50"}},
    "rows": {"dcq": "DCQ", "mse": "MSE", "mono": "MONO"},
    **{"datasets": {"livec": "TID2013"}, "metrics": {"srcc": "SRCC"}},
}


def metrics_of(offsets: dict[str, float], n_splits: int) -> pd.DataFrame:
    """Return an SRCC of .8 and an offset a loss, with noise that the losses share."""
    rng = np.random.default_rng(1)
    rows = []
    for split in range(n_splits):
        level = 0.8 + 0.05 * rng.normal()
        for loss, offset in offsets.items():
            srcc = level + offset + 0.001 * rng.normal()
            rows.append(
                {
                    **{"dataset": "livec", "model": "m", "loss": loss, "recipe": "short"},
                    **{"split": split, "tested_on": "livec", "choice": "last"},
                    **{"protocol_choice": True, "epoch": 5, "status": "ok", "fit_note": np.nan},
                    **{"srcc": srcc, "rmse_mapped": 1 - srcc},
                    "run": f"runs/livec/m/{loss}/short/split{split}",
                }
            )
    return pd.DataFrame(rows)


def cells_of(metrics: pd.DataFrame, **change: object) -> pd.DataFrame:
    splits = tuple(sorted(set(metrics["split"])))
    planned = {("livec", "m", loss, "short"): splits for loss in dict.fromkeys(metrics["loss"])}
    return table({**ARTEFACT, **change}, metrics, planned, published=PUBLISHED, where="here")


def marks_of(cells: pd.DataFrame, metric: str = "srcc") -> dict[str, str]:
    return cells[cells["metric"] == metric].set_index("row")["mark"].to_dict()


@pytest.mark.parametrize("metric", ["srcc", "rmse_mapped"])
def test_best_and_second_are_marked_where_every_split_agrees(metric: str) -> None:
    cells = cells_of(metrics_of({"mse": 0.0, "dcq": 0.02, "plcc": 0.01}, 8))
    assert marks_of(cells, metric) == {"mse": "", "dcq": "best", "plcc": "second"}


def test_a_best_that_is_no_better_than_the_next_is_not_marked() -> None:
    metrics = metrics_of({"mse": 0.0, "dcq": 0.02, "plcc": 0.02}, 8)
    a, b = (metrics[metrics["loss"] == loss]["srcc"].to_numpy() for loss in ("dcq", "plcc"))
    assert stats.wilcoxon(a, b).pvalue > 0.05
    assert set(marks_of(cells_of(metrics)).values()) == {""}, "nor a second, which beats the third"


def test_five_splits_mark_nothing_and_the_caption_says_why() -> None:
    metrics = metrics_of({"mse": 0.0, "dcq": 0.2, "plcc": 0.1}, 5)
    cells = cells_of(metrics)
    assert set(cells["mark"]) == {""}
    caption = table_caption(ARTEFACT, cells, metrics, made_up.FACTS)
    assert "No best is marked" in caption
    assert "6 splits are the fewest" in caption


def test_recipes_of_one_loss_compete_row_by_row() -> None:
    metrics = metrics_of({"mse": 0.0, "dcq": 0.02}, 10)
    metrics["recipe"] = metrics["loss"].map({"mse": "float32", "dcq": "bfloat16"})
    metrics["loss"] = "plcc"
    metrics["run"] = [
        f"runs/livec/m/plcc/{recipe}/split{split}"
        for recipe, split in zip(metrics["recipe"], metrics["split"], strict=True)
    ]
    planned = {
        ("livec", "m", "plcc", recipe): tuple(range(10)) for recipe in ("float32", "bfloat16")
    }
    artefact = {**ARTEFACT, "rows": "recipe"}
    cells = table(artefact, metrics, planned, published=PUBLISHED, where="here")
    assert marks_of(cells) == {"float32": "", "bfloat16": "best"}
    shown = markdown(artefact, blocks(artefact, cells, made_up.FACTS), "")
    assert "| Recipe |" in shown


def test_databases_do_not_compete() -> None:
    metrics = metrics_of({"mse": 0.0, "dcq": 0.02}, 8)
    assert set(cells_of(metrics, rows="dataset")["mark"]) == {""}


def test_the_printed_number_is_inside_or_outside_of_our_interval() -> None:
    metrics = metrics_of({"mse": 0.0, "dcq": 0.035}, 10)
    cells = cells_of(metrics, published=PRINTED).query("metric == 'srcc'").set_index("row")
    for loss in ("mse", "dcq"):
        values = metrics[metrics["loss"] == loss]["srcc"]
        low, high = stats.quantile_test(values, p=0.5).confidence_interval(0.95)
        assert cells.loc[loss, ["low", "high"]].tolist() == pytest.approx([low, high])
    assert cells["published"].to_dict() == {"mse": 0.704, "dcq": 0.835, "mono": 0.381}
    assert cells["inside"].to_dict() == {"mse": "no", "dcq": "yes", "mono": ""}


def test_a_mean_has_the_interval_of_student() -> None:
    metrics = metrics_of({"mse": 0.0, "dcq": 0.1}, 4)
    cells = cells_of(metrics, statistic="mean").query("metric == 'srcc'").set_index("row")
    expected = stats.ttest_1samp(metrics[metrics["loss"] == "dcq"]["srcc"], 0)
    assert cells.loc["dcq", ["low", "high"]].tolist() == pytest.approx(
        list(expected.confidence_interval(0.95))
    )


def test_every_form_shows_marks_and_cells_that_were_not_run() -> None:
    metrics = metrics_of({"mse": 0.0, "dcq": 0.02, "plcc": 0.01}, 8)
    artefact = {**ARTEFACT, "published": PRINTED}
    cells = cells_of(metrics, published=PRINTED)
    shown = blocks(artefact, cells, made_up.FACTS)
    caption = table_caption(artefact, cells, metrics, made_up.FACTS)
    best = f"{cells[cells['row'] == 'dcq']['value'].iloc[0]:.3f}"
    second = f"{cells[cells['row'] == 'plcc']['value'].iloc[0]:.3f}"
    text = markdown(artefact, shown, caption)
    assert f"| DCQ | **{best}** (" in text
    assert f"| PLCC | <ins>{second}</ins> (" in text
    assert "| MONO | not run | 0.381 | — | not run |" in text
    tex = latex("losses", artefact, shown, caption)
    assert f"DCQ & \\textbf{{{best}}} {{" in tex
    assert f"PLCC & \\underline{{{second}}} {{" in tex
    assert "MONO & not run & 0.381 & --- & not run" in tex
    page = table_page(artefact, shown, caption)
    assert f'<b class="best">{best}</b>' in page
    assert f'<u class="second">{second}</u>' in page
    assert '<span class="absent">not run</span>' in page
    for form in (text, tex, page):
        assert "no run of this study covers the cell" in form


def test_latex_is_balanced_and_escaped() -> None:
    metrics = metrics_of({"mse": 0.0, "dcq": 0.02}, 8)
    cells = cells_of(metrics)
    tex = latex("losses", ARTEFACT, blocks(ARTEFACT, cells, made_up.FACTS), "50 % of a_b")
    assert "Losses \\& more. 50 \\% of a\\_b" in tex
    assert tex.count("{") - tex.count("\\{") == tex.count("}") - tex.count("\\}")
    for part in ("table", "tabular"):
        assert tex.count(f"\\begin{{{part}}}") == tex.count(f"\\end{{{part}}}") == 1
    lines = [line for line in tex.splitlines() if line.endswith(r" \\")]
    assert {line.count(" & ") for line in lines} == {2}
    assert [tex.index(f"\\{rule}rule") for rule in ("top", "mid", "bottom")] == sorted(
        tex.index(f"\\{rule}rule") for rule in ("top", "mid", "bottom")
    )
    assert (
        escaped("R\\S^2 ~ {x}") == r"R\textbackslash{}S\textasciicircum{}2 \textasciitilde{} \{x\}"
    )
