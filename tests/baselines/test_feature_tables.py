"""Features of a database: computed once, taken up again after a kill, tied to their pixels."""

import json

import numpy as np
import pandas as pd
import pytest

from biqa.baselines import tables
from biqa.baselines.tables import compute, read_features, write_arrays
from biqa.errors import InputError
from biqa.handcrafted.method import Method
from biqa.pictures.store import PictureStore


@pytest.fixture
def store(tmp_path, rng):
    folder = tmp_path / "prepared"
    folder.mkdir()
    pixels = rng.integers(0, 256, (6, 4, 5, 3), dtype=np.uint8)
    pixels.tofile(folder / "pixels.bin")
    table = pd.DataFrame({"name": [f"p{i}" for i in range(6)], "height": 4, "width": 5})
    table.assign(offset=60 * np.arange(6), mos=0.5).to_csv(folder / "pictures.csv", index=False)
    facts = {"dataset": "made_up", "n_images": 6, "pixels_sha256": "abc"}
    (folder / "facts.json").write_text(json.dumps(facts))
    return PictureStore.open(folder)


class Mean(Method):
    """The mean colour; stops as if killed after some pictures."""

    def __init__(self, lasts: int = 99) -> None:
        self.lasts, self.seen = lasts, 0

    def features(self, picture, basis):
        if self.seen == self.lasts:
            raise KeyboardInterrupt
        self.seen += 1
        return picture.mean(axis=(0, 1))


def test_a_killed_computation_goes_on_where_it_stopped(store, tmp_path, monkeypatch):
    monkeypatch.setattr(tables, "KEEP_EVERY", -1.0)
    state = (tmp_path / "state.npz", "key")
    with pytest.raises(KeyboardInterrupt):
        compute(Mean(lasts=4), store, {}, state=state, report=lambda done: None)
    rest = Mean()
    found = compute(rest, store, {}, state=state, report=lambda done: None)
    assert rest.seen == 2
    np.testing.assert_array_equal(found, [store.picture(i).mean(axis=(0, 1)) for i in range(6)])
    other = Mean()
    compute(other, store, {}, state=(state[0], "another key"), report=lambda done: None)
    assert other.seen == 6


def test_features_of_other_pixels_are_refused(store, tmp_path):
    file = tmp_path / "features.npz"
    write_arrays(file, {"features": np.zeros((6, 2))}, {"pixels_sha256": "abc"})
    assert read_features(file, store).values.shape == (6, 2)
    write_arrays(file, {"features": np.zeros((6, 2))}, {"pixels_sha256": "other"})
    with pytest.raises(InputError, match="features of other pixels"):
        read_features(file, store)


def test_a_feature_that_is_not_finite_names_its_picture(store, tmp_path):
    class Broken(Method):
        def features(self, picture, basis):
            return np.array([np.nan])

    state = (tmp_path / "state.npz", "key")
    with pytest.raises(InputError, match="picture 'p0': a feature is not finite"):
        compute(Broken(), store, {}, state=state, report=lambda done: None)


def test_the_same_arrays_give_the_same_bytes(tmp_path):
    one, other = tmp_path / "one.npz", tmp_path / "other.npz"
    for file in (one, other):
        write_arrays(file, {"a": np.arange(5)}, {"b": 1})
    assert one.read_bytes() == other.read_bytes()
