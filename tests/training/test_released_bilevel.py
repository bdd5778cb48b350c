"""MetaIQA's released code, on a network of one weight, against its update worked out by hand."""

from dataclasses import dataclass, field

import numpy as np
import pytest
import small_pictures as small
import torch
from torch.testing import assert_close

from biqa.errors import InputError
from biqa.recipes import PriorRecipe, Views
from biqa.training.released import compounded_lr, learn_prior_as_released
from biqa.training.tasks import Task

N_TASKS, N_PICTURES = 3, 10  # picture 10 t + i belongs to task t; its MOS is its number / 10


def prior(**changes) -> PriorRecipe:
    usual = {"steps": 1, "lr": 0.1, "batch_size": 4, "inner_steps": 1, "query_fraction": 0.2}
    usual |= {"variant": "released_code", "views": Views(crop=8), "betas": (0.9, 0.999)}
    return PriorRecipe("bilevel", **{**usual, **changes})


def tasks():
    pictures = np.arange(N_TASKS * N_PICTURES).reshape(N_TASKS, N_PICTURES)
    return [Task(str(number), own[:7], own[7:]) for number, own in enumerate(pictures)]


@dataclass
class Watched:
    """A source without pictures that notes the batches it is asked for."""

    batches: list[list[int]] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)

    def views(self, batch, number):
        self.batches.append([int(picture) for picture in batch])
        self.numbers.append(number)
        return torch.zeros(len(batch), 3, 2, 2)

    def mos(self, batch):
        return torch.tensor(np.asarray(batch) / 10, dtype=torch.float32)


def by_hand(weight, batches, *, lr, betas, k, averages=(False,), eps=1e-8):
    """The released loop on scalars: the batches come in pairs, support and query.

    ``averages`` says of each database whether meta weights follow the rule for KADID-10k.
    """
    first = second = 0.0
    meta = start = weight
    step = 0
    for number, (support, query) in enumerate(zip(batches[::2], batches[1::2], strict=True)):
        passed, count = divmod(number, N_TASKS * 2)  # two support batches a visit
        if count % 2 == 0:
            start = meta if count % k == 0 else start
            weight = start
        for batch in (support, query):
            step += 1
            slope = 2 * (weight - np.mean(batch) / 10)
            first = betas[0] * first + (1 - betas[0]) * slope
            second = betas[1] * second + (1 - betas[1]) * slope**2
            unbiased = first / (1 - betas[0] ** step), second / (1 - betas[1] ** step)
            weight -= lr * unbiased[0] / (unbiased[1] ** 0.5 + eps)
        meta += (weight - (meta if averages[passed % len(averages)] else start)) / k
    return weight


@pytest.mark.parametrize("k", [1, 2, 4, 5])
@pytest.mark.parametrize("steps", [1, 3])
def test_the_weight_is_that_of_the_loop_by_hand(k, steps):
    model, source = small.OneNumber(0.5), Watched()
    recipe = prior(steps=steps, tasks_per_step=k)
    learn_prior_as_released(model, tasks(), source, recipe)
    assert len(source.batches) == steps * N_TASKS * 2 * 2  # 8 support pictures in batches of 4
    expected = by_hand(0.5, source.batches, lr=0.1, betas=recipe.betas, k=k)
    assert_close(model.weight.item(), expected, rtol=0, atol=1e-5)


def test_the_rule_for_kadid10k_is_a_moving_average_of_the_meta_weights():
    model, source = small.OneNumber(0.5), Watched()
    recipe = prior(steps=3, tasks_per_step=2, variant="released_code_kadid10k")
    learn_prior_as_released(model, tasks(), source, recipe)
    rest = {"lr": 0.1, "betas": recipe.betas, "k": 2}
    expected = by_hand(0.5, source.batches, averages=(True,), **rest)
    assert_close(model.weight.item(), expected, rtol=0, atol=1e-5)
    assert abs(expected - by_hand(0.5, source.batches, **rest)) > 1e-3


@pytest.mark.parametrize("k", [2, 4, 5])
def test_of_two_databases_the_second_follows_the_rule_for_kadid10k(k):
    model, source = small.OneNumber(0.5), Watched()
    others = [
        Task(f"o{task.distortion}", task.support + 30, task.query + 30, 1) for task in tasks()
    ]
    recipe = prior(steps=2, tasks_per_step=k)
    learn_prior_as_released(model, [*tasks(), *others], source, recipe)
    databases = [batch[0] // 30 for batch in source.batches]
    assert databases == [*[0] * 12, *[1] * 12] * 2
    rest = {"lr": 0.1, "betas": recipe.betas, "k": k}
    expected = by_hand(0.5, source.batches, averages=(False, True), **rest)
    assert_close(model.weight.item(), expected, rtol=0, atol=1e-5)


def test_each_visit_divides_a_task_anew_picture_by_picture():
    source = Watched()
    learn_prior_as_released(small.OneNumber(0.5), tasks(), source, prior(steps=6))
    assert source.numbers == list(range(len(source.batches)))
    queries = set()
    for at in range(0, len(source.batches), 4):
        one, query, two, again = source.batches[at : at + 4]
        assert again == query
        assert len({picture // N_PICTURES for picture in (*one, *two, *query)}) == 1
        assert len({*one, *two, *query}) == N_PICTURES
        queries.add(tuple(sorted(query)))
    assert len(queries) > N_TASKS
    for epoch in np.split(np.array(source.batches[::4])[:, 0] // N_PICTURES, 6):
        assert sorted(epoch) == [0, 1, 2]


def test_rates_compound():
    recipe = prior(decay_steps=2, decay_factor=0.9)
    found = [compounded_lr(recipe, epoch) for epoch in (0, 1, 5, 10, 15, 20)]
    assert found[:2] == [1.0, 1.0]
    assert found[2:] == pytest.approx([0.53, 0.072, 0.0027, 0.000027], rel=0.03)
    assert compounded_lr(prior(), 30) == 1.0
    rate = 1.0
    for epoch in range(31):  # as the code has it: the rate of the epoch before is multiplied
        rate *= 0.9 ** (epoch // 2)
        assert compounded_lr(recipe, epoch) == pytest.approx(rate, rel=1e-9)


def test_head_and_backbone_learn_at_their_own_rates_and_statistics_run_on():
    model, source = small.seeded(small.SmallNetwork), Watched()
    source.views = lambda batch, number: torch.rand(len(batch), 3, 8, 8)
    before, rows = small.weights_of(model), []
    recipe = prior(lr=1e-9, head_lr=0.01, tasks_per_step=1)
    learn_prior_as_released(model, tasks(), source, recipe, report=rows.append)
    moved = {name: (small.weights_of(model)[name] - before[name]).abs().max() for name in before}
    assert moved["encoder.0.weight"] < 1e-7
    assert moved["fc.weight"] > 1e-3
    assert small.weights_of(model)["encoder.1.num_batches_tracked"] == 12
    assert [row["step"] for row in rows] == [1]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"inner_steps": 6}, "inner_steps is 6, but the released code takes 1"),
        ({"kind": "pooled"}, "released_code is of kind bilevel"),
        ({"variant": "paper", "head_lr": 0.1}, "head_lr is its own"),
    ],
)
def test_what_the_released_code_has_not_is_refused(changes, message):
    given = {"kind": "bilevel", "views": Views(8), "steps": 1, "lr": 0.1, "batch_size": 4}
    given |= {"inner_steps": 1, "variant": "released_code"}
    with pytest.raises(InputError, match=message):
        PriorRecipe(**{**given, **changes})
