"""Features of a frozen backbone, computed once: the same training, to the last digits."""

import numpy as np
import pytest
import small_pictures as small
import torch
from torch import nn

from biqa.errors import InputError
from biqa.losses import loss
from biqa.models import create_model
from biqa.models.quality import QualityModel
from biqa.recipes import Hardware, Stage, Views
from biqa.training.frozen import KeptFeatures, check_reuse
from biqa.training.loop import train

WHOLE = Views(crop=0)
STAGES = (Stage(epochs=3, optimizer="sgd", lr=0.05, freeze=("encoder",)), Stage(epochs=1))


class Parted(QualityModel):
    """Counts the pictures that its backbone sees; batch norm and dropout are in the backbone."""

    backbone = ("encoder",)

    def __init__(self) -> None:
        super().__init__()
        layers = nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Dropout(0.5)
        self.encoder = nn.Sequential(*layers)
        self.fc = nn.Linear(8, 1)
        self.n_seen = 0

    def backbone_features(self, images):
        self.n_seen += len(images)
        maps = self.encoder(images)
        left = maps[..., : maps.shape[-1] // 2]  # tells a picture from its mirror image
        return torch.cat([maps.mean(dim=(2, 3)), left.mean(dim=(2, 3))], dim=1)

    def score_of(self, features):
        return self.fc(features).squeeze(-1)

    def last_layer(self):
        return self.fc


@pytest.fixture
def store(tmp_path):
    return small.open_pictures(tmp_path / "pictures", [(10, 12)] * 20)


@pytest.fixture
def parts(store):
    return small.thirds(store, 11, 4)


def recipe(*, reuse_frozen: bool, **changes):
    usual = {"epochs": 4, "views": WHOLE, "stages": STAGES, "choose": "last"}
    return small.recipe(**{**usual, **changes}, reuse_frozen=reuse_frozen)


def trained(store, parts, model, **changes):
    return train(model, store, parts, loss("mse"), recipe(**changes), seed=7)


@pytest.mark.parametrize("flip", [True, False])
def test_the_training_is_the_one_that_computes_them_anew(store, parts, flip):
    changes = {"views": Views(crop=0, flip=flip)}
    done = [
        trained(store, parts, small.seeded(Parted), reuse_frozen=reuse, **changes)
        for reuse in (True, False)
    ]
    for mine, theirs in zip(done[0].history, done[1].history, strict=True):
        assert mine == pytest.approx(theirs, rel=1e-4, nan_ok=True)
    for name, value in done[1].chosen_weights.items():
        torch.testing.assert_close(done[0].chosen_weights[name], value, rtol=1e-4, atol=1e-6)
    for mine, theirs in zip(done[0].predicted, done[1].predicted, strict=True):
        np.testing.assert_allclose(mine["test"], theirs["test"], rtol=1e-4)


def test_the_backbone_sees_each_picture_and_its_mirror_image_once(store, parts):
    model = small.seeded(Parted)
    trained(store, parts, model, reuse_frozen=True)
    in_the_frozen_stage = len(store) + len(parts["train"])  # 20 as they are, 11 mirrored
    in_the_other = len(store)  # one epoch: 11 learnt from, 9 judged
    assert model.n_seen == in_the_frozen_stage + in_the_other
    other = small.seeded(Parted)
    trained(store, parts, other, reuse_frozen=False)
    assert other.n_seen == 4 * len(store)


def test_a_killed_training_goes_on_to_the_same_bits(store, parts, tmp_path):
    whole = trained(store, parts, small.seeded(Parted), reuse_frozen=True)

    def killed(row):
        if row["epoch"] == 2:
            raise KeyboardInterrupt

    state = tmp_path / "state.pt", "key"
    arguments = store, parts, loss("mse"), recipe(reuse_frozen=True)
    with pytest.raises(KeyboardInterrupt):
        train(small.seeded(Parted), *arguments, seed=7, state=state, report=killed)
    done = train(small.seeded(Parted), *arguments, seed=7, state=state)
    small.assert_same_bits(done.chosen_weights, whole.chosen_weights)
    assert done.history == whole.history


def test_what_was_not_computed_is_not_looked_up(store, parts):
    model, stage = small.seeded(Parted), recipe(reuse_frozen=True, stages=(), freeze=("encoder",))
    features = KeptFeatures.of(model, store, parts, stage, None)
    with pytest.raises(AssertionError, match="not computed"):
        features(parts["test"], np.ones(len(parts["test"]), bool))


@pytest.mark.parametrize("name", ["dbcnn", "resnet18", "vgg16", "timm/resnet10t"])
def test_an_architecture_is_its_two_parts(name, rng):
    sizes = {} if name.startswith("timm") else {"width": 0.125}
    model = create_model(name, weights="none", **sizes).eval()
    images = torch.tensor(rng.normal(size=(2, 3, 64, 64)), dtype=torch.float32)
    with torch.no_grad():
        features = model.backbone_features(images)
        assert torch.equal(model(images), model.score_of(features))
        for child in model.backbone:  # what the head alone computes does not see them change
            for weight in model.get_submodule(child).parameters():
                weight.fill_(1.0)
        before = model.score_of(features)
        assert not torch.equal(model.backbone_features(images), features)
        assert torch.equal(model.score_of(features), before)


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_dbcnn_learns_in_two_steps_as_it_would_without(dtype, tmp_path):
    store = small.open_pictures(tmp_path / dtype, [(64, 64)] * 8)
    parts = small.thirds(store, 4, 2)
    freeze = ("vgg", "scnn")
    stages = (Stage(epochs=2, optimizer="sgd", lr=0.1, freeze=freeze), Stage(epochs=1))
    changes = {"stages": stages, "epochs": 3, "lr": 1e-4, "hardware": Hardware(dtype=dtype)}
    done = []
    for reuse in (True, False):
        torch.manual_seed(0)
        model = create_model("dbcnn", weights="none", width=0.0625)
        done.append(trained(store, parts, model, reuse_frozen=reuse, **changes))
    digits = 1e-4 if dtype == "float32" else 2e-2
    for mine, theirs in zip(done[0].predicted, done[1].predicted, strict=True):
        np.testing.assert_allclose(mine["test"], theirs["test"], rtol=digits, atol=digits)


def test_crops_cannot_be_kept():
    with pytest.raises(InputError, match=r"crop 0 and test_crop 0, not \(8, 0\)"):
        small.recipe(crop=8, reuse_frozen=True)


def test_a_network_without_a_seam_is_refused():
    with pytest.raises(InputError, match="SmallNetwork is not parted into a backbone and a head"):
        check_reuse(small.seeded(small.SmallNetwork), recipe(reuse_frozen=True))


def test_a_recipe_that_freezes_too_little_is_refused():
    stages = (Stage(epochs=4, freeze=("encoder.0",)),)
    with pytest.raises(InputError, match="no stage freezes all of encoder"):
        check_reuse(small.seeded(Parted), recipe(reuse_frozen=True, stages=stages))
