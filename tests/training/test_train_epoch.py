"""One pass over the pictures is what a loop written by hand does, number for number."""

from itertools import chain

import numpy as np
import pytest
import small_pictures as small
import torch
from torch.testing import assert_close

from biqa.losses import loss
from biqa.recipes import Hardware
from biqa.training.epoch import hold_still, train_epoch
from biqa.training.optimisation import optimizer_of, schedule_of
from biqa.training.prediction import predict
from biqa.training.views import RandomViews, generator

MSE = loss("mse")
SEED, EPOCH = 11, 2


@pytest.fixture
def store(tmp_path):
    return small.open_pictures(tmp_path / "pictures", [(10, 12)] * 10)


def one_epoch(model, store, indices, recipe, *, loss_fn=MSE, epoch=EPOCH):
    mos = torch.tensor(store.labels["mos"].to_numpy(), dtype=torch.float32)
    views = RandomViews(store, recipe.views.crop, recipe.views.flip, SEED, epoch)
    optimizer = optimizer_of(model, recipe)
    schedule = schedule_of(optimizer, recipe, 3)
    return train_epoch(model, views, indices, mos, loss_fn, optimizer, schedule, recipe)


def epoch_by_hand(store, indices, weight, bias, *, lr, momentum, batch_size, crop, steps):
    """SGD with momentum and a cosine on squared error, in float64 and without torch."""
    order = generator(SEED, EPOCH, 3).permutation(sorted(indices))
    draws = generator(SEED, EPOCH, 1).random((len(store), 3))
    mos = store.labels["mos"].to_numpy()
    velocity, losses, step = np.zeros(4), [], 0
    for start in range(0, len(order), batch_size):
        batch = order[start : start + batch_size]
        if len(batch) == 1:
            continue
        features = []
        for index in batch:
            top, left = (
                int(draws[index, axis] * (side - crop + 1)) for axis, side in ((0, 10), (1, 12))
            )
            view = store.picture(index)[top : top + crop, left : left + crop].astype(float) / 255
            features.append((view.mean(axis=(0, 1)) - (0.5, 0.4, 0.3)) / (0.25, 0.5, 0.2))
        inputs = np.hstack([features, np.ones((len(batch), 1))])
        error = inputs @ np.append(weight, bias) - mos[batch]
        losses += [np.mean(error**2)] * len(batch)
        velocity = momentum * velocity + 2 * inputs.T @ error / len(batch)
        rate = lr * 0.5 * (1 + np.cos(np.pi * step / steps))
        weight, bias = weight - rate * velocity[:3], bias - rate * velocity[3]
        step += 1
    return weight, bias, np.mean(losses)


@pytest.mark.parametrize("n_train", [10, 9])  # 9 in batches of 4: the last picture is left out
def test_an_epoch_is_the_loop_written_by_hand(store, n_train):
    recipe = small.recipe(
        optimizer="sgd", momentum=0.9, lr=0.1, schedule="cosine", epochs=4, batch_size=4
    )
    model = small.seeded(small.LinearModel)
    start = model.fc.weight.detach().double().numpy()[0], model.fc.bias.item()
    indices = np.arange(n_train)[::-1]
    reported = one_epoch(model, store, indices, recipe)
    weight, bias, mean_loss = epoch_by_hand(
        store, indices, *start, lr=0.1, momentum=0.9, batch_size=4, crop=8, steps=12
    )
    assert_close(model.fc.weight.detach().double()[0], torch.tensor(weight), rtol=0, atol=1e-6)
    assert_close(model.fc.bias.item(), float(bias), rtol=0, atol=1e-6)
    assert_close(reported, float(mean_loss), rtol=0, atol=1e-6)


def test_the_order_of_the_part_does_not_matter(store):
    indices = np.array([7, 1, 4, 0, 9, 3])
    trained = []
    for given in (indices, np.sort(indices)):
        model = small.seeded(small.SmallNetwork)
        one_epoch(model, store, given, small.recipe())
        trained.append(small.weights_of(model))
    small.assert_same_bits(*trained)


def seen_batches(store, indices, *, epoch=EPOCH):
    """Return which pictures each call of the loss was given, told by their MOS."""
    mos = store.labels["mos"].to_numpy(np.float32).tolist()
    batches = []

    def noting(predicted, target):
        batches.append([mos.index(value) for value in target.tolist()])
        return MSE(predicted, target)

    one_epoch(small.LinearModel(), store, indices, small.recipe(), loss_fn=noting, epoch=epoch)
    return batches


def test_every_picture_is_seen_once_an_epoch(store):
    batches = seen_batches(store, np.arange(10))
    assert [len(batch) for batch in batches] == [4, 4, 2]
    assert sorted(chain(*batches)) == list(range(10))


