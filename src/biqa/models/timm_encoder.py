"""Any encoder of timm with its own pooling and a linear head."""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any

import timm
from torch import Tensor

from biqa.errors import InputError
from biqa.models.pooled import PooledEncoder
from biqa.models.quality import PretrainedPart, QualityModel, Triple

NAMES = ("timm/<encoder>",)


def build(
    name: str,
    *,
    encoder_options: Mapping[str, Any] | None = None,
    mean: Sequence[float] | None = None,
    std: Sequence[float] | None = None,
    head_std: float = 0.001,
) -> QualityModel:
    """Return timm's encoder (``name`` after ``timm/``) as a quality model.

    ``encoder_options`` go to ``timm.create_model``. ``mean`` and ``std`` default to what timm
    states for the encoder's own weights; weights from elsewhere may need others.
    """
    encoder_name = name.removeprefix("timm/")
    options = dict(encoder_options or {})
    _check(encoder_name, options)
    try:
        encoder: Any = timm.create_model(encoder_name, pretrained=False, num_classes=0, **options)
    except TypeError as error:
        raise InputError(f"model {name}: encoder_options {options}: {error}") from error

    def download() -> Mapping[str, Tensor]:
        return timm.create_model(
            encoder_name, pretrained=True, num_classes=0, **options
        ).state_dict()

    stated = encoder.pretrained_cfg
    classifier = stated["classifier"]
    classifiers = (classifier,) if isinstance(classifier, str) else tuple(classifier or ())
    return PooledEncoder(
        encoder,
        getattr(encoder, "head_hidden_size", encoder.num_features),
        pretrained=PretrainedPart("encoder", tuple(f"{layer}." for layer in classifiers), download),
        head_std=head_std,
        mean=_triple("mean", stated["mean"] if mean is None else mean),
        std=_triple("std", stated["std"] if std is None else std),
    )


def _check(encoder: str, options: Mapping[str, Any]) -> None:
    if not timm.is_model(encoder):
        near = ", ".join(get_close_matches(encoder, timm.list_models()))
        hint = f"did you mean {near}?" if near else "timm.list_models() names them all"
        raise InputError(f"model timm/{encoder}: timm has no such encoder; {hint}")
    ours = sorted(options.keys() & {"pretrained", "num_classes", "checkpoint_path"})
    if ours:
        raise InputError(
            f"model timm/{encoder}: encoder_options cannot set {', '.join(ours)}; "
            "use the model's weights"
        )


def _triple(option: str, values: Sequence[float]) -> Triple:
    if len(values) != 3:
        raise InputError(f"{option} is {list(values)}, expected three numbers, for R, G and B")
    red, green, blue = map(float, values)
    return red, green, blue
