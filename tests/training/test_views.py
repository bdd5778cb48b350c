"""What the network sees is a function of seed, epoch and picture, and of nothing else."""

import numpy as np
import pytest
import small_pictures as small
import torch
from torch.testing import assert_close

from biqa.errors import InputError
from biqa.models.inputs import normalised
from biqa.training.resident import ResidentPictures
from biqa.training.views import RandomViews, central_views, generator

RAGGED = [(12, 20), (16, 10), (12, 20), (11, 11), (16, 10), (12, 20), (9, 30)]


@pytest.fixture
def store(tmp_path):
    return small.open_pictures(tmp_path / "ragged", RAGGED)


def views(store, *, crop=8, flip=True, seed=5, epoch=2):
    return RandomViews(store, crop, flip, seed, epoch)


def view_by_loops(store, index, *, crop, flip, seed, epoch):
    """One picture's crop and flip, pixel by pixel, from its own three draws."""
    stream = generator(seed, epoch, 1)
    for _ in range(index):
        stream.random(3)
    down, right, mirror = stream.random(3)
    picture = store.picture(index)
    height, width, _ = picture.shape
    top, left = int(down * (height - crop + 1)), int(right * (width - crop + 1))
    view = np.empty((crop, crop, 3), np.uint8)
    for row in range(crop):
        for column in range(crop):
            source = crop - 1 - column if flip and mirror < 0.5 else column
            view[row, column] = picture[top + row, left + source]
    return view


@pytest.mark.parametrize("flip", [True, False])
def test_views_are_crops_and_flips_made_by_loops(store, flip):
    pixels = views(store, flip=flip).pixels(np.arange(len(store)))
    for index in range(len(store)):
        expected = view_by_loops(store, index, crop=8, flip=flip, seed=5, epoch=2)
        np.testing.assert_array_equal(pixels[index].numpy(), expected)


def test_a_view_does_not_depend_on_its_batch(store):
    alone = [views(store).pixels(np.array([index]))[0] for index in range(len(store))]
    together = views(store).pixels(np.array([6, 2, 0, 3]))
    for place, index in enumerate((6, 2, 0, 3)):
        assert torch.equal(together[place], alone[index])


def test_a_view_does_not_depend_on_what_was_drawn_before(store):
    one = views(store)
    first = one.pixels(np.array([4, 1]))
    one.pixels(np.array([0, 1, 2]))
    np.random.default_rng().random(7)
    assert torch.equal(one.pixels(np.array([4, 1])), first)


def test_a_view_does_not_depend_on_how_many_pictures_follow(store, tmp_path):
    fewer = small.open_pictures(tmp_path / "fewer", RAGGED[:3])
    np.testing.assert_array_equal(fewer.picture(1), store.picture(1))
    assert torch.equal(
        views(fewer).pixels(np.arange(3)),
        views(store).pixels(np.arange(3)),
    )


@pytest.mark.parametrize("other", [{"seed": 6}, {"epoch": 3}])
def test_another_seed_or_epoch_gives_other_views(store, other):
    everything = np.arange(len(store))
    assert not torch.equal(
        views(store, **other).pixels(everything), views(store).pixels(everything)
    )


def test_all_places_of_a_crop_and_both_sides_of_a_flip_come_up(tmp_path):
    pixels = np.arange(3 * 4 * 3, dtype=np.uint8)
    store = small.open_pictures(tmp_path / "one", [(3, 4)])
    (store.folder / "pixels.bin").write_bytes(pixels.tobytes())
    one = type(store).open(store.folder)
    seen = {
        views(one, crop=2, epoch=epoch).pixels(np.array([0])).numpy().tobytes()
        for epoch in range(200)
    }
    assert len(seen) == 2 * 3 * 2  # places down, places right, mirrored or not


def test_without_a_crop_the_whole_picture_is_seen(store):
    whole = views(store, crop=0, flip=False).pixels(np.array([0, 2, 5]))
    for place, index in enumerate((0, 2, 5)):
        np.testing.assert_array_equal(whole[place].numpy(), store.picture(index))


def test_a_crop_that_does_not_fit_is_refused_with_the_picture(store):
    with pytest.raises(InputError, match=r"made_up006\.png is 9x30 pixels: no crop of 10x10"):
        views(store, crop=10).pixels(np.array([0, 6]))


def test_whole_pictures_of_two_sizes_in_a_batch_are_refused(store):
    with pytest.raises(InputError, match=r"2 sizes in one batch .*set views\.crop"):
        views(store, crop=0).pixels(np.array([0, 1]))


