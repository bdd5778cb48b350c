"""A network as a spec describes it, with the weights that it starts from."""

from pathlib import Path
from typing import Any

import torch

from biqa.models import create_model
from biqa.models.quality import QualityModel
from biqa.models.weights import WeightsRecord, load_file
from biqa.training.views import generator

SCNN_IGNORED = ("projection.", "classifier.")  # DBCNN uses the features of S-CNN alone


def starting_model(
    spec: dict[str, Any], *, seed: int, weights: Path | None, prior: Path | None
) -> QualityModel:
    """Build the model of ``spec`` (name, options, weights, prior) and load what it starts from.

    ``weights`` is the file that ``spec["weights"]`` names, ``prior`` that of the study's prior.
    Layers without weights of their own are drawn from ``seed``.
    """
    torch.manual_seed(int(generator(seed, 0).integers(2**62)))
    source = spec["weights"]
    if source.startswith("file:"):
        assert weights is not None, f"{source} was not handed to this step"
        source = weights
    model = create_model(spec["name"], weights=source, **spec["options"])
    if spec["prior"]:
        assert prior is not None, f"prior {spec['prior']['name']} was not handed to this step"
        model.weights_records.append(_load_prior(model, prior, spec["prior"]["kind"]))
    return model


def _load_prior(model: QualityModel, file: Path, kind: str) -> WeightsRecord:
    if kind == "distortion_classes":
        return load_file(model.get_submodule("scnn"), file, ignored=SCNN_IGNORED)
    return load_file(model, file)


def trained_model(spec: dict[str, Any], weights: Path) -> QualityModel:
    """Build the model of ``spec`` with the weights that a training wrote."""
    model = create_model(spec["name"], **spec["options"])
    load_file(model, weights)
    return model
