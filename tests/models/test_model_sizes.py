"""Full-size models have the parameters of the networks they stand for."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch

from biqa.models import create_model
from biqa.models.scnn import SCNN

TOTALS = {
    "cnniqa": 724_901,
    "dbcnn": 15_311_345,
    "hyperiqa": 27_375_369,
    "linearity": 90_453_443,
    "maniqa": 135_747_530 - 21_582_952,  # less what gets no gradient in the released code
    "metaiqa": 13_242_923,
    "resnet18": 11_177_025,
    "resnet34": 21_285_185,
    "resnet50": 23_510_081,
    "tres": 152_452_265 - 2_049_000,  # less the ResNet's unused classifier
    "vgg16": 14_715_201,
    "wadiqam": 5_238_562,
    "timm/mobilenetv2_100": 2_225_153,
}


HYPER = ("conv1", *(f"fc{layer}{part}" for layer in range(1, 5) for part in ("w_conv", "b_fc")))
WADIQAM = (
    *(f"conv{number}" for number in range(1, 11)),
    *("fc1q_nr", "fc2q_nr", "fc1w_nr", "fc2w_nr"),
)


def reference_of(entry: str, folder: Path) -> dict[str, Any]:
    models = json.loads((folder / "models.json").read_text())["models"]
    return next(model for model in models if model["name"] == entry)


def n_parameters(module: torch.nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


@pytest.mark.parametrize("name", TOTALS)
def test_a_model_has_the_published_number_of_parameters(name):
    with torch.device("meta"):
        assert n_parameters(create_model(name)) == TOTALS[name]


def test_scnn_has_the_published_number_of_parameters():
    with torch.device("meta"):
        assert n_parameters(SCNN()) == 640_983


@pytest.mark.data
@pytest.mark.parametrize(
    ("name", "entry", "children"),
    [
        ("cnniqa", "CNNIQA", {"conv1": "conv1", "fc1": "fc1", "fc2": "fc2", "fc3": "fc3"}),
        ("dbcnn", "DBCNN", {"vgg": "features1", "scnn": "features2", "fc": "fc"}),
        ("hyperiqa", "HyperIQA", {part: part for part in HYPER}),
        ("metaiqa", "MetaIQA", {"encoder": "resnet_layer"}),
        ("scnn", "S-CNN", {part: part for part in ("features", "projection", "classifier")}),
        ("wadiqam", "WaDIQaM-NR", {part: part for part in WADIQAM}),
    ],
)
def test_every_part_has_the_size_of_the_released_code(name, entry, children, references_folder):
    expected = reference_of(entry, references_folder)
    with torch.device("meta"):
        model = SCNN() if name == "scnn" else create_model(name)
    assert n_parameters(model) == expected["parameters"]
    for ours, theirs in children.items():
        assert n_parameters(model.get_submodule(ours)) == expected["by_child"][theirs]


@pytest.mark.data
def test_maniqa_has_the_parts_that_reach_the_score_of_the_released_code(references_folder):
    expected = reference_of("MANIQA", references_folder)
    sizes = dict(expected["by_child"])
    for part, n_unused in expected["unused"].items():
        sizes[part.partition(".")[0]] -= n_unused
    with torch.device("meta"):
        model = create_model("maniqa")
    assert {name: n_parameters(child) for name, child in model.named_children()} == sizes


@pytest.mark.data
def test_tres_has_the_parts_of_the_released_code_but_the_classifier(references_folder):
    expected = reference_of("TReS-resnet50", references_folder)["by_child"]
    with torch.device("meta"):
        model = create_model("tres")
    sizes = {name: n_parameters(child) for name, child in model.named_children()}
    assert sizes["encoder"] == expected["model"] - 2_049_000
    assert sizes["transformer"] + sizes["norm"] == expected["transformer"]
    assert (sizes["fc2"], sizes["fc"]) == (expected["fc2"], expected["fc"])


LINEARITY = {
    "LinearityIQA-resnet18": {"encoder": "resnet18"},
    "LinearityIQA-resnet50": {"encoder": "resnet50"},
    "LinearityIQA-resnet18-use_bn_end=True": {"encoder": "resnet18", "bn_end": True},
    "LinearityIQA-resnet18-pool=mean+std": {"encoder": "resnet18", "pool": "mean+std"},
    "LinearityIQA-resnet50-P6=2-P7=2": {"encoder": "resnet50", "levels": (2, 2)},
}


@pytest.mark.data
@pytest.mark.parametrize("entry", LINEARITY)
def test_linearity_has_the_sizes_of_the_released_code(entry, references_folder):
    expected = reference_of(entry, references_folder)
    with torch.device("meta"):
        model = create_model("linearity", **LINEARITY[entry])
    sizes = {name: n_parameters(child) for name, child in model.named_children()}
    sizes["features"] = sizes.pop("encoder")
    assert sizes == expected["by_child"]


@pytest.mark.data
def test_dbcnn_has_the_feature_maps_of_the_released_code(references_folder):
    runs = reference_of("DBCNN", references_folder)["runs"]
    with torch.device("meta"):
        model = create_model("dbcnn")
        for run in runs:
            images = torch.empty(run["input"])
            assert list(model.vgg(images).shape) == run["intermediate"]["features1"]
            assert list(model.scnn(images).shape) == run["intermediate"]["features2"]