def test_pictures_to_judge_are_grouped_by_size_in_their_own_order(store):
    order = np.array([5, 4, 3, 2, 1, 0])
    batches = list(central_views(store, order, crop=0, batch_size=2))
    assert [batch.tolist() for batch, _ in batches] == [[5, 2], [0], [4, 1], [3]]
    for batch, pixels in batches:
        for index, picture in zip(batch, pixels, strict=True):
            np.testing.assert_array_equal(picture.numpy(), store.picture(index))


def test_every_picture_is_judged_once(store):
    for crop in (0, 7):
        batches = central_views(store, np.arange(len(store)), crop=crop, batch_size=3)
        seen = np.concatenate([batch for batch, _ in batches])
        assert sorted(seen.tolist()) == list(range(len(store)))


def test_the_central_crop_leaves_equal_margins_and_an_odd_row_below(store):
    batches = list(central_views(store, np.array([0, 3]), crop=8, batch_size=9))
    assert [batch.tolist() for batch, _ in batches] == [[0, 3]]
    pixels = batches[0][1].numpy()
    np.testing.assert_array_equal(pixels[0], store.picture(0)[2:10, 6:14])
    np.testing.assert_array_equal(pixels[1], store.picture(3)[1:9, 1:9])  # 11 - 8 is 1 + 2


def test_a_central_crop_that_does_not_fit_is_refused(store):
    with pytest.raises(InputError, match=r"made_up003\.png is 11x11 pixels: no crop of 12x12"):
        list(central_views(store, np.array([0, 3]), crop=12, batch_size=4))


def test_normalisation_is_that_of_the_closed_form():
    mean, std = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
    pixels = torch.arange(0, 240, dtype=torch.uint8).reshape(2, 4, 10, 3)
    images = normalised(pixels, mean=mean, std=std, device=torch.device("cpu"))
    assert images.shape == (2, 3, 4, 10)
    assert images.dtype == torch.float32
    expected = (pixels.numpy().astype(np.float64) / 255 - mean) / std
    assert_close(images.double(), torch.tensor(expected).permute(0, 3, 1, 2), rtol=0, atol=1e-6)


def test_generators_of_two_keys_differ_and_of_one_key_agree():
    keys = [(0,), (1,), (0, 1), (1, 0, 1), (1, 1, 0, 1), (1, 2), (2, 1)]
    drawn = [tuple(generator(*key).random(4)) for key in keys]
    assert len(set(drawn)) == len(keys)
    assert drawn == [tuple(generator(*key).random(4)) for key in keys]


@pytest.mark.parametrize("flip", [True, False])
@pytest.mark.parametrize("crop", [0, 8])
def test_pictures_on_the_device_give_the_same_views_as_the_file(tmp_path, crop, flip):
    store = small.open_pictures(tmp_path / "even", [(12, 20)] * 6)
    resident = ResidentPictures(torch.from_numpy(store.stacked().copy()))
    there = RandomViews(store, crop, flip, 5, 2, resident)
    batch = np.array([4, 0, 5])
    assert torch.equal(there.pixels(batch), views(store, crop=crop, flip=flip).pixels(batch))
    pairs = [
        list(central_views(store, batch, crop=crop, batch_size=2, resident=where))
        for where in (None, resident)
    ]
    for (indices, pixels), (same_indices, same_pixels) in zip(*pairs, strict=True):
        np.testing.assert_array_equal(indices, same_indices)
        assert torch.equal(pixels, same_pixels)


def test_pictures_of_several_sizes_and_those_of_a_cpu_stay_in_the_file(store, tmp_path):
    even = small.open_pictures(tmp_path / "even", [(12, 20)] * 6)
    assert even.stacked_bytes() == 6 * 12 * 20 * 3
    assert store.stacked_bytes() is None
    assert ResidentPictures.of(even, torch.device("cpu")) is None


@pytest.mark.parametrize(("free", "is_resident"), [(4 * 4320, True), (4320, False)])
def test_a_gpu_takes_pictures_that_fill_at_most_half_of_its_free_memory(
    tmp_path, monkeypatch, free, is_resident
):
    even = small.open_pictures(tmp_path / "even", [(12, 20)] * 6)
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda device: (free, 10**9))
    monkeypatch.setattr(torch.Tensor, "to", lambda self, device: self)
    assert (ResidentPictures.of(even, torch.device("cuda")) is not None) is is_resident
