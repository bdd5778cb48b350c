"""A training chooses the epoch that its protocol names, and a killed one goes on as if not."""

from types import SimpleNamespace

import numpy as np
import pytest
import small_pictures as small
import torch

from biqa.losses import loss
from biqa.training import loop
from biqa.training.loop import train

MSE = loss("mse")
EPOCHS = 4


class KilledError(Exception):
    """Stands for the signal that ends a process."""


@pytest.fixture
def store(tmp_path):
    return small.open_pictures(tmp_path / "pictures", [(10, 12)] * 20)


@pytest.fixture
def parts(store):
    return small.thirds(store, 11, 4)


def trained(store, parts, *, killed_in=0, state=None, recipe=None, **options):
    """Return the progress, the model, and the epochs that were trained in this call."""
    epochs = []

    def report(row):
        epochs.append(row["epoch"])
        if row["epoch"] == killed_in:
            raise KilledError

    recipe = recipe or small.recipe(
        epochs=EPOCHS, schedule="cosine", backbone_lr=0.003, weight_decay=0.01
    )
    model = options.pop("model", None) or small.seeded(small.SmallNetwork)
    done = train(model, store, parts, MSE, recipe, seed=7, state=state, report=report, **options)
    return done, model, epochs


def assert_same_progress(one, other):
    assert len(one.history) == len(other.history) == EPOCHS
    for mine, theirs in zip(one.history, other.history, strict=True):
        assert mine.keys() == theirs.keys()
        np.testing.assert_array_equal(list(mine.values()), list(theirs.values()))
    for mine, theirs in zip(one.predicted, other.predicted, strict=True):
        assert mine.keys() == theirs.keys()
        for part in mine:
            np.testing.assert_array_equal(mine[part], theirs[part])
    assert one.chosen_epoch == other.chosen_epoch
    small.assert_same_bits(one.chosen_weights, other.chosen_weights)


def test_the_same_training_twice_gives_the_same_bits(store, parts):
    one, first, _ = trained(store, parts)
    torch.rand(5)  # the process is not where it was
    other, second, _ = trained(store, parts)
    assert_same_progress(one, other)
    small.assert_same_bits(small.weights_of(first), small.weights_of(second))


@pytest.mark.parametrize("killed_in", [2, 3, 4])
def test_a_killed_training_goes_on_to_the_same_bits(store, parts, tmp_path, killed_in):
    whole, model, _ = trained(store, parts)
    state = (tmp_path / "state.pt", "spec and code")
    with pytest.raises(KilledError):
        trained(store, parts, state=state, killed_in=killed_in)
    torch.rand(5)
    resumed, again, epochs = trained(store, parts, state=state)
    assert epochs == list(range(killed_in, EPOCHS + 1))  # the epoch it died in, and those after
    assert_same_progress(resumed, whole)
    small.assert_same_bits(small.weights_of(again), small.weights_of(model))


def test_a_training_killed_twice_goes_on_to_the_same_bits(store, parts, tmp_path):
    whole, _, _ = trained(store, parts)
    state = (tmp_path / "state.pt", "key")
    for killed_in in (2, 4):
        with pytest.raises(KilledError):
            trained(store, parts, state=state, killed_in=killed_in)
    resumed, _, epochs = trained(store, parts, state=state)
    assert epochs == [4]
    assert_same_progress(resumed, whole)


def test_a_killed_training_with_frozen_modules_goes_on_to_the_same_bits(store, parts, tmp_path):
    recipe = small.recipe(epochs=EPOCHS, freeze=("encoder.1",))
    whole, _, _ = trained(store, parts, recipe=recipe)
    state = (tmp_path / "state.pt", "key")
    with pytest.raises(KilledError):
        trained(store, parts, state=state, killed_in=3, recipe=recipe)
    resumed, _, epochs = trained(store, parts, state=state, recipe=recipe)
    assert epochs == [3, 4]
    assert_same_progress(resumed, whole)


def test_the_state_of_another_spec_is_ignored(store, parts, tmp_path):
    file = tmp_path / "state.pt"
    with pytest.raises(KilledError):
        trained(store, parts, state=(file, "another spec"), killed_in=3)
    whole, _, _ = trained(store, parts)
    done, _, epochs = trained(store, parts, state=(file, "this spec"))
    assert epochs == [1, 2, 3, 4]
    assert_same_progress(done, whole)


def test_keeping_a_state_changes_nothing(store, parts, tmp_path):
    without, _, _ = trained(store, parts)
    kept, _, _ = trained(store, parts, state=(tmp_path / "state.pt", "key"))
    assert_same_progress(kept, without)


def test_another_seed_gives_another_training(store, parts):
    recipe = small.recipe(epochs=1)
    results = []
    for seed in (0, 1):
        model = small.seeded(small.SmallNetwork)
        results.append(train(model, store, parts, MSE, recipe, seed=seed).history[0]["train_loss"])
    assert results[0] != results[1]


