"""Full-size models have the parameters of the networks they stand for."""

import json

import pytest
import torch

from biqa.models import create_model
from biqa.models.scnn import SCNN

TOTALS = {
    "cnniqa": 724_901,
    "dbcnn": 15_311_345,
    "metaiqa": 13_242_923,
    "resnet18": 11_177_025,
    "resnet34": 21_285_185,
    "resnet50": 23_510_081,
    "vgg16": 14_715_201,
    "timm/mobilenetv2_100": 2_225_153,
}


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
        ("metaiqa", "MetaIQA", {"encoder": "resnet_layer"}),
        ("scnn", "S-CNN", {part: part for part in ("features", "projection", "classifier")}),
    ],
)
def test_every_part_has_the_size_of_the_released_code(name, entry, children, references_folder):
    models = json.loads((references_folder / "models.json").read_text())["models"]
    expected = next(model for model in models if model["name"] == entry)
    with torch.device("meta"):
        model = SCNN() if name == "scnn" else create_model(name)
    assert n_parameters(model) == expected["parameters"]
    for ours, theirs in children.items():
        assert n_parameters(model.get_submodule(ours)) == expected["by_child"][theirs]


@pytest.mark.data
def test_dbcnn_has_the_feature_maps_of_the_released_code(references_folder):
    models = json.loads((references_folder / "models.json").read_text())["models"]
    runs = next(model for model in models if model["name"] == "DBCNN")["runs"]
    with torch.device("meta"):
        model = create_model("dbcnn")
        for run in runs:
            images = torch.empty(run["input"])
            assert list(model.vgg(images).shape) == run["intermediate"]["features1"]
            assert list(model.scnn(images).shape) == run["intermediate"]["features2"]
