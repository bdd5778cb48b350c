"""MetaIQA's two levels: inner steps are Adam's, the outer step is the equation of the paper."""

from dataclasses import dataclass, field

import numpy as np
import pytest
import small_pictures as small
import torch
from torch.nn.functional import mse_loss
from torch.testing import assert_close

from biqa.recipes import PriorRecipe, Views
from biqa.training.batches import BatchSource
from biqa.training.bilevel import adapt, decayed_lr, integrated, learn_prior
from biqa.training.tasks import Task, distortion_tasks

CPU = torch.device("cpu")


def prior(**changes) -> PriorRecipe:
    usual = {"kind": "bilevel", "views": Views(crop=8), "steps": 1, "lr": 0.1, "batch_size": 4}
    return PriorRecipe(**{**usual, **changes})


@dataclass
class OneTarget:
    """A source whose every picture in ``indices`` has the MOS ``indices[0]``."""

    draws: list[tuple[int, int]] = field(default_factory=list)  # target, number of the draw

    def draw(self, indices, number):
        self.draws.append((int(indices[0]), number))
        return torch.zeros(3, 3, 2, 2), np.repeat(indices[0], 3)

    def mos(self, batch):
        return torch.tensor(batch, dtype=torch.float32)


def adam_by_hand(weight, target, *, steps, lr, betas, eps=1e-8):
    """Adam (Kingma and Ba, ICLR 2015) on (weight - target)^2, from zero moments."""
    first = second = 0.0
    for step in range(1, steps + 1):
        slope = 2 * (weight - target)
        first = betas[0] * first + (1 - betas[0]) * slope
        second = betas[1] * second + (1 - betas[1]) * slope**2
        unbiased = first / (1 - betas[0] ** step), second / (1 - betas[1] ** step)
        weight -= lr * unbiased[0] / (unbiased[1] ** 0.5 + eps)
    return weight


@pytest.mark.parametrize("steps", [1, 6])
@pytest.mark.parametrize("betas", [(0.9, 0.99), (0.5, 0.8)])
def test_inner_steps_on_a_parabola_are_those_of_adam(steps, betas):
    model = small.OneNumber(3.0)
    recipe = prior(inner_steps=steps, betas=betas)
    loss = adapt(model, np.array([2]), OneTarget(), recipe, lr=0.1, first_draw=0)
    expected = adam_by_hand(3.0, 2.0, steps=steps, lr=0.1, betas=betas)
    assert_close(model.weight.item(), expected, rtol=0, atol=1e-6)
    path = [adam_by_hand(3.0, 2.0, steps=n, lr=0.1, betas=betas) for n in range(steps)]
    assert_close(loss, float(np.mean([(weight - 2) ** 2 for weight in path])), rtol=0, atol=1e-6)


def test_an_inner_loss_that_is_not_finite_stops_the_prior():
    model = small.OneNumber(float("nan"))
    with pytest.raises(FloatingPointError, match="prior: the loss is nan"):
        adapt(model, np.array([2]), OneTarget(), prior(), lr=0.1, first_draw=0)


@pytest.mark.parametrize("outer_lr", [1.0, 0.3])
def test_weights_are_integrated_as_equation_8_says(outer_lr):
    shared = {"w": torch.tensor([1.0, 2.0]), "seen": torch.tensor(5)}
    results = [
        {"w": torch.tensor([2.0, 2.0]), "seen": torch.tensor(6)},
        {"w": torch.tensor([4.0, -2.0]), "seen": torch.tensor(7)},
    ]
    moved = integrated(shared, results, outer_lr=outer_lr)
    assert_close(moved["w"], torch.tensor([1 + 2 * outer_lr, 2 - 2 * outer_lr]))
    assert moved["seen"].item() == 7
    assert shared["w"].tolist() == [1.0, 2.0]  # unchanged


@pytest.mark.parametrize("outer_lr", [1.0, 0.5])
def test_an_outer_step_is_the_mean_of_what_the_tasks_came_to(outer_lr):
    model = small.OneNumber(0.0)
    tasks = [Task("a", np.array([1]), np.array([2])), Task("b", np.array([5]), np.array([4]))]
    recipe = prior(inner_steps=3, tasks_per_step=2, outer_lr=outer_lr)
    learn_prior(model, tasks, OneTarget(), recipe)
    settings = {"steps": 3, "lr": 0.1, "betas": recipe.betas}
    ends = [
        adam_by_hand(adam_by_hand(0.0, support, **settings), query, **settings)
        for support, query in ((1, 2), (5, 4))
    ]
    assert_close(model.weight.item(), outer_lr * sum(ends) / 2, rtol=0, atol=1e-6)