VALIDATION = [0.6, 0.8, 0.8, -0.3]  # SRCC after each epoch, for pictures in four orders
TEST = [1.0, 0.6, 0.8, 0.8]
ORDERS = {  # SRCC: the ranks of five predictions whose MOS rise
    1.0: [0, 1, 2, 3, 4],
    0.8: [1, 0, 2, 4, 3],
    0.6: [2, 0, 1, 4, 3],
    -0.3: [2, 4, 0, 3, 1],
}


def made_up_training(tmp_path, monkeypatch, choose, validation=VALIDATION, test=TEST):
    """Train with predictions that give the wanted SRCC; return the progress, weights by epoch."""
    store = small.open_pictures(tmp_path / "rising", [(9, 9)] * 16, mos=np.linspace(0, 1, 16))
    parts = small.thirds(store, 6, 5)
    epochs = iter(zip(validation, test, strict=True))
    current = {}

    def predicted(model, store, indices, recipe, *, resident, features):
        if indices[0] == parts["validation"][0]:
            current["pair"] = next(epochs)
            wanted = current["pair"][0]
        else:
            wanted = current["pair"][1]
        return np.array(ORDERS.get(wanted, [0.0] * 5), float)  # collapsed: five equal scores

    monkeypatch.setattr(loop, "predict", predicted)
    model, by_epoch = small.seeded(small.LinearModel), {}

    def report(row):
        by_epoch[row["epoch"]] = small.weights_of(model)

    recipe = small.recipe(choose=choose, epochs=len(validation))
    return train(model, store, parts, MSE, recipe, seed=0, report=report), by_epoch


@pytest.mark.parametrize(
    ("choose", "epoch"),
    [("last", 4), ("best_validation", 2), ("best_test", 1)],  # of two equals, the earlier
)
def test_the_protocol_chooses_the_epoch_and_its_weights_are_kept(
    choose, epoch, tmp_path, monkeypatch
):
    progress, by_epoch = made_up_training(tmp_path, monkeypatch, choose)
    assert [row["validation_srcc"] for row in progress.history] == pytest.approx(VALIDATION)
    assert [row["test_srcc"] for row in progress.history] == pytest.approx(TEST)
    assert progress.chosen_epoch == epoch
    small.assert_same_bits(progress.chosen_weights, by_epoch[epoch])


def test_a_collapsed_epoch_is_never_better_than_one_with_an_order(tmp_path, monkeypatch):
    srcc = [None, -0.3, None, 0.6]
    progress, _ = made_up_training(tmp_path, monkeypatch, "best_validation", validation=srcc)
    assert progress.chosen_epoch == 4
    assert np.isnan([row["validation_srcc"] for row in progress.history]).tolist() == [
        value is None for value in srcc
    ]


def test_a_training_that_is_collapsed_throughout_keeps_its_first_epoch(tmp_path, monkeypatch):
    progress, by_epoch = made_up_training(
        tmp_path, monkeypatch, "best_validation", validation=[None] * 4
    )
    assert progress.chosen_epoch == 1
    small.assert_same_bits(progress.chosen_weights, by_epoch[1])


def test_without_a_validation_part_its_numbers_are_not_there(store):
    parts = small.thirds(store, 12, 0)
    progress, _, _ = trained(store, parts, recipe=small.recipe(choose="last", epochs=2))
    for row, predicted in zip(progress.history, progress.predicted, strict=True):
        assert np.isnan([row["validation_srcc"], row["validation_plcc"]]).all()
        assert np.isfinite([row["test_srcc"], row["test_plcc"]]).all()
        assert list(predicted) == ["test"]


def test_the_test_part_does_not_touch_the_training(store, parts):
    one, first, _ = trained(store, parts)
    fewer = {**parts, "test": parts["test"][:3]}
    other, second, _ = trained(store, fewer)
    small.assert_same_bits(small.weights_of(first), small.weights_of(second))
    assert one.chosen_epoch == other.chosen_epoch


def test_without_epochs_the_model_is_judged_as_it_is_and_not_changed(store, parts):
    model = small.seeded(small.SmallNetwork)
    before = small.weights_of(model)
    recipe = small.recipe(epochs=0, choose="last")
    done, _, _ = trained(store, parts, recipe=recipe, model=model)
    assert [row["epoch"] for row in done.history] == [0]
    assert done.chosen_epoch == 0
    small.assert_same_bits(done.chosen_weights, before)
    after = loop.predict(model, store, parts["test"], recipe)
    np.testing.assert_array_equal(done.predicted[0]["test"], after)
    assert np.isfinite(done.history[0]["test_srcc"])


def test_seconds_of_training_and_of_judging_are_kept_apart(store, parts, monkeypatch):
    before = [0.0, 2.0]  # what a stage computes before its first epoch counts as training
    epochs = [2.0, 5.0, 6.0, 12.0, 15.5, 16.0]  # each begins, is trained, is judged
    clock = iter([*before, *epochs])
    monkeypatch.setattr(loop, "time", SimpleNamespace(perf_counter=lambda: next(clock)))
    progress, _, _ = trained(store, parts, recipe=small.recipe(epochs=2))
    assert (progress.training_seconds, progress.judging_seconds) == (8.5, 1.5)
