"""The authors' own predictions, through files and the whole evaluation, give the known numbers."""

import json

import pandas as pd
import pytest

from biqa.evaluation import gather
from biqa.files import write_table

METRICS = ("srcc", "plcc", "krcc", "rmse")


@pytest.mark.data
def test_predictions_of_the_authors_are_judged_as_recorded(make_run, tmp_path, references_folder):
    references = json.loads((references_folder / "metrics.json").read_text("utf-8"))
    run = make_run()
    expected = {}
    for case in references["real"]:
        for kind in ("raw", "mapped"):
            dataset = f"{case['id']}, {kind}"
            expected[dataset] = case["metrics"][kind] | {"n": case["n"]}
            scores = pd.DataFrame({"mos": case["mos"], "predicted": case[f"predicted_{kind}"]})
            names = [f"{place:04}.jpg" for place in range(len(scores))]
            table = scores.assign(dataset=dataset, part="cross", name=names)
            run.predictions = pd.concat([run.predictions, table], ignore_index=True)
    metrics, _ = gather([run.write(tmp_path)])
    write_table(tmp_path / "metrics.csv", metrics)
    found = pd.read_csv(tmp_path / "metrics.csv").set_index("tested_on")
    assert len(expected) == 6
    for dataset, wanted in expected.items():
        row = found.loc[dataset]
        assert row["n_pictures"] == wanted["n"]
        for metric in METRICS:
            assert row[metric] == pytest.approx(wanted[metric], rel=1e-9), (dataset, metric)
    stored = {case["id"]: case["stored_by_the_authors"] for case in references["real"]}
    for name, theirs in stored.items():
        mapped = found.loc[f"{name}, mapped"]
        assert mapped["srcc"] == pytest.approx(theirs["SROCC"], rel=1e-9)
        assert mapped["plcc"] == pytest.approx(theirs["PLCC"], rel=1e-9)
        assert mapped["rmse"] == pytest.approx(theirs["RMSE"], rel=1e-9)
