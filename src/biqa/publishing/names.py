"""How figures of merit, scores and choices are called in print."""

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from biqa.datasets.definition import Dataset

METRICS = {
    "srcc": "SRCC",
    "plcc": "PLCC",
    "krcc": "KRCC",
    "plcc_logistic4": "PLCC (4-parameter logistic)",
    "plcc_logistic5": "PLCC (5-parameter logistic)",
    "rmse": "RMSE",
    "rmse_mapped": "RMSE (after a line)",
    "seconds": "Seconds",
    "pictures_per_second": "Pictures a second",
    "n_images": "Pictures",
    "n_references": "References",
    "n_distortions": "Distortions",
    "score_min": "Lowest score",
    "score_max": "Highest score",
}
LOWER_IS_BETTER = ("rmse", "rmse_mapped")
OF_SPEED = ("seconds", "pictures_per_second")  # of a training, from its record
OF_DATASETS = ("n_images", "n_references", "n_distortions", "score_min", "score_max")
FORMATS = {  # how numbers of a metric are written, where it is not with three decimals
    **{"seconds": ",.1f", "pictures_per_second": ",.0f"},
    **{"n_images": ",.0f", "n_references": ",.0f", "n_distortions": ",.0f"},
    **{"score_min": "g", "score_max": "g"},
}
ABOUT_METRICS = {
    "plcc": "PLCC is of the raw predictions.",
    "plcc_logistic4": "The 4-parameter logistic is fitted on the part that is judged.",
    "plcc_logistic5": "The 5-parameter logistic is fitted on the part that is judged.",
    "rmse": "RMSE is of the raw predictions, in units of the score scaled to [0, 1].",
    "rmse_mapped": (
        "RMSE is in units of the score scaled to [0, 1], after a line fitted on the training part."
    ),
    "seconds": "Seconds are of the whole training, the judging after each epoch included.",
    "pictures_per_second": "Pictures a second counts those of the training part, once an epoch.",
}
CHOICES = {
    "protocol": "the epoch that the protocol prescribes",
    "last": "the last epoch",
    "best_validation": "the epoch with the highest SRCC on the validation part",
    "best_test": "the epoch with the highest SRCC on the test part, an optimistic choice",
}
OPTIMISM = "optimism"  # not an epoch, but the difference between two choices of it
CHOICE_LABELS = {
    "last": "last epoch",
    "best_validation": "best on validation",
    "best_test": "best on test",
}

LOSSES = {
    "mse": "MSE",
    "mae": "MAE",
    "norm_in_norm": "Norm-in-Norm",
    "dcq": "DCQ",
    "plcc": "PLCC",
    "plcc_srcc": "PLCC + SRCC",
    "linearity_induced": "linearity-induced",
    "ranknet": "RankNet",
    "mono": "MONO",
    "mono_normalised": "MONO, normalised",
    "qac": "QAC",
    "qdc": "QDC",
    "rpc": "RPC",
    "fidelity": "fidelity",
    "huber": "Huber",
    "emd": "EMD",
    "min_max_norm": "min-max norm",
    "mean_norm": "mean norm",
    "mse_rank_shifted": "MSE, rank-shifted labels",
}

Facts = Mapping[str, Dataset]  # by the name of the dataset


def dataset_title(facts: Facts, trained_on: str, tested_on: str) -> str:
    """Return the title of a dataset, or of the two of a cross-database test."""
    if trained_on == tested_on:
        return facts[tested_on].title
    return f"trained on {facts[trained_on].title}, tested on {facts[tested_on].title}"


def shared_photographs(facts: Facts, pairs: Iterable[tuple[str, str]]) -> str:
    """Return which tests of a database on another one show it photographs that it knows; or ""."""
    told = [
        f"{facts[trained_on].title} and {facts[tested_on].title} both distort photographs of "
        f"{facts[tested_on].photographs}, so a test of one on the other has seen contents."
        for trained_on, tested_on in dict.fromkeys(pairs)
        if trained_on != tested_on
        if facts[trained_on].photographs == facts[tested_on].photographs != ""
    ]
    return " ".join(told)


def row_label(artefact: Mapping[str, Any], name: str) -> str:
    """Return how a loss or model is called: the artefact's own label first."""
    return artefact.get("row_labels", {}).get(name, LOSSES.get(name, name))


def score_word(facts: Facts, names: Iterable[str]) -> str:
    """Return what the datasets call their score: 'MOS', 'DMOS', 'proxy score', or several."""
    return " or ".join(dict.fromkeys(facts[name].score_name for name in names))


def score_axis(dataset: Dataset) -> str:
    """Return the label of an axis of ``to_mos`` scores; the flip of a DMOS is said."""
    flipped = "" if dataset.higher_is_better else f"1 − {dataset.score_name}"
    return f"{flipped or dataset.score_name}, scaled to [0, 1] (higher is better)"


def judged_on(found: pd.DataFrame) -> str:
    """Return what the rows of metrics are of: the test part, or all of another database."""
    crossed = (found["dataset"] != found["tested_on"]).to_numpy()
    if not crossed.any():
        return "test part"
    return "all pictures of another database" if crossed.all() else "test part or other database"


def metric_axis(
    metric: str, facts: Facts, names: Iterable[str], judged: str = "test part", gap: str = " "
) -> str:
    """Return the label of an axis of a figure of merit: against what, judged on what, direction.

    ``gap`` stands in its middle: a space, or a line break where there is little room.
    """
    direction = "lower" if metric in LOWER_IS_BETTER else "higher"
    against = score_word(facts, names)
    return f"{METRICS[metric]} with {against},{gap}{judged} ({direction} is better)"


def proxy_warning(facts: Facts, names: Iterable[str]) -> str:
    """Return the sentences that warn of scores that nobody gave, or '' where there are none."""
    titles = [facts[name].title for name in dict.fromkeys(names) if facts[name].is_proxy]
    if not titles:
        return ""
    return (
        f"The scores of {' and '.join(titles)} are a proxy score: an algorithm computed them, "
        "nobody rated these pictures. Agreement with them is not agreement with people."
    )
