"""Recipes: everything about a training that changes its bits, as frozen data."""

import json
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal

from biqa.errors import InputError
from biqa.protocols import Protocol


@dataclass(frozen=True)
class Hardware:
    """What the machine is asked to do; each of these changes bits, so the recipe owns them."""

    device: Literal["cpu", "cuda"] = "cpu"
    dtype: Literal["float32", "bfloat16"] = "float32"  # bfloat16: autocast of the forward pass
    threads: int = 1  # of torch, on the CPU; never more than the machine was given


@dataclass(frozen=True)
class Views:
    """What the network sees of a picture."""

    crop: int  # side of the square random crop in training, in pixels; 0: the whole picture
    flip: bool = True  # mirror half of the crops, left to right
    test_crop: int = 0  # side of the central crop that is judged; 0: the whole picture


Optimizer = Literal["adam", "adamw", "sgd"]
Schedule = Literal["constant", "cosine", "step", "compounding_step"]


@dataclass(frozen=True)
class Stage:
    """Some epochs of a training with an optimiser of their own; None: as the recipe says."""

    epochs: int
    batch_size: int | None = None
    lr: float | None = None
    optimizer: Optimizer | None = None
    backbone_lr: float | None = None
    freeze: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Recipe:
    """How one network is trained on one database with one loss."""

    protocol: Protocol
    views: Views
    epochs: int  # 0: judged as it starts
    batch_size: int  # pictures a step
    lr: float  # of the parts that start at random
    seed: int = 0
    passes: int = 1  # over the training pictures an epoch, each with crops of its own
    optimizer: Optimizer = "adam"
    backbone_lr: float | None = None  # of the pretrained parts; None: the same as ``lr``
    weight_decay: float = 0.0
    betas: tuple[float, float] = (0.9, 0.999)
    momentum: float = 0.9  # of sgd
    schedule: Schedule = "constant"
    backbone_schedule: Schedule | None = None  # of the pretrained parts; None: the same
    cosine_steps: int = 0  # of 'cosine': steps to zero, then as many back; 0: all, once
    step_epochs: int = 10  # of the two steps: epochs between two decays
    step_factor: float = 0.1  # of the two steps: what a decay multiplies the rates with
    label_scale: float = 1.0  # the loss sees mos * label_scale; predictions are divided by it
    freeze: tuple[str, ...] = ()  # modules that keep their first weights and statistics
    freeze_batch_norm: bool = False  # the same for every batch-norm layer
    stages: tuple[Stage, ...] = ()  # one after another; each starts its optimiser and schedule anew
    reuse_frozen: bool = False  # compute once a picture what a stage freezes; last digits change
    frozen_stem: tuple[str, ...] = ()  # first modules, held still: crops are cut from their maps
    hardware: Hardware = Hardware()

    def __post_init__(self) -> None:
        total = sum(stage.epochs for stage in self.stages)
        if self.stages and total != self.epochs:
            raise InputError(f"recipe: epochs is {self.epochs}, but its stages have {total}")
        if self.reuse_frozen and self.frozen_stem:
            raise InputError("recipe: reuse_frozen and frozen_stem exclude each other; take one")
        crops = self.views.crop, self.views.test_crop
        if self.reuse_frozen and any(crops):
            raise InputError(
                f"recipe: reuse_frozen is for whole pictures, crop 0 and test_crop 0, not {crops}"
            )


@dataclass(frozen=True)
class PriorRecipe:
    """How a network is prepared on one database before it meets another.

    ``bilevel`` is the meta-learning of MetaIQA (Zhu et al., CVPR 2020, section 3.2): each step
    draws ``tasks_per_step`` distortions (k), takes ``inner_steps`` (s) Adam steps on each one's
    support set and as many on its query set, first order only, and moves the shared weights by
    ``outer_lr`` times the mean of the k displacements. ``pooled`` is its baseline: Adam on
    batches of all distortions together, with as many gradient steps. ``distortion_classes``
    trains a classifier of distortion type and level (S-CNN of DBCNN, Zhang et al., TCSVT 2020).
    ``variant`` "released_code" is the bi-level scheme as MetaIQA's code does it, with other
    meanings of some keys (``biqa.training.released``); "released_code_kadid10k" is that code's
    part for KADID-10k, on whatever database.
    """

    kind: Literal["bilevel", "pooled", "distortion_classes"]
    views: Views
    steps: int  # outer steps
    lr: float  # of Adam; of the inner loop when bilevel
    batch_size: int  # pictures in a support or query batch, or in a pooled batch
    seed: int = 0
    variant: Literal["paper", "released_code", "released_code_kadid10k"] = "paper"  # of bilevel
    head_lr: float | None = None  # of the released code: of what is not the backbone; None: ``lr``
    tasks_per_step: int = 5
    inner_steps: int = 6
    outer_lr: float = 1.0
    decay_steps: int = 0  # outer steps between two decays of ``lr``; 0: none
    decay_factor: float = 0.8
    betas: tuple[float, float] = (0.9, 0.99)
    weight_decay: float = 0.0
    query_fraction: float = 0.5  # of each distortion's pictures, by reference
    hardware: Hardware = Hardware()

    def __post_init__(self) -> None:
        if self.variant == "paper" and self.head_lr is None:
            return
        if self.kind != "bilevel" or self.variant == "paper":
            raise InputError("recipe: variant released_code is of kind bilevel, head_lr is its own")
        if self.inner_steps != 1:
            raise InputError(
                f"recipe: inner_steps is {self.inner_steps}, but the released code takes 1 a batch"
            )


_PARTS: dict[str, type] = {"protocol": Protocol, "views": Views, "hardware": Hardware}


def training_recipe(raw: dict[str, Any]) -> Recipe:
    """Freeze the recipe of a training."""
    return Recipe(**_values(Recipe, raw))


def prior_recipe(raw: dict[str, Any]) -> PriorRecipe:
    """Freeze the recipe of a prior."""
    return PriorRecipe(**_values(PriorRecipe, raw))


def _values(kind: type, raw: dict[str, Any]) -> dict[str, Any]:
    """Turn parts into their dataclasses, lists into tuples."""
    known = {field.name for field in fields(kind)}
    unknown = sorted(raw.keys() - known)
    if unknown:
        raise InputError(f"recipe: unknown key {unknown[0]!r}; the keys are {', '.join(known)}")
    values: dict[str, Any] = {}
    for key, value in raw.items():
        part = _PARTS.get(key)
        if part is not None:
            value = part(**_values(part, value))
        if key == "stages":
            value = [Stage(**_values(Stage, stage)) for stage in value]
        values[key] = tuple(value) if isinstance(value, list) else value
    return values


def plain(recipe: Recipe | PriorRecipe | Protocol) -> dict[str, Any]:
    """Return the recipe as nested mappings and lists, every default written out."""
    return json.loads(json.dumps(asdict(recipe)))