def test_support_and_query_get_their_own_draws_and_none_twice():
    source = OneTarget()
    tasks = [Task("a", np.array([1]), np.array([2])), Task("b", np.array([5]), np.array([4]))]
    learn_prior(
        small.OneNumber(0.0), tasks, source, prior(steps=2, inner_steps=3, tasks_per_step=2)
    )
    targets = [target for target, _ in source.draws]
    numbers = [number for _, number in source.draws]
    assert numbers == list(range(2 * 2 * 2 * 3))
    for start in range(0, len(targets), 6):
        assert targets[start : start + 6] in ([1, 1, 1, 2, 2, 2], [5, 5, 5, 4, 4, 4])


@pytest.fixture
def store(tmp_path):
    return small.open_pictures(tmp_path / "p", [(10, 12)] * 36, n_references=6)


def source_of(store, recipe, model):
    return BatchSource(store, recipe, model.mean, model.std, CPU)


def test_one_task_a_step_with_outer_rate_1_is_adam_on_support_then_on_query(store):
    recipe = prior(steps=3, tasks_per_step=1, inner_steps=2, outer_lr=1.0, lr=0.02)
    task = distortion_tasks(store.labels, query_fraction=0.5, seed=0)[0]
    model, plain = small.seeded(small.LinearModel), small.seeded(small.LinearModel)
    source = source_of(store, recipe, model)
    learn_prior(model, [task], source, recipe)
    number = 0
    for _ in range(3):
        for indices in (task.support, task.query):
            optimizer = torch.optim.Adam(plain.parameters(), lr=0.02, betas=recipe.betas)
            for _ in range(2):
                images, batch = source.draw(indices, number)
                optimizer.zero_grad()
                mse_loss(plain(images), source.mos(batch)).backward()
                optimizer.step()
                number += 1
    assert_close(small.weights_of(model), small.weights_of(plain), rtol=0, atol=1e-6)


def test_the_same_prior_twice_gives_the_same_bits_and_another_seed_others(store):
    tasks = distortion_tasks(store.labels, query_fraction=0.5, seed=0)
    learned = []
    for seed in (0, 0, 1):
        recipe = prior(steps=2, tasks_per_step=2, inner_steps=2, seed=seed)
        model = small.seeded(small.SmallNetwork)
        learn_prior(model, tasks, source_of(store, recipe, model), recipe)
        torch.rand(3)
        learned.append(small.weights_of(model))
    small.assert_same_bits(learned[0], learned[1])
    assert not torch.equal(learned[0]["fc.weight"], learned[2]["fc.weight"])


def test_every_step_is_reported_with_its_rate(store):
    rows = []
    recipe = prior(steps=5, tasks_per_step=2, inner_steps=1, decay_steps=2, decay_factor=0.5)
    model = small.seeded(small.LinearModel)
    tasks = distortion_tasks(store.labels, query_fraction=0.5, seed=0)
    learn_prior(model, tasks, source_of(store, recipe, model), recipe, report=rows.append)
    assert [row["step"] for row in rows] == [1, 2, 3, 4, 5]
    assert [row["lr"] for row in rows] == [0.1, 0.1, 0.05, 0.05, 0.025]
    assert all(row["support_loss"] > 0 and row["query_loss"] > 0 for row in rows)


def test_without_decay_the_rate_stays():
    assert [decayed_lr(prior(lr=0.3), step) for step in (0, 7, 1000)] == [0.3] * 3


def test_a_batch_has_no_picture_twice_and_depends_on_its_number_alone(store):
    recipe = prior(batch_size=5)
    source = source_of(store, recipe, small.LinearModel())
    indices = np.arange(3, 30)
    first_images, first = source.draw(indices, 4)
    source.draw(indices, 9)
    images, again = source.draw(indices, 4)
    assert len(set(first)) == 5
    assert set(first) <= set(indices)
    np.testing.assert_array_equal(again, first)
    assert torch.equal(images, first_images)
    assert source.draw(indices, 5)[1].tolist() != first.tolist()
    expected = store.labels["mos"].to_numpy(np.float32)[first]
    np.testing.assert_array_equal(source.mos(first).numpy(), expected)
