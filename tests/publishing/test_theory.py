"""The table and figure of theory show the numbers they are given, and say what they are."""

from pathlib import Path

import made_up
import numpy as np
import pytest
from made_up_theory import THEORY, measured

from biqa.__main__ import main
from biqa.evaluation.statements import judge_statements
from biqa.publishing.theory_figure import theory_figure
from biqa.publishing.theory_table import theory_blocks, theory_caption
from biqa.workflow.study import read_statements

STATEMENTS = Path(__file__).parents[2] / "config" / "statements.yaml"


@pytest.fixture
def judged():
    return judge_statements(read_statements(STATEMENTS), measured())


def texts(block):
    return {row.name: [cell.value for cell in row.cells] for row in block.rows}


def test_statements_stand_beside_numbers_and_verdicts(judged):
    statements = texts(theory_blocks(judged, measured(), meaning=False)[0])
    assert statements["rpc_lipschitz"] == ["1.000", "at most 0", "does not agree"]
    assert statements["rpc_smooth"] == ["0", "at most 0", "agrees"]
    assert statements["rpc_smoothness_is_the_larger"] == ["4.000", "4.000", "agrees"]
    assert statements["dcq_accurate"] == ["0.312", "0", "does not agree"]
    assert statements["nin_predictable_mse"] == ["0.635", "above 0.135", "agrees"]
    assert statements["nin_stable_mae"] == ["—", "—", "not run"]


def test_a_statement_along_a_run_has_a_row_for_each_step(judged):
    rows = theory_blocks(judged, measured(), meaning=True)[0].rows
    found = [row for row in rows if row.name == "nin_predictable_mse"]
    assert [row.label.rpartition(", ")[2] for row in found] == ["step 0.001", "step 0.01"]
    assert found[0].cells[0].spread == (
        "(median cosine of the gradient with that a step further down)"
    )


def test_minima_and_the_run_are_shown_by_unit_and_by_step(judged):
    _, properties, minima, run = theory_blocks(judged, measured(), meaning=True)
    assert texts(properties)["rpc"] == ["0", "4.000", "1.000", "0"]
    assert texts(minima)["0 to 100"] == ["1.010", "0.99352", "—", "—"]
    assert texts(run)["norm_in_norm"] == ["0.635", "0.635", "1.035", "1.035"]


def test_a_caption_warns_of_proxy_scores_and_carries_each_note_once(judged):
    said = theory_caption(THEORY, judged, made_up.FACTS["demo"])
    assert "every 7 steps of one training of resnet18 with short" in said
    assert said.count("MONO's gradient jumps where two predictions are equal") == 1
    assert "nobody rated these pictures" in said


def test_the_panels_draw_the_numbers():
    figure = theory_figure(measured(), made_up.FACTS["demo"])
    by_scale, near_a_tie, minima, run = figure.axes
    (line, _) = by_scale.lines
    np.testing.assert_allclose(line.get_ydata(), [0.1, 1.0, 10.0])
    assert near_a_tie.xaxis_inverted()
    slopes = [line.get_ydata()[-1] for line in minima.lines if len(line.get_xdata()) == 3]
    assert slopes == pytest.approx([1.87 * 0.9, 1.22 * 0.9, 1.01 * 0.9])
    assert minima.get_xlabel() == "proxy score in [0, 1]"
    np.testing.assert_allclose(run.lines[0].get_ydata(), [0.135, 0.135])


def test_the_step_writes_the_same_bytes_twice(tmp_path, monkeypatch):
    monkeypatch.setattr("biqa.datasets.dataset", made_up.FACTS.__getitem__)
    study = made_up.write_study(tmp_path, {**made_up.study(("livec", "demo")), "theory": THEORY})
    measures = tmp_path / "measures.csv"
    measured().to_csv(measures, index=False)
    made = []
    for name in ("first", "second"):
        words = ["--study-file", study, "--measures", measures, "--statements", STATEMENTS]
        assert main(["theory", *map(str, words), "--output", str(tmp_path / name)]) == 0
        files = sorted((tmp_path / name).iterdir())
        assert [file.suffix[1:] for file in files] == [
            *("csv", "html", "md", "pdf", "png", "svg", "tex")
        ]
        made.append([file.read_bytes() for file in files])
    assert made[0] == made[1]
    written = (tmp_path / "first" / "theory.tex").read_text("utf-8")
    assert r"DCQ, Theorem 2: RPC is $\beta$-smooth & 0 & at most 0 & agrees" in written
    assert written.isascii()
