"""A split file becomes positions in a store, or is refused."""

import numpy as np
import pandas as pd
import pytest
import small_pictures as small

from biqa.errors import InputError
from biqa.training.parts import read_parts


@pytest.fixture
def store(tmp_path):
    return small.open_pictures(tmp_path / "pictures", [(4, 4)] * 6)


def split(tmp_path, rows):
    file = tmp_path / "split0.csv"
    pd.DataFrame(rows, columns=["name", "part"]).to_csv(file, index=False)
    return file


def test_positions_are_sorted_whatever_the_order_of_the_file(store, tmp_path):
    parts = ["test", "train", "train", "validation", "train", "test"]
    rows = list(zip(store.labels["name"], parts, strict=True))[::-1]
    found = read_parts(split(tmp_path, rows), store)
    assert list(found) == ["train", "validation", "test"]
    assert [positions.tolist() for positions in found.values()] == [[1, 2, 4], [3], [0, 5]]


def test_a_part_without_pictures_is_empty(store, tmp_path):
    found = read_parts(split(tmp_path, [(name, "train") for name in store.labels["name"]]), store)
    assert len(found["train"]) == 6
    assert found["validation"].shape == found["test"].shape == (0,)
    assert np.issubdtype(found["test"].dtype, np.integer)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda rows: rows[:-1], "5 rows for 6 pictures"),
        (lambda rows: [*rows[:-1], rows[0]], "6 rows for 6 pictures"),
        (lambda rows: [*rows[:-1], ("other.png", "test")], "there is no picture 'other.png'"),
        (lambda rows: [*rows[:-1], (rows[-1][0], "val")], "part 'val', expected one of train"),
    ],
    ids=["too few", "one twice", "unknown picture", "unknown part"],
)
def test_a_split_of_other_pictures_or_parts_is_refused(store, tmp_path, change, message):
    rows = [(name, "train") for name in store.labels["name"]]
    with pytest.raises(InputError, match=message):
        read_parts(split(tmp_path, change(rows)), store)
