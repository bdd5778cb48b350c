"""The store gives the prepared pictures back, and refuses a folder that is not whole."""

from dataclasses import replace

import miniature_livec as mini
import numpy as np
import pandas as pd
import pytest

from biqa.datasets.archive import Archive
from biqa.datasets.livec import DATASET
from biqa.errors import InputError
from biqa.pictures.prepare import prepare
from biqa.pictures.store import PictureStore


@pytest.fixture
def folder(tmp_path):
    with Archive(mini.write_zip(tmp_path / "mini.zip", mini.members())) as archive:
        prepare(replace(DATASET, n_images=3), archive, "native", tmp_path / "out")
    return tmp_path / "out"


def test_pictures_come_back_by_row(folder):
    store = PictureStore.open(folder)
    assert len(store) == 3
    for index, name in enumerate(store.labels["name"]):
        np.testing.assert_array_equal(store.picture(index), mini.pixels_of(name))


def test_pictures_are_read_only_views(folder):
    store = PictureStore.open(folder)
    picture = store.picture(0)
    assert np.shares_memory(picture, store.picture(0))
    with pytest.raises(ValueError, match="read-only"):
        picture[0, 0, 0] = 1


def test_rows_are_found_in_the_order_that_was_asked(folder):
    store = PictureStore.open(folder)
    assert store.index_of(["2.bmp", "1.bmp", "2.bmp"]).tolist() == [2, 0, 2]


def test_an_unknown_name_is_refused(folder):
    with pytest.raises(InputError, match=r"there is no picture '3\.bmp'"):
        PictureStore.open(folder).index_of(["1.bmp", "3.bmp"])


def test_labels_keep_their_kinds_and_their_last_digit(folder):
    table = pd.read_csv(folder / "pictures.csv", keep_default_na=False)
    table["name"] = ["007", "NA", "1e5"]
    table["mos"] = [1 / 3, 0.1 + 0.2, 2 / 7]
    table.to_csv(folder / "pictures.csv", index=False)
    labels = PictureStore.open(folder).labels
    assert labels["name"].tolist() == ["007", "NA", "1e5"]
    assert labels["reference"].tolist() == ["", "", ""]
    assert labels["mos"].tolist() == [1 / 3, 0.1 + 0.2, 2 / 7]


def test_facts_are_those_of_the_dataset(folder):
    assert PictureStore.open(folder).facts["title"] == "LIVE In the Wild"


def refusal(folder):
    with pytest.raises(InputError) as caught:
        PictureStore.open(folder)
    message = str(caught.value)
    assert message.startswith(f"{folder}: ")
    assert message.endswith("delete this folder and run the step `prepare` again")
    return message


@pytest.mark.parametrize("name", ["facts.json", "pictures.csv", "pixels.bin"])
def test_a_folder_without_one_of_its_files_is_refused(name, folder):
    (folder / name).unlink()
    assert f"{name} missing" in refusal(folder)


@pytest.mark.parametrize("change", [-1, 1])
def test_pixels_of_another_length_are_refused(change, folder):
    n_bytes = (folder / "pixels.bin").stat().st_size
    with (folder / "pixels.bin").open("rb+") as file:
        file.truncate(n_bytes + change)
    message = refusal(folder)
    assert f"pixels.bin has {n_bytes + change} bytes, pictures.csv says {n_bytes}" in message


def test_a_table_with_a_row_too_few_is_refused(folder):
    lines = (folder / "pictures.csv").read_text(encoding="utf-8").splitlines()
    (folder / "pictures.csv").write_text("\n".join(lines[:-1]) + "\n", encoding="utf-8")
    assert "2 rows in pictures.csv" in refusal(folder)
