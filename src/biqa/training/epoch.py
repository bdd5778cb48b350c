"""One epoch of a training: batches, their views, steps."""

from collections.abc import Callable, Iterator

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LambdaLR

from biqa.models.quality import QualityModel
from biqa.recipes import Recipe
from biqa.training.frozen import KeptFeatures
from biqa.training.number_format import in_float32, number_format
from biqa.training.streaming import delivered
from biqa.training.views import Indices, RandomViews, generator

Loss = Callable[[Tensor, Tensor], Tensor]
SMALLEST_BATCH = 2  # one picture has no order, no spread, and no batch statistics


def train_epoch(
    model: QualityModel,
    views: RandomViews,
    indices: Indices,
    mos: Tensor,
    loss: Loss,
    optimizer: Optimizer,
    schedule: LambdaLR,
    recipe: Recipe,
    *,
    features: KeptFeatures | None = None,
) -> float:
    """Train for one pass over the pictures at ``indices``; return the mean loss a picture.

    ``mos`` lies on the model's device. With ``features`` the frozen backbone's are looked up in
    place of computed. A last batch of one picture is left out: the losses compare pictures with
    one another. Nothing waits for a GPU before the pass is over.
    """
    torch.manual_seed(int(generator(views.seed, views.epoch, 2).integers(2**62)))
    model.train()
    hold_still(model, recipe.freeze, batch_norm=recipe.freeze_batch_norm)
    order = generator(views.seed, views.epoch, 3)
    exact = in_float32(loss, recipe.hardware)
    batches = batches_of(indices, recipe.batch_size, order)
    losses = torch.zeros(len(batches), device=mos.device)
    for step, (batch, inputs) in enumerate(_inputs(model, views, batches, features)):
        labels = mos[torch.as_tensor(batch)] * recipe.label_scale
        with number_format(recipe.hardware):
            if features is None:
                value = model.training_loss(inputs, labels, exact)
            else:
                value = exact(model.score_of(inputs), labels)
        optimizer.zero_grad()
        value.backward()
        optimizer.step()
        schedule.step()
        losses[step] = value.detach()
    return _mean_loss(losses.cpu(), [len(batch) for batch in batches], views.epoch)


def _inputs(
    model: QualityModel,
    views: RandomViews,
    batches: list[Indices],
    features: KeptFeatures | None,
) -> Iterator[tuple[Indices, Tensor]]:
    """Yield each batch with its images, or with the features of the same views."""
    if features is not None:
        for batch in batches:
            yield batch, features(batch, views.mirrored(batch))
        return
    device = next(model.parameters()).device
    cut = ((batch, views.pixels(batch)) for batch in batches)
    for batch, pixels in delivered(cut, device, views.resident):
        yield batch, model.inputs_of(pixels, device)


def _mean_loss(losses: Tensor, sizes: list[int], epoch: int) -> float:
    """Return the mean loss a picture; raise if a batch's loss is not finite."""
    failed = (~torch.isfinite(losses)).nonzero().flatten().tolist()
    if failed:
        raise FloatingPointError(
            f"epoch {epoch}: the loss is {losses[failed[0]].item()} after "
            f"{sum(sizes[: failed[0]])} pictures; a lower lr in the recipe may help"
        )
    return (losses.double() @ torch.tensor(sizes, dtype=torch.float64)).item() / sum(sizes)


def batches_of(indices: Indices, size: int, order: np.random.Generator) -> list[Indices]:
    """Return the pictures at ``indices`` in an order of ``order``, in batches of ``size``."""
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
