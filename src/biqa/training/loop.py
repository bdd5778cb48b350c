"""The training loop: one network, one database, one loss, one recipe."""

import copy
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LambdaLR

from biqa.metrics import CollapsedPredictionsError, plcc, srcc
from biqa.models.quality import QualityModel
from biqa.pictures.store import Pictures
from biqa.recipes import Recipe
from biqa.training.checkpoint import load_state, save_state
from biqa.training.epoch import Loss, batches_of, train_epoch
from biqa.training.frozen import KeptFeatures, check_reuse
from biqa.training.optimisation import optimizer_of, schedule_of
from biqa.training.prediction import predict
from biqa.training.resident import ResidentPictures
from biqa.training.stages import stages_of, thaw
from biqa.training.views import Indices, RandomViews, generator


@dataclass
class Progress:
    """What has come of a training so far."""

    history: list[dict[str, float]] = field(default_factory=list)  # one mapping an epoch
    predicted: list[dict[str, NDArray[np.float64]]] = field(default_factory=list)  # part: scores
    chosen_epoch: int = 0  # counted from 1
    chosen_weights: dict[str, Tensor] = field(default_factory=dict)
    training_seconds: float = 0.0
    judging_seconds: float = 0.0  # of predicting validation and test after each epoch


def train(
    model: QualityModel,
    store: Pictures,
    parts: Mapping[str, Indices],
    loss: Loss,
    recipe: Recipe,
    *,
    seed: int,
    state: tuple[Path, str] | None = None,
    report: Callable[[dict[str, float]], None] = lambda row: None,
) -> Progress:
    """Train ``model`` on ``parts["train"]`` and judge it after each epoch on the other parts.

    ``seed`` fixes the order of pictures, their crops and the dropout of every epoch. With
    ``state`` (a file and the digest of what is trained) each finished epoch is kept, and a
    training that was killed goes on after it, to the same bytes. ``report`` gets each row of
    the history. The stages of a recipe follow one another, each with an optimiser of its own.
    With no epochs the model is judged as it is, as epoch 0. Raises
    ``FloatingPointError`` at the first loss that is not finite.
    """
    check_reuse(model, recipe)
    device = next(model.parameters()).device
    mos = torch.tensor(store.labels["mos"].to_numpy(), dtype=torch.float32, device=device)
    matter = _Matter(model, store, parts, mos, ResidentPictures.of(store, device), loss, seed)
    if not recipe.epochs:
        return _untrained(matter, recipe)
    kept = load_state(*state) if state is not None else None
    progress = Progress() if kept is None else kept["progress"]
    if kept is not None:
        model.load_state_dict(kept["model"])

    def finished(row: dict[str, float], optimizer: Optimizer, schedule: LambdaLR) -> None:
        _choose(progress, model, recipe)
        report(row)
        if state is not None and row["epoch"] < recipe.epochs:
            _keep(state, progress, model, optimizer, schedule)

    for before, stage in stages_of(recipe):
        if len(progress.history) < before + stage.epochs:
            thaw(model, recipe)
            goes_on = kept is not None and len(progress.history) > before
            _train_stage(
                matter, stage, progress, before + stage.epochs, kept if goes_on else None, finished
            )
    return progress


@dataclass(frozen=True)
class _Matter:
    """What every stage of a training works on."""

    model: QualityModel
    store: Pictures
    parts: Mapping[str, Indices]
    mos: Tensor
    resident: ResidentPictures | None
    loss: Loss
    seed: int


