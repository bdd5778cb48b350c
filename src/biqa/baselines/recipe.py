"""Recipes of hand-crafted methods: no epochs, and where scores are learned, a regression."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal

from biqa.errors import InputError
from biqa.protocols import Protocol, protocol_from


@dataclass(frozen=True)
class Regression:
    """Support vector regression from features to scores.

    Of several values of ``c`` and ``gamma`` the pair with the highest mean SRCC in ``folds``
    parts of the training part is taken; the test part has no say. One value each is fixed.
    """

    kernel: Literal["rbf", "linear"]
    c: tuple[float, ...]
    gamma: tuple[float, ...] = ()  # of the kernel exp(-gamma d^2); linear has none
    epsilon: float = 0.1  # errors below it count nothing; on the scale of labels
    scaling: Literal["none", "range"] = "none"  # range: features to [-1, 1] of the training part
    label_scale: float = 1.0  # the regression sees mos * label_scale
    folds: int = 5

    def __post_init__(self) -> None:
        if bool(self.gamma) != (self.kernel == "rbf"):
            raise InputError(
                f"regression: kernel is {self.kernel} and gamma is {list(self.gamma)}; rbf needs "
                "values of gamma, linear has none"
            )


@dataclass(frozen=True)
class BaselineRecipe:
    """How a hand-crafted method becomes predictions on one database.

    "svr" learns the regression on each training part. "opinion_unaware" learns nothing from
    scores. Nothing has epochs, so the protocol chooses the last of one.
    """

    kind: Literal["svr", "opinion_unaware"]
    protocol: Protocol
    regression: Regression | None = None
    seed: int = 0  # of the folds

    def __post_init__(self) -> None:
        if (self.kind == "svr") != (self.regression is not None):
            raise InputError(
                f"recipe: kind is {self.kind}, and a regression is "
                f"{'missing' if self.regression is None else 'given'}; svr needs one, "
                "opinion_unaware has none"
            )
        if self.protocol.choose != "last":
            raise InputError(
                f"recipe: protocol {self.protocol.name!r} chooses {self.protocol.choose}, but a "
                "hand-crafted method has no epochs; expected choose: last"
            )


def baseline_recipe(raw: Mapping[str, Any]) -> BaselineRecipe:
    """Freeze the recipe of a hand-crafted method."""
    parts = {
        "protocol": lambda value: protocol_from(value, "recipe: protocol"),
        "regression": lambda value: None if value is None else _frozen(Regression, value),
    }
    values = {key: parts[key](value) if key in parts else value for key, value in raw.items()}
    return _frozen(BaselineRecipe, values)


def plain_baseline(recipe: BaselineRecipe) -> dict[str, Any]:
    """Return the recipe as nested mappings and lists, every default written out."""
    return json.loads(json.dumps(asdict(recipe)))


def _frozen(kind: type, raw: Mapping[str, Any]) -> Any:
    known = [field.name for field in fields(kind)]
    unknown = sorted(raw.keys() - set(known))
    if unknown:
        raise InputError(f"recipe: unknown key {unknown[0]!r}; the keys are {', '.join(known)}")
    return kind(**{key: tuple(v) if isinstance(v, list) else v for key, v in raw.items()})
