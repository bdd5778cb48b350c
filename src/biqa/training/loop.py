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
from torch.nn.modules.batchnorm import _BatchNorm
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LambdaLR

from biqa.metrics import CollapsedPredictionsError, plcc, srcc
from biqa.models.quality import QualityModel
from biqa.pictures.store import PictureStore
from biqa.recipes import Recipe
from biqa.training.checkpoint import load_state, save_state
from biqa.training.number_format import in_float32, number_format
from biqa.training.optimisation import optimizer_of, schedule_of
from biqa.training.prediction import predict
from biqa.training.resident import ResidentPictures
from biqa.training.stages import stages_of, thaw
from biqa.training.streaming import delivered
from biqa.training.views import Indices, RandomViews, generator, normalised

Loss = Callable[[Tensor, Tensor], Tensor]
SMALLEST_BATCH = 2  # one picture has no order, no spread, and no batch statistics


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
    store: PictureStore,
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
    device = next(model.parameters()).device
    mos = torch.tensor(store.labels["mos"].to_numpy(), dtype=torch.float32, device=device)
    resident = ResidentPictures.of(store, device)
    if not recipe.epochs:
        return _untrained(model, store, parts, recipe, resident)
    kept = load_state(*state) if state is not None else None
    progress = Progress() if kept is None else kept["progress"]
    if kept is not None:
        model.load_state_dict(kept["model"])
    for before, stage in stages_of(recipe):
        last = before + stage.epochs
        if len(progress.history) >= last:
            continue
        thaw(model, recipe)
        steps = len(_batches(parts["train"], stage.batch_size, generator(0))) * stage.passes
        optimizer = optimizer_of(model, stage)
        schedule = schedule_of(optimizer, stage, steps)
        if kept is not None and len(progress.history) > before:
            optimizer.load_state_dict(copy.deepcopy(kept["optimizer"]))
            schedule.load_state_dict(kept["schedule"])
        for epoch in range(len(progress.history) + 1, last + 1):
            lr, started = optimizer.param_groups[-1]["lr"], time.perf_counter()
            train_loss = np.mean(
                [
                    train_epoch(model, views, parts["train"], mos, loss, optimizer, schedule, stage)
                    for views in _views(store, recipe, seed, epoch, stage.passes, resident)
                ]
            ).item()
            trained = time.perf_counter()
            judged, predicted = _judged(model, store, parts, recipe, resident)
            progress.training_seconds += trained - started
            progress.judging_seconds += time.perf_counter() - trained
            row: dict[str, float] = {"epoch": epoch, "lr": lr, "train_loss": train_loss, **judged}
            progress.history.append(row)
            progress.predicted.append(predicted)
            _choose(progress, model, recipe)
            report(row)
            if state is not None and epoch < recipe.epochs:
                _keep(state, progress, model, optimizer, schedule)
    return progress


def _views(
    store: PictureStore,
    recipe: Recipe,
    seed: int,
    epoch: int,
    passes: int,
    resident: ResidentPictures | None,
) -> list[RandomViews]:
    """Return the views of each of an epoch's passes over the pictures."""
    crop, flip = recipe.views.crop, recipe.views.flip
    numbers = range((epoch - 1) * passes + 1, epoch * passes + 1)
    return [RandomViews(store, crop, flip, seed, number, resident) for number in numbers]


def _judged(
    model: QualityModel,
    store: PictureStore,
    parts: Mapping[str, Indices],
    recipe: Recipe,
    resident: ResidentPictures | None,
) -> tuple[dict[str, float], dict[str, NDArray[np.float64]]]:
    """Return SRCC and PLCC on validation and test, and the scores by part."""
    predicted = {
        part: predict(model, store, parts[part], recipe, resident=resident)
        for part in ("validation", "test")
        if len(parts[part])
    }
    row: dict[str, float] = {}
    for part in ("validation", "test"):
        row |= _agreement(part, predicted.get(part), store, parts[part])
    return row, predicted


