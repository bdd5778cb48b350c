"""Distortions as tasks: each has a support set and a query set of pictures."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from biqa.errors import InputError
from biqa.training.views import Indices, generator


@dataclass(frozen=True)
class Task:
    """One distortion type; its support and query pictures share no reference."""

    distortion: str
    support: Indices
    query: Indices
    database: int = 0  # of several, counted from 0


def tasks_of(
    labels: pd.DataFrame, databases: Sequence[Indices], *, query_fraction: float, seed: int
) -> list[Task]:
    """Return the tasks of every database, one after the other, each divided by itself.

    ``databases`` are the positions that the tasks of each may use. MetaIQA's prior has the 24
    distortions of TID2013 and the 25 of KADID-10k: 49 tasks.
    """
    return [
        replace(task, database=number)
        for number, pictures in enumerate(databases)
        for task in distortion_tasks(
            labels, query_fraction=query_fraction, seed=seed, among=pictures
        )
    ]


def distortion_tasks(
    labels: pd.DataFrame, *, query_fraction: float, seed: int, among: Indices | None = None
) -> list[Task]:
    """Return one task a distortion type, divided by reference, the same references for all.

    MetaIQA (Zhu et al., CVPR 2020, section 3.2) divides each task's pictures; its released code
    divides by picture, which puts versions of one scene on both sides. We divide by reference.
    ``labels`` has columns distortion and reference; their order does not matter. ``among``
    are the positions that tasks may use; none given: all.
    """
    allowed = np.ones(len(labels), bool)
    if among is not None:
        allowed = np.isin(np.arange(len(labels)), among)
    known = labels[allowed]
    distortions = sorted(set(known["distortion"]) - {""})
    references = sorted(set(known["reference"]) - {""})
    if not distortions or len(references) < 2:
        raise InputError(
            f"a prior needs pictures with a distortion and two references or more, found "
            f"{len(distortions)} distortions and {len(references)} references"
        )
    shuffled = generator(seed, 4).permutation(references)
    n_query = min(max(round(query_fraction * len(references)), 1), len(references) - 1)
    in_query = labels["reference"].isin(shuffled[:n_query]).to_numpy()
    tasks = []
    for distortion in distortions:
        own = allowed & (labels["distortion"] == distortion).to_numpy()
        task = Task(distortion, np.flatnonzero(own & ~in_query), np.flatnonzero(own & in_query))
        if not len(task.support) or not len(task.query):
            raise InputError(
                f"distortion {distortion!r} has no picture in its support or query set"
            )
        tasks.append(task)
    return tasks
