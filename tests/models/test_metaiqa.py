"""The network of MetaIQA, in both readings."""

import numpy as np
import pytest
import torch
from torch.testing import assert_close

from biqa.errors import InputError
from biqa.models import create_model


@pytest.fixture
def images(rng) -> torch.Tensor:
    return torch.tensor(rng.random(size=(2, 3, 64, 64)), dtype=torch.float32)


def test_released_code_goes_from_logits_through_batch_norm_and_prelu_to_a_sigmoid(images, rng):
    model = create_model("metaiqa", width=0.1, classes=10, hidden=(6, 4)).eval()
    with torch.no_grad():
        for layer in (1, 5):
            norm = model.hidden[layer]
            for values in (norm.weight, norm.bias, norm.running_mean):
                values.copy_(torch.tensor(rng.normal(size=values.shape)))
    weights = {name: value.numpy().astype(float) for name, value in model.state_dict().items()}
    with torch.no_grad():
        vector, scores = model.encoder(images).numpy().astype(float), model(images)
    assert vector.shape == (2, 10)
    for linear, norm, prelu in ((0, 1, 2), (4, 5, 6)):
        vector = vector @ weights[f"hidden.{linear}.weight"].T + weights[f"hidden.{linear}.bias"]
        scale = weights[f"hidden.{norm}.weight"] / np.sqrt(
            weights[f"hidden.{norm}.running_var"] + 1e-5
        )
        shift = weights[f"hidden.{norm}.bias"]
        vector = (vector - weights[f"hidden.{norm}.running_mean"]) * scale + shift
        vector = np.where(vector > 0, vector, weights[f"hidden.{prelu}.weight"] * vector)
    logits = vector @ weights["fc.weight"][0] + weights["fc.bias"]
    assert_close(scores.double().numpy(), 1 / (1 + np.exp(-logits)), rtol=1e-5, atol=1e-6)


def test_paper_goes_from_pooled_features_through_one_layer(images):
    model = create_model("metaiqa", variant="paper", width=0.1, hidden=(6,)).eval()
    with torch.no_grad():
        features = model.encoder(images)
        assert features.shape == (2, 51)
        hidden = (features @ model.hidden[0].weight.T + model.hidden[0].bias).clamp(min=0)
        expected = hidden @ model.fc.weight[0] + model.fc.bias
        assert_close(model(images), expected)


def test_usual_sizes_are_those_of_the_variant():
    with torch.device("meta"):
        sizes = {
            variant: [
                layer.out_features
                for layer in create_model("metaiqa", variant=variant).hidden
                if isinstance(layer, torch.nn.Linear)
            ]
            for variant in ("released_code", "paper")
        }
    assert sizes == {"released_code": [1024, 512], "paper": [512]}


@pytest.mark.parametrize("mos_mean", [0.0, 1.0, 3.2])
def test_a_sigmoid_cannot_start_outside_0_to_1(mos_mean):
    model = create_model("metaiqa", width=0.1, classes=10, hidden=(6, 4))
    with pytest.raises(InputError, match=f"training part is {mos_mean}"):
        model.initial_bias(mos_mean)


def test_the_1000_way_classifier_belongs_to_the_backbone():
    model = create_model("metaiqa", width=0.1, classes=10, hidden=(6, 4))
    backbone = model.parameter_groups(lr=1e-2, backbone_lr=1e-4)[0]
    assert any(parameter is model.encoder.fc.weight for parameter in backbone["params"])
