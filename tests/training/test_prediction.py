"""Every picture that is asked for gets its own score, in the order that was asked."""

import numpy as np
import pytest
import small_pictures as small
from torch.testing import assert_close

from biqa.recipes import Views
from biqa.training import prediction
from biqa.training.prediction import predict

SIZES = [(10, 14), (12, 9), (10, 14), (20, 20), (12, 9)]


@pytest.fixture
def store(tmp_path):
    return small.open_pictures(tmp_path / "ragged", SIZES)


def scores_by_hand(model, pictures):
    weight, bias = model.fc.weight.detach().double().numpy()[0], model.fc.bias.item()
    means = np.array([picture.mean(axis=(0, 1)) / 255 for picture in pictures])
    return (means - model.mean) / model.std @ weight + bias


def test_whole_pictures_of_any_size_are_judged_in_the_order_asked(store):
    model = small.seeded(small.LinearModel)
    order = np.array([4, 0, 3, 1])
    expected = scores_by_hand(model, [store.picture(index) for index in order])
    assert_close(predict(model, store, order, small.recipe()), expected, rtol=0, atol=1e-6)


def test_a_central_crop_is_judged_where_the_recipe_names_one(store):
    model = small.seeded(small.LinearModel)
    crops = [
        store.picture(index)[(h - 6) // 2 : (h - 6) // 2 + 6, (w - 6) // 2 : (w - 6) // 2 + 6]
        for index, (h, w) in enumerate(SIZES)
    ]
    recipe = small.recipe(views=Views(crop=8, test_crop=6))
    predicted = predict(model, store, np.arange(5), recipe)
    assert_close(predicted, scores_by_hand(model, crops), rtol=0, atol=1e-6)


@pytest.mark.parametrize("batch_size", [1, 2])
def test_scores_do_not_depend_on_the_batch(store, monkeypatch, batch_size):
    model = small.seeded(small.SmallNetwork)
    usual = predict(model, store, np.arange(5), small.recipe())
    monkeypatch.setattr(prediction, "BATCH_SIZE", batch_size)
    assert_close(predict(model, store, np.arange(5), small.recipe()), usual, rtol=0, atol=1e-6)


def test_predicting_leaves_the_statistics_of_batch_norm_alone(store):
    model = small.seeded(small.SmallNetwork).train()
    before = small.weights_of(model)
    predict(model, store, np.arange(5), small.recipe())
    small.assert_same_bits(small.weights_of(model), before)
