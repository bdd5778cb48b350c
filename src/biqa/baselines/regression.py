"""Support vector regression on kernels that are computed once a training part."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray
from sklearn.svm import SVR

from biqa.baselines.recipe import Regression
from biqa.metrics import CollapsedPredictionsError, srcc

Table = NDArray[np.floating]  # (pictures, features)


@dataclass(frozen=True)
class Fitted:
    """What a regression learned, and its predictions for all pictures."""

    predicted: NDArray[np.float64]
    c: float
    gamma: float | None
    held_out_srcc: float | None  # mean over the folds; None where nothing was chosen
    n_support: int


def fit(
    features: Table,
    mos: NDArray[np.float64],
    train: NDArray[np.int64],
    groups: Sequence[str],
    settings: Regression,
    *,
    seed: int,
) -> Fitted:
    """Learn on the rows ``train`` and predict every row of ``features``.

    ``groups[i]`` is what must not be divided between folds: the reference of picture i. Only
    the scores of ``train`` are read; ``mos`` of other rows may be anything.
    """
    scaled = _scaled(features, train) if settings.scaling == "range" else features
    products = Products.of(scaled, scaled[train])
    labels = mos[train] * settings.label_scale
    pairs = list(product(settings.c, settings.gamma or (None,)))
    held_out = None
    c, gamma = pairs[0]
    if len(pairs) > 1:
        folds = _folds([groups[i] for i in train], settings.folds, seed)
        merits = [_merit(products.rows(train), labels, folds, settings, *pair) for pair in pairs]
        best = int(np.argmax(merits))
        (c, gamma), held_out = pairs[best], float(merits[best])
    kernel = products.kernel(gamma)
    machine = _machine(settings, c).fit(kernel[train], labels)
    predicted = machine.predict(kernel) / settings.label_scale
    return Fitted(predicted, c, gamma, held_out, len(machine.support_))


@dataclass(frozen=True)
class Products:
    """Inner products of rows with training rows, from which any kernel follows."""

    inner: Table  # (rows, training rows)
    own: NDArray[np.float64]  # squared lengths of the rows
    others: NDArray[np.float64]  # squared lengths of the training rows

    @classmethod
    def of(cls, rows: Table, training: Table) -> "Products":
        """Multiply, and sum in double precision."""
        inner = (rows @ training.T).astype(np.float64)
        lengths = [np.square(table, dtype=np.float64).sum(axis=1) for table in (rows, training)]
        return cls(inner, *lengths)

    def rows(self, chosen: NDArray[np.int64]) -> "Products":
        """Return the products of some rows alone."""
        return Products(self.inner[chosen], self.own[chosen], self.others)

    def kernel(self, gamma: float | None) -> NDArray[np.float64]:
        """Return x . y, or exp(-gamma |x - y|^2)."""
        if gamma is None:
            return self.inner  # type: ignore[return-value]
        distance = self.own[:, None] + self.others - 2 * self.inner
        return np.exp(-gamma * np.maximum(distance, 0))


def _scaled(features: Table, train: NDArray[np.int64]) -> Table:
    """Map the range of each feature in the training part to [-1, 1]; constant ones to 0."""
    low, high = features[train].min(axis=0), features[train].max(axis=0)
    width = np.where(high > low, high - low, 1)
    return np.where(high > low, 2 * (features - low) / width - 1, 0)


def _machine(settings: Regression, c: float) -> SVR:
    return SVR(kernel="precomputed", C=c, epsilon=settings.epsilon, cache_size=500)


def _merit(
    products: Products,
    labels: NDArray[np.float64],
    folds: NDArray[np.int64],
    settings: Regression,
    c: float,
    gamma: float | None,
) -> float:
    """Return the mean SRCC over the folds; -1 for a fold whose predictions are all equal."""
    kernel = products.kernel(gamma)
    found = []
    for fold in range(settings.folds):
        inside, outside = np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)
        machine = _machine(settings, c).fit(kernel[np.ix_(inside, inside)], labels[inside])
        try:
            predicted = machine.predict(kernel[np.ix_(outside, inside)])
            found.append(srcc(predicted, labels[outside]))
        except CollapsedPredictionsError:
            found.append(-1.0)
    return float(np.mean(found))


def _folds(groups: Sequence[str], n_folds: int, seed: int) -> NDArray[np.int64]:
    """Return the fold of each picture; the pictures of a group are in one."""
    names = sorted(set(groups))
    order = np.random.default_rng(seed).permutation(len(names))
    fold = {names[place]: number % n_folds for number, place in enumerate(order)}
    return np.array([fold[group] for group in groups])
