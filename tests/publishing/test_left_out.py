"""A table of left-out distortions: a row each, their average, the printed numbers beside them."""

import json
from pathlib import Path

import pandas as pd
import pytest

from biqa.datasets import dataset
from biqa.errors import InputError
from biqa.publishing.artefacts import facts_of
from biqa.publishing.left_out import with_left_out
from biqa.publishing.results import read_metrics
from biqa.publishing.tables import table

STUDY = {"datasets": {"tid2013": {"size": "native"}}}
ARTEFACT = {
    **{"title": "T", "paper": "MetaIQA", "rows": "left_out", "metrics": ["srcc"]},
    "statistic": "mean",
    "published": {
        **{"table": "metaiqa_table2", "row_key": "left_out_distortion"},
        "models": {"meta": "MetaIQA"},
        "datasets": {"tid2013": "TID2013"},
        "metrics": {"srcc": "SROCC"},
    },
}
PUBLISHED = Path(__file__).parents[2] / "config" / "published"
RUNS = {("tid2013", model, "mse", "lodo"): (0, 1, 2) for model in ("meta", "pooled")}
SRCC = {"meta": [0.9, 0.7, 0.2], "pooled": [0.5, 0.4, -0.3]}


@pytest.fixture(autouse=True)
def _true_facts(_made_up_facts, monkeypatch):
    monkeypatch.setattr("biqa.publishing.artefacts.dataset", dataset)


def write_results(folder: Path, *, by="distortion", distortions=()) -> Path:
    """Write metrics.csv and the records of six runs: two models, three splits."""
    rows = []
    for names, splits in RUNS.items():
        for split in splits:
            run = dict(zip(("dataset", "model", "loss", "recipe"), names, strict=True))
            run["split"] = split
            rows.append(
                {
                    **run,
                    **{"tested_on": "tid2013", "choice": "last", "protocol_choice": True},
                    **{"epoch": 0, "status": "ok", "fit_note": "", "srcc": SRCC[names[1]][split]},
                }
            )
            protocol = {"name": "lodo", "by": by, "distortions": list(distortions)}
            record = {"run": run, "spec": {"recipe": {"protocol": protocol}}}
            file = folder / "runs" / "/".join(names) / f"split{split}" / "record.json"
            file.parent.mkdir(parents=True)
            file.write_text(json.dumps(record), encoding="utf-8")
    pd.DataFrame(rows).to_csv(folder / "metrics.csv", index=False)
    return folder


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
