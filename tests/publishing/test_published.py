"""Printed numbers are found by what identifies them, and by nothing less."""

import re
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from biqa.datasets import dataset as definition_of
from biqa.errors import InputError
from biqa.publishing.left_out import AVERAGE
from biqa.publishing.names import OF_DATASETS
from biqa.publishing.published import printed_curve, printed_value
from biqa.workflow.study import read_claims, read_study

FOLDER = Path(__file__).parents[2] / "config" / "published"
TABLE_4 = {"dataset": "TID2013", "method": "DCQ", "metric": "SRCC", "backbone": "ResNet-50"}


def test_a_printed_number_is_the_one_in_the_paper() -> None:
    assert printed_value(FOLDER, "dcq_table4", TABLE_4) == 0.835
    size = {"dataset": "CSIQ", "method": "DBCNN-DCQ", "metric": "PLCC", "batch_size": 48}
    assert printed_value(FOLDER, "dcq_table5", size) == 0.973


@pytest.mark.parametrize("key", TABLE_4)
def test_a_key_without_a_match_is_named(key: str) -> None:
    with pytest.raises(InputError, match=rf"dcq_table4\.csv: no row with {key} 'nothing'"):
        printed_value(FOLDER, "dcq_table4", {**TABLE_4, key: "nothing"})


def test_an_unknown_key_is_named_with_the_known_ones() -> None:
    with pytest.raises(InputError, match="no key 'net'; the keys are artefact, dataset"):
        printed_value(FOLDER, "dcq_table4", {**TABLE_4, "net": "VGG"})


def test_an_ambiguous_number_is_refused_with_the_key_that_is_lacking() -> None:
    keys = {key: value for key, value in TABLE_4.items() if key != "backbone"}
    with pytest.raises(InputError, match="fit 2 rows; they differ in backbone"):
        printed_value(FOLDER, "dcq_table4", keys)


def test_an_unknown_table_is_refused_with_the_known_ones() -> None:
    with pytest.raises(InputError, match=r"no such table.*dcq_table1, dcq_table2"):
        printed_value(FOLDER, "dcq_table3", TABLE_4)


def test_a_printed_curve_is_in_the_order_of_its_epochs() -> None:
    keys = {"dataset": "KonIQ-10k", "method": "norm-in-norm", "metric": "PLCC"}
    keys |= {"artefact": "NiN_Fig1", "split": "test"}
    curve = printed_curve(FOLDER, "norm_in_norm_curves", keys)
    assert curve["epoch"].tolist() == list(range(1, 31))
    assert round(curve["value"].iloc[0], 3) == 0.906


@pytest.mark.parametrize(("slow", "times"), [("mse", 6.5), ("mae", 12.5)])
def test_the_claims_quote_the_speedup_of_the_authors_curves(slow: str, times: float) -> None:
    keys = {"artefact": "NiN_Fig1", "dataset": "KonIQ-10k", "metric": "PLCC", "split": "test"}
    fast, other = (
        printed_curve(FOLDER, "norm_in_norm_curves", {**keys, "method": method})
        for method in ("norm-in-norm", slow)
    )
    best = max(other["value"])
    needed = [min(one["epoch"][one["value"] >= best]) for one in (other, fast)]
    assert needed[0] / needed[1] == times
    claims = read_claims(FOLDER.parent / "claims.yaml")
    for name in (f"nin_ten_times_faster_than_{slow}", f"nin_faster_than_{slow}"):
        assert f"{times} times by the authors' curves of test PLCC" in claims[name]["printed"]


def test_several_curves_are_refused() -> None:
    keys = {"dataset": "KonIQ-10k", "method": "mse", "metric": "PLCC", "artefact": "NiN_Fig1"}
    with pytest.raises(InputError, match="fit several curves; they differ in split"):
        printed_curve(FOLDER, "norm_in_norm_curves", keys)


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.csv")), ids=lambda path: path.stem)
def test_every_file_identifies_its_numbers(path: Path) -> None:
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    keys = [column for column in table.columns if column not in ("value", "source", "note")]
    assert not table.duplicated(keys).any()
    assert table["value"].astype(float).notna().all()


def test_the_readme_counts_the_rows_of_every_file() -> None:
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    listed = dict(re.findall(r"^\| `(\w+)\.csv` \| (\d+) \|", text, flags=re.MULTILINE))
    counted = {path.stem: str(len(pd.read_csv(path))) for path in FOLDER.glob("*.csv")}
    assert listed == counted


def citations() -> list[tuple[str, dict]]:
    """Return what the tables and figures of every study cite."""
    found = []
    for path in sorted((FOLDER.parent / "studies").glob("*.yaml")):
        study = yaml.safe_load(path.read_text(encoding="utf-8"))
        for kind in ("tables", "figures"):
            for name, artefact in study.get(kind, {}).items():
                if "published" in artefact and artefact.get("rows") != "left_out":
                    found.append((f"{path.stem}/{name}", {"kind": kind, **artefact["published"]}))
    return found


@pytest.mark.parametrize(("place", "cited"), citations(), ids=[one[0] for one in citations()])
def test_every_number_that_a_study_cites_is_there(place: str, cited: dict) -> None:
    row_key, keys = cited.get("row_key", "method"), cited.get("keys", {})
    rows = cited.get("rows", {"": keys.get(row_key)}).values()
    empty = set(cited.get("empty", ()))
    datasets = cited.get("datasets", {}) | {name: name for name in cited.get("elsewhere", {})}
    assert datasets
    for (own, dataset), row, (name, metric) in product(
        datasets.items(), rows, cited["metrics"].items()
    ):
        if {f"{row}.{own}", f"{row}.{name}", f"{row}.{own}.{name}"} & empty:
            continue
        wanted = {"dataset": dataset, row_key: row, "metric": metric}
        wanted |= {key: value for key, value in keys.items() if key != row_key}
        if cited["kind"] == "figures":
            assert len(printed_curve(FOLDER, cited["table"], wanted)) > 1
        else:
            value = printed_value(FOLDER, cited["table"], wanted)
            assert 0 <= value <= (np.inf if name in OF_DATASETS else 1)


LEFT_OUT = ("metaiqa_table2", "metaiqa_table2.wadiqam", "metaiqa_table2.crafted")


@pytest.mark.parametrize("name", LEFT_OUT)
def test_every_distortion_that_is_left_out_is_printed_under_our_name(name: str) -> None:
    study = read_study(FOLDER.parent / "studies" / "paper.yaml")
    cited = study["tables"][name]["published"]
    assert {key for key, one in study["tables"].items() if one["rows"] == "left_out"} == {*LEFT_OUT}
    for own, printed in cited["datasets"].items():
        names = [*definition_of(own).distortions, AVERAGE]
        assert len(names) == {"tid2013": 25, "kadid10k": 26}[own]
        for method, row in product(cited["models"].values(), names):
            keys = {"dataset": printed, "method": method, cited["row_key"]: row}
            assert printed_value(FOLDER, cited["table"], keys | {"metric": "SROCC"}) <= 1
