"""Printed numbers are found by what identifies them, and by nothing less."""

import re
from pathlib import Path

import pandas as pd
import pytest

from biqa.errors import InputError
from biqa.publishing.published import printed_curve, printed_value

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