def _untrained(
    model: QualityModel,
    store: PictureStore,
    parts: Mapping[str, Indices],
    recipe: Recipe,
    resident: ResidentPictures | None,
) -> Progress:
    judged, predicted = _judged(model, store, parts, recipe, resident)
    row = {"epoch": 0, "lr": 0.0, "train_loss": float("nan"), **judged}
    return Progress([row], [predicted], chosen_weights=_copied(model))


def _copied(model: nn.Module) -> dict[str, Tensor]:
    return {name: value.detach().cpu().clone() for name, value in model.state_dict().items()}


def train_epoch(
    model: QualityModel,
    views: RandomViews,
    indices: Indices,
    mos: Tensor,
    loss: Loss,
    optimizer: Optimizer,
    schedule: LambdaLR,
    recipe: Recipe,
) -> float:
    """Train for one pass over the pictures at ``indices``; return the mean loss a picture.

    ``mos`` lies on the model's device. A last batch of one picture is left out: the losses
    compare pictures with one another. Nothing waits for a GPU before the pass is over.
    """
    device = next(model.parameters()).device
    torch.manual_seed(int(generator(views.seed, views.epoch, 2).integers(2**62)))
    model.train()
    hold_still(model, recipe.freeze, batch_norm=recipe.freeze_batch_norm)
    order = generator(views.seed, views.epoch, 3)
    exact = in_float32(loss, recipe.hardware)
    batches = _batches(indices, recipe.batch_size, order)
    losses = torch.zeros(len(batches), device=device)
    cut = ((batch, views.pixels(batch)) for batch in batches)
    for step, (batch, pixels) in enumerate(delivered(cut, device, views.resident)):
        images = normalised(pixels, mean=model.mean, std=model.std, device=device)
        labels = mos[torch.as_tensor(batch)] * recipe.label_scale
        with number_format(recipe.hardware):
            value = model.training_loss(images, labels, exact)
        optimizer.zero_grad()
        value.backward()
        optimizer.step()
        schedule.step()
        losses[step] = value.detach()
    return _mean_loss(losses.cpu(), [len(batch) for batch in batches], views.epoch)


def _mean_loss(losses: Tensor, sizes: list[int], epoch: int) -> float:
    """Return the mean loss a picture; raise if a batch's loss is not finite."""
    failed = (~torch.isfinite(losses)).nonzero().flatten().tolist()
    if failed:
        raise FloatingPointError(
            f"epoch {epoch}: the loss is {losses[failed[0]].item()} after "
            f"{sum(sizes[: failed[0]])} pictures; a lower lr in the recipe may help"
        )
    return (losses.double() @ torch.tensor(sizes, dtype=torch.float64)).item() / sum(sizes)


def _batches(indices: Indices, size: int, order: np.random.Generator) -> list[Indices]:
    shuffled = order.permutation(np.sort(indices))
    batches = [shuffled[start : start + size] for start in range(0, len(shuffled), size)]
    return [batch for batch in batches if len(batch) >= SMALLEST_BATCH]


def hold_still(model: nn.Module, prefixes: tuple[str, ...], *, batch_norm: bool = False) -> None:
    """Put modules whose name is, or lies below, one of ``prefixes`` in evaluation mode.

    Their weights and batch-norm statistics stay what they were. An unknown name is an error.
    With ``batch_norm`` the same holds for every batch-norm layer.
    """
    modules = dict(model.named_modules())
    for prefix in prefixes:
        if prefix not in modules:
            raise ValueError(f"freeze: the model has no module {prefix!r}")
        modules[prefix].eval().requires_grad_(False)
    for module in modules.values():
        if batch_norm and isinstance(module, _BatchNorm):
            module.eval().requires_grad_(False)


def _agreement(
    part: str, predicted: NDArray[np.float64] | None, store: PictureStore, indices: Indices
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
