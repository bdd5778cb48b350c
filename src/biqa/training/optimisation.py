"""Optimiser and schedule of a recipe."""

import math
from functools import partial

import torch
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LambdaLR

from biqa.models.quality import QualityModel
from biqa.recipes import Recipe, Schedule


def optimizer_of(model: QualityModel, recipe: Recipe) -> Optimizer:
    """Return the recipe's optimiser over the head's and the backbone's parameters."""
    groups = model.parameter_groups(lr=recipe.lr, backbone_lr=recipe.backbone_lr or recipe.lr)
    for group in groups:
        group["params"] = [weight for weight in group["params"] if weight.requires_grad]
    groups = [group for group in groups if group["params"]]
    decay = recipe.weight_decay
    match recipe.optimizer:
        case "adam":
            return torch.optim.Adam(groups, betas=recipe.betas, weight_decay=decay, fused=True)
        case "adamw":
            return torch.optim.AdamW(groups, betas=recipe.betas, weight_decay=decay, fused=True)
        case "sgd":
            return torch.optim.SGD(groups, momentum=recipe.momentum, weight_decay=decay, fused=True)


def schedule_of(optimizer: Optimizer, recipe: Recipe, steps_per_epoch: int) -> LambdaLR:
    """Return the schedule, stepped once a gradient step.

    ``cosine`` falls from the full rate to zero over all epochs (Loshchilov and Hutter, 2017,
    without restarts), or over ``cosine_steps`` gradient steps and rises over as many again, as
    where a released code steps its epochs' schedule once a batch; ``step`` multiplies by
    ``step_factor`` every ``step_epochs`` epochs; ``compounding_step`` multiplies the rate of the
    epoch before, not the first, by that factor, as MetaIQA's released code does. The
    backbone may have a schedule of its own.
    """

    def factor(schedule: Schedule, step: int) -> float:
        match schedule:
            case "constant":
                return 1.0
            case "cosine":
                half = recipe.cosine_steps or recipe.epochs * steps_per_epoch
                return 0.5 * (1 + math.cos(math.pi * step / half))
            case "step":
                epoch = step // steps_per_epoch
                return recipe.step_factor ** (epoch // recipe.step_epochs)
            case "compounding_step":
                epoch = step // steps_per_epoch
                return recipe.step_factor ** sum(e // recipe.step_epochs for e in range(epoch + 1))

    backbone = recipe.backbone_schedule or recipe.schedule
    names = [group.get("name") for group in optimizer.param_groups]
    schedules = [backbone if name == "backbone" else recipe.schedule for name in names]
    return LambdaLR(optimizer, [partial(factor, schedule) for schedule in schedules])
