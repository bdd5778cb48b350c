"""Training on a frozen stem's maps is training with the stem frozen."""

import json

import numpy as np
import pytest
import small_pictures as small
import torch
from torch import nn

from biqa.errors import InputError
from biqa.losses import loss
from biqa.models.quality import QualityModel
from biqa.models.stem import Stem
from biqa.recipes import Hardware, Views
from biqa.training.learner import Learner
from biqa.training.loop import train
from biqa.training.prediction import predict
from biqa.training.stem_maps import MAPS, StemMaps, write_maps
from biqa.training.streaming import streamed
from biqa.training.views import RandomViews

STEM = ("encoder.0", "encoder.1", "encoder.2")


class Deep(QualityModel):
    """A stem that halves the sides, batch norm in it and behind it."""

    backbone = ("encoder",)
    mean, std = (0.5, 0.4, 0.3), (0.25, 0.5, 0.2)

    def __init__(self) -> None:
        super().__init__()
        stem = nn.Conv2d(3, 4, 3, stride=2, padding=1), nn.BatchNorm2d(4), nn.ReLU()
        self.encoder = nn.Sequential(*stem, nn.Conv2d(4, 5, 3, padding=1), nn.BatchNorm2d(5))
        self.fc = nn.Linear(5, 1)

    def forward(self, images):
        return self.fc(self.encoder(images).relu().mean(dim=(2, 3))).squeeze(-1)

    def last_layer(self):
        return self.fc


@pytest.fixture
def store(tmp_path):
    store = small.open_pictures(tmp_path / "pictures", [(16, 20)] * 12)
    store.facts["pixels_sha256"] = "abc"
    return store


@pytest.fixture
def parts(store):
    return small.thirds(store, 7, 2)


@pytest.fixture
def folder(store, tmp_path):
    model = small.seeded(Deep)
    write_maps(model, store, STEM, Hardware(), tmp_path / "maps", {"code": "0"})
    return tmp_path / "maps"


def recipe(**changes):
    return small.recipe(**{"choose": "last", "frozen_stem": STEM, "lr": 1e-3, **changes})


def test_the_maps_are_those_of_every_picture_and_of_its_mirror_image(store, folder):
    maps = StemMaps.open(folder, store, STEM)
    stem = small.seeded(Deep).eval().encoder[:3]
    for index in range(len(store)):
        for picture, found in (
            (store.picture(index), maps.picture(index)),
            (store.picture(index)[:, ::-1], maps.mirrored(index)),
        ):
            images = (torch.tensor(picture.astype(np.float32)) / 255 - torch.tensor(Deep.mean)) / (
                torch.tensor(Deep.std)
            )
            with torch.no_grad():
                expected = stem(images.permute(2, 0, 1)[None])[0].permute(1, 2, 0)
            assert found.shape == (8, 10, 4)
            np.testing.assert_allclose(found, expected.numpy(), atol=1e-5)


@pytest.mark.parametrize("flip", [True, False])
def test_on_whole_pictures_the_training_is_the_one_that_freezes_the_stem(
    store, parts, folder, flip
):
    views = Views(crop=0, flip=flip)
    done = []
    for stem in (folder, None):
        steps = recipe(views=views, **({} if stem else {"frozen_stem": (), "freeze": STEM}))
        model = small.seeded(Deep)
        learner = Learner.of(model, store, steps, stem)
        progress = train(learner.model, learner.store, parts, loss("mse"), learner.recipe, seed=5)
        done.append((progress, learner.whole_weights(progress.chosen_weights)))
    for mine, theirs in zip(done[0][0].history, done[1][0].history, strict=True):
        assert mine == pytest.approx(theirs, rel=1e-4, nan_ok=True)
    assert done[0][1].keys() == done[1][1].keys()
    for name, value in done[1][1].items():
        torch.testing.assert_close(done[0][1][name], value, rtol=1e-4, atol=1e-6)


def test_the_weights_of_the_whole_network_predict_what_the_training_judged(store, parts, folder):
    model = small.seeded(Deep)
    learner = Learner.of(model, store, recipe(), folder)
    progress = train(learner.model, learner.store, parts, loss("mse"), learner.recipe, seed=5)
    whole = small.seeded(Deep, seed=9)
    whole.load_state_dict(learner.whole_weights(progress.chosen_weights))
    scores = predict(whole, store, parts["test"], recipe())
    np.testing.assert_allclose(scores, progress.predicted[-1]["test"], rtol=1e-4)
    again = Learner.of(whole, store, recipe(), folder)
    from_maps = predict(again.model, again.store, parts["test"], again.recipe)
    np.testing.assert_allclose(from_maps, scores, rtol=1e-4)