def _train_stage(
    matter: _Matter,
    stage: Recipe,
    progress: Progress,
    last: int,
    kept: Mapping[str, Any] | None,
    finished: Callable[[dict[str, float], Optimizer, LambdaLR], None],
) -> None:
    """Add to ``progress`` the epochs up to ``last``; with ``kept``, go on inside the stage.

    ``finished`` gets each row of the history, with the state that the next epoch starts from.
    """
    model, parts = matter.model, matter.parts
    steps = len(batches_of(parts["train"], stage.batch_size, generator(0))) * stage.passes
    optimizer = optimizer_of(model, stage)
    schedule = schedule_of(optimizer, stage, steps)
    if kept is not None:
        optimizer.load_state_dict(copy.deepcopy(kept["optimizer"]))
        schedule.load_state_dict(kept["schedule"])
    started = time.perf_counter()
    features = KeptFeatures.of(model, matter.store, parts, stage, matter.resident)
    progress.training_seconds += time.perf_counter() - started
    for epoch in range(len(progress.history) + 1, last + 1):
        lr, started = optimizer.param_groups[-1]["lr"], time.perf_counter()
        losses = [
            train_epoch(
                model,
                views,
                parts["train"],
                matter.mos,
                matter.loss,
                optimizer,
                schedule,
                stage,
                features=features,
            )
            for views in _views(matter, stage, epoch)
        ]
        trained = time.perf_counter()
        judged, predicted = _judged(matter, stage, features)
        progress.training_seconds += trained - started
        progress.judging_seconds += time.perf_counter() - trained
        row = {"epoch": epoch, "lr": lr, "train_loss": np.mean(losses).item(), **judged}
        progress.history.append(row)
        progress.predicted.append(predicted)
        finished(row, optimizer, schedule)


def _views(matter: _Matter, recipe: Recipe, epoch: int) -> list[RandomViews]:
    """Return the views of each of an epoch's passes over the pictures."""
    crop, flip, passes = recipe.views.crop, recipe.views.flip, recipe.passes
    numbers = range((epoch - 1) * passes + 1, epoch * passes + 1)
    return [
        RandomViews(matter.store, crop, flip, matter.seed, number, matter.resident)
        for number in numbers
    ]


def _judged(
    matter: _Matter, recipe: Recipe, features: KeptFeatures | None
) -> tuple[dict[str, float], dict[str, NDArray[np.float64]]]:
    """Return SRCC and PLCC on validation and test, and the scores by part."""
    store, parts, resident = matter.store, matter.parts, matter.resident
    predicted = {
        part: predict(
            matter.model, store, parts[part], recipe, resident=resident, features=features
        )
        for part in ("validation", "test")
        if len(parts[part])
    }
    row: dict[str, float] = {}
    for part in ("validation", "test"):
        row |= _agreement(part, predicted.get(part), store, parts[part])
    return row, predicted


def _untrained(matter: _Matter, recipe: Recipe) -> Progress:
    judged, predicted = _judged(matter, recipe, None)
    row = {"epoch": 0, "lr": 0.0, "train_loss": float("nan"), **judged}
    return Progress([row], [predicted], chosen_weights=_copied(matter.model))


def _copied(model: nn.Module) -> dict[str, Tensor]:
    return {name: value.detach().cpu().clone() for name, value in model.state_dict().items()}


def _agreement(
    part: str, predicted: NDArray[np.float64] | None, store: Pictures, indices: Indices
) -> dict[str, float]:
    """Return SRCC and PLCC on one part; not a number where they are undefined."""
    undefined = {f"{part}_srcc": float("nan"), f"{part}_plcc": float("nan")}
    if predicted is None:
        return undefined
    mos = store.labels["mos"].to_numpy()[np.asarray(indices)]
    try:
        return {f"{part}_srcc": srcc(predicted, mos), f"{part}_plcc": plcc(predicted, mos)}
    except CollapsedPredictionsError:
        return undefined


def _choose(progress: Progress, model: nn.Module, recipe: Recipe) -> None:
    """Keep the weights of the newest epoch if the protocol prefers it to those kept."""
    epoch = len(progress.history)
    choose = recipe.protocol.choose
    if choose != "last" and progress.chosen_epoch:
        column = f"{choose.removeprefix('best_')}_srcc"
        new, best = (progress.history[one - 1][column] for one in (epoch, progress.chosen_epoch))
        if not (new > best or (np.isnan(best) and not np.isnan(new))):
            return
    progress.chosen_epoch = epoch
    progress.chosen_weights = _copied(model)


def _keep(
    state: tuple[Path, str],
    progress: Progress,
    model: nn.Module,
    optimizer: Optimizer,
    schedule: LambdaLR,
) -> None:
    path, key = state
    parts: dict[str, Any] = {"progress": progress, "model": model.state_dict()}
    parts |= {"optimizer": optimizer.state_dict(), "schedule": schedule.state_dict()}
    save_state(path, key, parts)
