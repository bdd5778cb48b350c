"""The baseline of the bi-level scheme takes as many steps; S-CNN learns types and levels."""

from collections import Counter

import numpy as np
import pytest
import small_pictures as small
import torch
from torch import nn
from torch.nn.functional import cross_entropy, mse_loss
from torch.testing import assert_close

from biqa.recipes import PriorRecipe, Views
from biqa.training.batches import BatchSource
from biqa.training.bilevel import learn_prior
from biqa.training.pooled import distortion_classes, learn_distortions, learn_pooled
from biqa.training.tasks import distortion_tasks


def prior(**changes) -> PriorRecipe:
    usual = {"kind": "pooled", "views": Views(crop=8), "steps": 2, "lr": 0.02, "batch_size": 4}
    return PriorRecipe(**{**usual, "tasks_per_step": 2, "inner_steps": 3, **changes})


@pytest.fixture
def store(tmp_path):
    return small.open_pictures(tmp_path / "p", [(10, 12)] * 36, n_references=6)


def learned(store, learn, recipe, model, monkeypatch=None):
    """Return the model after ``learn``, and how many gradient steps Adam took."""
    steps = Counter()
    if monkeypatch:
        step = torch.optim.Adam.step

        def counted(optimizer, *arguments, **options):
            steps["adam"] += 1
            return step(optimizer, *arguments, **options)

        monkeypatch.setattr(torch.optim.Adam, "step", counted)
    tasks = distortion_tasks(store.labels, query_fraction=0.5, seed=0)
    source = BatchSource(store, recipe, model.mean, model.std, torch.device("cpu"))
    learn(model, tasks, source, recipe)
    if monkeypatch:
        monkeypatch.undo()
    return model, steps["adam"]


def test_pooled_training_takes_as_many_gradient_steps_as_bi_level(store, monkeypatch):
    counts = [
        learned(store, learn, prior(), small.LinearModel(), monkeypatch)[1]
        for learn in (learn_pooled, learn_prior)
    ]
    assert counts == [2 * 2 * 2 * 3] * 2  # steps, tasks, support and query, inner steps


def test_pooled_training_takes_as_many_steps_where_there_are_fewer_tasks(store, monkeypatch):
    recipe = prior(tasks_per_step=5)  # the store has three distortions
    counts = [
        learned(store, learn, recipe, small.LinearModel(), monkeypatch)[1]
        for learn in (learn_pooled, learn_prior)
    ]
    assert counts[0] == counts[1]


def test_pooled_training_is_plain_adam_on_all_pictures(store):
    recipe = prior()
    model, _ = learned(store, learn_pooled, recipe, small.seeded(small.LinearModel))
    plain = small.seeded(small.LinearModel)
    source = BatchSource(store, recipe, plain.mean, plain.std, torch.device("cpu"))
    tasks = distortion_tasks(store.labels, query_fraction=0.5, seed=0)
    everything = np.concatenate([part for task in tasks for part in (task.support, task.query)])
    assert sorted(everything) == list(range(36))
    optimizer = torch.optim.Adam(plain.parameters(), lr=0.02, betas=recipe.betas)
    for number in range(24):
        images, batch = source.draw(everything, number)
        optimizer.zero_grad()
        mse_loss(plain(images), source.mos(batch)).backward()
        optimizer.step()
    assert_close(small.weights_of(model), small.weights_of(plain), rtol=0, atol=1e-6)


def test_classes_are_the_pairs_of_type_and_level_sorted(store):
    assert distortion_classes(store.labels) == [
        *(("blur", 1), ("blur", 2), ("jpeg", 1), ("jpeg", 2), ("noise", 1), ("noise", 2)),
    ]


def test_pristine_pictures_are_no_class(store):
    store.labels.loc[store.labels["distortion"] == "jpeg", "distortion"] = ""
    assert {name for name, _ in distortion_classes(store.labels)} == {"blur", "noise"}


class Classifier(nn.Module):
    """Six logits from the mean colour."""

    mean = (0.5, 0.5, 0.5)
    std = (0.1, 0.1, 0.1)

    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(3, 6)

    def forward(self, images):
        return self.fc(images.mean(dim=(2, 3)))


def test_a_classifier_learns_the_class_of_each_support_picture(store):
    recipe = prior(kind="distortion_classes", steps=5)
    model, _ = learned(store, learn_distortions, recipe, small.seeded(Classifier))
    plain = small.seeded(Classifier)
    source = BatchSource(store, recipe, plain.mean, plain.std, torch.device("cpu"))
    tasks = distortion_tasks(store.labels, query_fraction=0.5, seed=0)
    support = np.concatenate([task.support for task in tasks])
    names = ["blur", "jpeg", "noise"]
    target = [2 * names.index(row.distortion) + row.level - 1 for row in store.labels.itertuples()]
    optimizer = torch.optim.Adam(plain.parameters(), lr=0.02, betas=recipe.betas)
    for number in range(5):
        images, batch = source.draw(support, number)
        optimizer.zero_grad()
        cross_entropy(plain(images), torch.tensor(target)[torch.tensor(batch)]).backward()
        optimizer.step()
    assert_close(small.weights_of(model), small.weights_of(plain), rtol=0, atol=1e-6)


@pytest.mark.parametrize("learn", [learn_pooled, learn_distortions])
def test_a_loss_that_is_not_finite_stops_the_prior(store, learn):
    model = small.seeded(Classifier) if learn is learn_distortions else small.LinearModel()
    nn.init.constant_(model.fc.bias, float("nan"))
    with pytest.raises(FloatingPointError, match="prior: the loss is nan"):
        learned(store, learn, prior(), model)
