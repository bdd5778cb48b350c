"""A table of left-out distortions: a row each, their average, the printed numbers beside them."""

from pathlib import Path

import pytest
from made_up_left_out import ARTEFACT, RUNS, SRCC, STUDY, write_results

from biqa.datasets import dataset
from biqa.errors import InputError
from biqa.publishing.artefacts import facts_of
from biqa.publishing.left_out import with_left_out
from biqa.publishing.results import read_metrics
from biqa.publishing.tables import table

PUBLISHED = Path(__file__).parents[2] / "config" / "published"


@pytest.fixture(autouse=True)
def _true_facts(_made_up_facts, monkeypatch):
    monkeypatch.setattr("biqa.publishing.artefacts.dataset", dataset)


def made(results: Path, **changes):
    artefact = {**ARTEFACT, **changes}
    metrics = with_left_out(artefact, read_metrics(results), results, facts_of(STUDY))
    return table(artefact, metrics, RUNS, published=PUBLISHED, where="here")


def test_a_row_is_the_distortion_of_its_split_and_the_last_is_the_average(tmp_path):
    cells = made(write_results(tmp_path))
    order = [*sorted(dataset("tid2013").distortions)[:3], "Average"]  # AGN, ANC, Block
    for model, scores in SRCC.items():
        own = cells[cells["model"] == model]
        assert own["row"].tolist() == order
        expected = [*scores, sum(scores) / 3]
        assert own["value"].tolist() == pytest.approx(expected, abs=1e-12)
        assert own["n_splits"].tolist() == [1, 1, 1, 3]


def test_printed_numbers_are_those_of_the_method_and_the_distortion(tmp_path):
    cells = made(write_results(tmp_path)).set_index(["model", "row"])["published"]
    assert cells["meta"].to_dict() == {
        **{"AGN": 0.9473, "ANC": 0.9240, "Block": 0.3899, "Average": 0.8539}
    }
    assert cells["pooled"].isna().all()


def test_distortions_of_the_protocol_come_in_its_order(tmp_path):
    cells = made(write_results(tmp_path, distortions=("SSR", "JPEG", "MN")))
    assert list(dict.fromkeys(cells["row"])) == ["SSR", "JPEG", "MN", "Average"]


def test_an_average_is_a_mean(tmp_path):
    with pytest.raises(InputError, match=r"here: rows are left_out, .* write statistic: mean"):
        made(write_results(tmp_path), statistic="median")


def test_runs_that_leave_nothing_out_are_refused(tmp_path):
    with pytest.raises(InputError, match="recipe 'lodo': its protocol 'lodo' leaves no"):
        made(write_results(tmp_path, by="subset"))