def test_crops_are_windows_of_the_maps_of_the_whole_picture(store, folder):
    maps = StemMaps.open(folder, store, STEM)
    crop = maps.recipe(recipe(views=Views(crop=8))).views.crop
    assert crop == 4
    views = RandomViews(maps, crop, True, seed=3, epoch=1)
    indices = np.arange(len(store))
    seen = views.pixels(indices).numpy()
    assert 0 < views.mirrored(indices).sum() < len(indices)
    for index, mirrored, window in zip(indices, views.mirrored(indices), seen, strict=True):
        whole = maps.mirrored(index) if mirrored else maps.picture(index)
        places = [
            (top, left)
            for top in range(5)
            for left in range(7)
            if np.array_equal(whole[top : top + 4, left : left + 4], window)
        ]
        assert places, f"picture {index}: no window of its maps"


def test_a_killed_training_goes_on_to_the_same_bits(store, parts, folder, tmp_path):
    def trained(**more):
        learner = Learner.of(small.seeded(Deep), store, recipe(), folder)
        arguments = learner.model, learner.store, parts, loss("mse"), learner.recipe
        return train(*arguments, seed=7, **more)

    def killed(row):
        if row["epoch"] == 2:
            raise KeyboardInterrupt

    whole, state = trained(), (tmp_path / "state.pt", "key")
    with pytest.raises(KeyboardInterrupt):
        trained(state=state, report=killed)
    done = trained(state=state)
    small.assert_same_bits(done.chosen_weights, whole.chosen_weights)
    assert done.history == whole.history


def test_maps_reach_a_device_with_their_bits(store, folder):
    maps = StemMaps.open(folder, store, STEM)
    views = RandomViews(maps, 4, True, seed=3, epoch=1)
    batches = [(batch, views.pixels(batch)) for batch in np.split(np.arange(12), 3)]
    for (_, sent), (_, got) in zip(
        batches, streamed(iter(batches), torch.device("cpu")), strict=True
    ):
        assert torch.equal(sent, got)


def test_crops_that_cut_cells_are_refused(store, folder):
    maps = StemMaps.open(folder, store, STEM)
    with pytest.raises(InputError, match=r"views\.crop is 9, .* multiples of 2 pixels"):
        maps.recipe(recipe(views=Views(crop=9)))
    with pytest.raises(InputError, match=r"views\.test_crop is 5, .* multiples of 2"):
        maps.recipe(recipe(views=Views(crop=8, test_crop=5)))


def test_maps_of_other_pictures_or_modules_are_refused(store, folder):
    with pytest.raises(InputError, match=r"modules is .*, expected \['encoder\.0'\]; delete"):
        StemMaps.open(folder, store, STEM[:1])
    store.facts["pixels_sha256"] = "other"
    with pytest.raises(InputError, match="pixels_sha256 is abc, expected other; delete"):
        StemMaps.open(folder, store, STEM)


def test_damaged_maps_are_refused(store, folder):
    maps = folder / MAPS
    maps.write_bytes(maps.read_bytes()[:-4])
    with pytest.raises(InputError, match=r"maps\.bin has \d+ bytes, facts\.json has others"):
        StemMaps.open(folder, store, STEM)
    maps.unlink()
    with pytest.raises(InputError, match=r"maps\.bin or facts\.json is missing; delete"):
        StemMaps.open(folder, store, STEM)


def test_a_computation_that_fails_leaves_no_facts(store, folder, monkeypatch):
    def failing(*_):
        raise OSError("gone")

    monkeypatch.setattr(Stem, "__call__", failing)
    monkeypatch.setattr("biqa.models.stem._tried", lambda *_: 2)
    with pytest.raises(OSError, match="gone"):
        write_maps(small.seeded(Deep), store, STEM, Hardware(), folder, {})
    assert sorted(path.name for path in folder.iterdir()) == [MAPS]


def test_a_recipe_and_its_maps_go_together(store, folder):
    model = small.seeded(Deep)
    with pytest.raises(InputError, match=r"frozen_stem is \['encoder\.0'.*without its maps"):
        Learner.of(model, store, recipe(), None)
    with pytest.raises(InputError, match=r"frozen_stem is \[\], beside --stem"):
        Learner.of(model, store, recipe(frozen_stem=()), folder)


def test_two_ways_to_compute_once_exclude_each_other():
    with pytest.raises(InputError, match="exclude each other"):
        recipe(reuse_frozen=True, views=Views(crop=0))


def test_the_facts_say_what_the_maps_are(folder):
    facts = json.loads((folder / "facts.json").read_text())
    assert facts["modules"] == list(STEM)
    assert facts["stride"] == 2
    assert facts["shapes"] == [[8, 10, 4]] * 12
    assert facts["code"] == "0"
