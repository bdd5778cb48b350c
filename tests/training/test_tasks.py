"""Tasks are distortions whose support and query pictures share no reference."""

import numpy as np
import pytest
import small_pictures as small

from biqa.errors import InputError
from biqa.pictures.joined import joined
from biqa.training.tasks import distortion_tasks, tasks_of


@pytest.fixture
def labels(tmp_path):
    pictures = small.write_pictures(tmp_path / "p", [(2, 2)] * 36, n_references=6)
    return small.PictureStore.open(pictures).labels


@pytest.mark.parametrize("fraction", [0.1, 0.3, 0.5, 0.9])
def test_support_and_query_share_no_reference_in_any_task(labels, fraction):
    tasks = distortion_tasks(labels, query_fraction=fraction, seed=1)
    reference = labels["reference"].to_numpy()
    support = {name for task in tasks for name in reference[task.support]}
    query = {name for task in tasks for name in reference[task.query]}
    assert support
    assert query
    assert not support & query
    assert len(query) == min(max(round(fraction * 6), 1), 5)


def test_each_task_is_one_distortion_and_holds_all_of_its_pictures(labels):
    tasks = distortion_tasks(labels, query_fraction=0.5, seed=1)
    assert [task.distortion for task in tasks] == ["blur", "jpeg", "noise"]
    for task in tasks:
        own = np.flatnonzero(labels["distortion"] == task.distortion)
        assert sorted([*task.support, *task.query]) == own.tolist()


def test_tasks_do_not_depend_on_the_order_of_the_rows(labels, rng):
    shuffled = labels.iloc[rng.permutation(len(labels))].reset_index(drop=True)
    for mine, other in zip(
        distortion_tasks(labels, query_fraction=0.5, seed=1),
        distortion_tasks(shuffled, query_fraction=0.5, seed=1),
        strict=True,
    ):
        assert mine.distortion == other.distortion
        assert set(labels["name"][mine.query]) == set(shuffled["name"][other.query])


def test_the_seed_chooses_the_query_references(labels):
    found = {
        tuple(distortion_tasks(labels, query_fraction=0.5, seed=seed)[0].query) for seed in range(8)
    }
    assert len(found) > 1


def test_a_reference_without_distortion_is_in_no_task(labels):
    labels.loc[:5, "distortion"] = ""
    tasks = distortion_tasks(labels, query_fraction=0.5, seed=1)
    used = {index for task in tasks for part in (task.support, task.query) for index in part}
    assert used == set(range(6, 36))


def test_pictures_without_distortions_or_with_one_reference_are_refused(labels):
    without = labels.assign(distortion="")
    with pytest.raises(InputError, match="found 0 distortions and 6 references"):
        distortion_tasks(without, query_fraction=0.5, seed=1)
    with pytest.raises(InputError, match="found 3 distortions and 1 references"):
        distortion_tasks(labels.assign(reference="scene"), query_fraction=0.5, seed=1)


def test_a_distortion_of_one_reference_is_refused_by_name(labels):
    only = labels[(labels["distortion"] != "jpeg") | (labels["reference"] == "scene0")]
    with pytest.raises(InputError, match="distortion 'jpeg' has no picture in its"):
        distortion_tasks(only.reset_index(drop=True), query_fraction=0.5, seed=1)


def test_each_database_has_its_own_tasks_divided_by_its_own_references(tmp_path):
    stores = [
        small.PictureStore.open(
            small.write_pictures(tmp_path / name, [(2, 2)] * n, n_references=r, dataset=name)
        )
        for name, n, r in (("one", 12, 2), ("other", 60, 10))
    ]
    whole, databases = joined(stores)
    tasks = tasks_of(whole.labels, databases, query_fraction=0.3, seed=1)
    names = ("blur", "jpeg", "noise")
    assert [(task.database, task.distortion) for task in tasks] == [
        (number, f"{name}/{distortion}")
        for number, name in enumerate(("one", "other"))
        for distortion in names
    ]
    for task in tasks:
        pictures = whole.labels.iloc[[*task.support, *task.query]]
        assert set(pictures["distortion"]) == {task.distortion}
        alone = distortion_tasks(stores[task.database].labels, query_fraction=0.3, seed=1)
        start = databases[task.database][0]
        mine = next(one for one in alone if task.distortion.endswith(one.distortion))
        np.testing.assert_array_equal(task.query, mine.query + start)
        np.testing.assert_array_equal(task.support, mine.support + start)
