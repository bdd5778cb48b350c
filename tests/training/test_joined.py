"""Pictures of several databases under one number each."""

import numpy as np
import pytest
import small_pictures as small

from biqa.errors import InputError
from biqa.pictures.joined import joined
from biqa.training.views import RandomViews


@pytest.fixture
def stores(tmp_path):
    return [
        small.open_pictures(tmp_path / name, [(5, 4)] * n, n_references=2, seed=n, dataset=name)
        for name, n in (("one", 4), ("two", 7), ("three", 3))
    ]


def test_each_picture_is_that_of_its_own_store(stores):
    whole, positions = joined(stores)
    assert len(whole) == len(whole.labels) == 14
    assert np.concatenate(positions).tolist() == list(range(14))
    for store, own in zip(stores, positions, strict=True):
        assert len(own) == len(store)
        for index, number in enumerate(own):
            np.testing.assert_array_equal(whole.picture(number), store.picture(index))
        np.testing.assert_array_equal(whole.labels["mos"].iloc[own], store.labels["mos"])


def test_what_databases_call_alike_is_told_apart(stores):
    whole, positions = joined(stores)
    assert whole.labels["name"].is_unique
    first = whole.labels.iloc[[own[0] for own in positions]]
    assert first["distortion"].tolist() == ["one/noise", "two/noise", "three/noise"]
    assert first["reference"].tolist() == ["one/scene0", "two/scene0", "three/scene0"]
    stores[0].labels.loc[0, ["reference", "distortion"]] = ""
    row = joined(stores)[0].labels.iloc[0]
    assert (row["reference"], row["distortion"]) == ("", "")


def test_one_store_stays_as_it_is(stores):
    whole, positions = joined(stores[:1])
    assert whole is stores[0]
    assert [own.tolist() for own in positions] == [[0, 1, 2, 3]]


def test_a_database_is_joined_once(stores):
    with pytest.raises(InputError, match="a database twice among one, two, one"):
        joined([*stores[:2], stores[0]])


def test_views_see_the_pictures_of_all(stores):
    whole, _ = joined(stores)
    pixels = RandomViews(whole, 0, False, seed=0, epoch=1).pixels(np.array([13, 0]))
    np.testing.assert_array_equal(pixels[0].numpy(), stores[2].picture(2))
    np.testing.assert_array_equal(pixels[1].numpy(), stores[0].picture(0))