def test_a_last_batch_of_one_is_left_out_and_not_always_the_same(store):
    left_out = set()
    for epoch in range(1, 9):
        batches = seen_batches(store, np.arange(9), epoch=epoch)
        assert [len(batch) for batch in batches] == [4, 4]
        left_out |= set(range(9)) - set(chain(*batches))
    assert len(left_out) > 1


def test_another_epoch_has_another_order(store):
    assert seen_batches(store, np.arange(10), epoch=1) != seen_batches(store, np.arange(10))


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
@pytest.mark.parametrize("n_good", [0, 2])
def test_a_loss_that_is_not_finite_fails_the_epoch_and_says_where(store, value, n_good):
    calls = iter(range(10))

    def broken(predicted, mos):
        return predicted.sum() * (1.0 if next(calls) < n_good else value)

    with pytest.raises(
        FloatingPointError,
        match=rf"epoch {EPOCH}: the loss is .*(nan|inf) after {n_good * 4} pictures",
    ):
        one_epoch(
            small.seeded(small.LinearModel),
            store,
            np.arange(10),
            small.recipe(batch_size=4),
            loss_fn=broken,
        )


def test_frozen_batch_norm_keeps_its_layers_and_lets_the_others_learn(store):
    model = small.seeded(small.SmallNetwork)
    before = small.weights_of(model)
    one_epoch(model, store, np.arange(10), small.recipe(freeze_batch_norm=True))
    after = small.weights_of(model)
    norms = [name for name, one in model.named_modules() if isinstance(one, torch.nn.BatchNorm2d)]
    kept = {name for name in before if name.rpartition(".")[0] in norms}
    assert len(kept) == 5 * len(norms) > 0
    assert {name for name in before if torch.equal(before[name], after[name])} == kept


def test_frozen_modules_keep_weights_and_statistics_to_the_bit(store):
    model = small.seeded(small.SmallNetwork)
    before = small.weights_of(model)
    recipe = small.recipe(freeze=("encoder",), weight_decay=0.1, optimizer="adamw")
    one_epoch(model, store, np.arange(10), recipe)
    after = small.weights_of(model)
    frozen = [name for name in before if name.startswith("encoder.")]
    assert any("running_mean" in name for name in frozen)
    small.assert_same_bits(
        {name: after[name] for name in frozen}, {name: before[name] for name in frozen}
    )
    assert not torch.equal(after["fc.weight"], before["fc.weight"])


def test_without_freezing_weights_and_statistics_move(store):
    model = small.seeded(small.SmallNetwork)
    before = small.weights_of(model)
    one_epoch(model, store, np.arange(10), small.recipe())
    after = small.weights_of(model)
    for name in before:
        assert not torch.equal(after[name], before[name]), f"{name} did not move"


def test_only_the_named_module_is_frozen():
    model = small.seeded(small.SmallNetwork).train()
    hold_still(model, ("encoder.1",))
    still = [name for name, module in model.named_modules() if not module.training]
    assert still == ["encoder.1"]
    fixed = [name for name, weight in model.named_parameters() if not weight.requires_grad]
    assert fixed == ["encoder.1.weight", "encoder.1.bias"]


def test_freezing_an_unknown_module_is_refused():
    with pytest.raises(ValueError, match=r"freeze: the model has no module 'encoder\.9'"):
        hold_still(small.SmallNetwork(), ("encoder.9",))


def test_the_loss_sees_scaled_labels_and_predictions_come_back_on_the_scale_of_mos(store):
    seen = []

    def noting(predicted, mos):
        seen.append(mos.clone())
        return MSE(predicted, mos)

    recipe = small.recipe(label_scale=100.0, batch_size=10)
    model = small.seeded(small.LinearModel)
    one_epoch(model, store, np.arange(10), recipe, loss_fn=noting)
    assert_close(
        seen[0].double().sort().values,
        torch.tensor(100 * np.sort(store.labels["mos"])),
        rtol=0,
        atol=1e-5,
    )
    plain = predict(model, store, np.arange(10), small.recipe())
    np.testing.assert_array_equal(predict(model, store, np.arange(10), recipe), plain / 100)


def test_bfloat16_changes_the_forward_pass_and_the_loss_still_sees_float32(store):
    seen = []

    def noting(predicted, mos):
        seen.append(predicted.dtype)
        return MSE(predicted, mos)

    losses = []
    for dtype in ("float32", "bfloat16"):
        recipe = small.recipe(hardware=Hardware(dtype=dtype))
        model = small.seeded(small.SmallNetwork)
        losses.append(one_epoch(model, store, np.arange(10), recipe, loss_fn=noting))
    assert set(seen) == {torch.float32}
    assert losses[0] != losses[1]
    assert losses[0] == pytest.approx(losses[1], rel=0.05)  # bfloat16 has 8 bits
