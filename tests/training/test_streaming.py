"""Pictures that are sent to the device batch by batch train to the bits of those that lie there."""

import threading
import time

import numpy as np
import pytest
import small_pictures as small
import torch

from biqa.errors import InputError
from biqa.losses import loss
from biqa.training import epoch, prediction
from biqa.training.loop import train
from biqa.training.resident import ResidentPictures
from biqa.training.streaming import delivered, streamed

CPU = torch.device("cpu")


def batches(n: int, size: int = 4):
    for number in range(n):
        shape = (2 + number % 2, size + number % 3, size, 3)  # sizes differ from batch to batch
        yield np.arange(shape[0]), torch.full(shape, number, dtype=torch.uint8)


def trained(store, *, n_epochs: int = 2):
    model = small.seeded(small.SmallNetwork)
    parts = small.thirds(store, 14, 5)
    recipe = small.recipe(epochs=n_epochs)
    return train(model, store, parts, loss("mse"), recipe, seed=4), small.weights_of(model)


@pytest.fixture
def store(tmp_path):
    return small.open_pictures(tmp_path / "even", [(12, 20)] * 24)


def test_streamed_and_resident_pictures_train_to_the_same_bits(store, monkeypatch):
    from_file = trained(store)
    everything = ResidentPictures(torch.from_numpy(store.stacked().copy()))
    with monkeypatch.context() as there:
        there.setattr(ResidentPictures, "of", lambda store, device: everything)
        resident = trained(store)
    for module in (epoch, prediction):  # as on a GPU that has room for no picture
        monkeypatch.setattr(module, "delivered", lambda cut, device, _: streamed(cut, device))
    on_the_way = trained(store)
    for progress, weights in (resident, on_the_way):
        assert progress.history == from_file[0].history
        small.assert_same_bits(weights, from_file[1])
        for one, other in zip(progress.predicted, from_file[0].predicted, strict=True):
            for part in other:
                np.testing.assert_array_equal(one[part], other[part])


def test_a_batch_in_use_is_not_overwritten_by_those_after_it():
    kept = list(streamed(batches(7), CPU))
    for (indices, pixels), (expected, same) in zip(kept, batches(7), strict=True):
        np.testing.assert_array_equal(indices, expected)
        assert torch.equal(pixels, same)


def test_one_batch_is_made_ahead_and_no_more():
    made = []

    def counted():
        for number, batch in enumerate(batches(6), start=1):
            made.append((number, threading.current_thread().name))
            yield batch

    stream = streamed(counted(), CPU)
    for used in range(1, 5):
        next(stream)
        deadline = time.monotonic() + 5
        while len(made) < used + 1 and time.monotonic() < deadline:
            time.sleep(0.001)
        time.sleep(0.01)
        assert len(made) == used + 1
    stream.close()
    assert all(name.startswith("pictures") for _, name in made)


def test_an_error_in_a_batch_comes_at_that_batch():
    def failing():
        yield from batches(2)
        raise InputError("picture 'a.png' is 3x3 pixels: no crop of 8x8 fits")

    stream = streamed(failing(), CPU)
    assert [len(next(stream)[0]), len(next(stream)[0])] == [2, 3]
    with pytest.raises(InputError, match=r"a\.png' is 3x3 pixels"):
        next(stream)


@pytest.mark.parametrize(("device", "lies_there"), [("cpu", False), ("cuda", True)])
def test_nothing_is_sent_that_the_device_can_already_read(store, device, lies_there):
    resident = ResidentPictures(torch.from_numpy(store.stacked().copy())) if lies_there else None
    cut = list(batches(3))
    assert delivered(cut, torch.device(device), resident) is cut
