"""ResNets, VGG16 and timm's encoders, against the libraries that define them."""

import numpy as np
import pytest
import timm
import torch
import torchvision
from torch.testing import assert_close

from biqa.errors import InputError
from biqa.models import create_model
from biqa.models.resnet import ResNetEncoder
from biqa.models.vgg16 import vgg16_features
from biqa.models.weights import fit


@pytest.mark.parametrize("name", ["resnet18", "resnet34", "resnet50"])
def test_resnet_at_width_1_is_the_network_of_torchvision(name, rng):
    theirs = torchvision.models.get_model(name, num_classes=7).eval()
    ours = ResNetEncoder(name, classes=7).eval()
    with torch.no_grad():
        for buffer_name, buffer in theirs.named_buffers():
            if buffer_name.endswith("running_mean"):
                buffer.copy_(torch.tensor(rng.normal(size=buffer.shape) / 10))
    fit(ours, theirs.state_dict(), where="torchvision")
    images = torch.tensor(rng.random(size=(2, 3, 64, 75)), dtype=torch.float32)
    with torch.no_grad():
        assert_close(ours(images), theirs(images))


def test_resnet_scores_are_a_linear_map_of_the_pooled_features(rng):
    model = create_model("resnet18", width=0.1, head_std=1.0).eval()
    images = torch.tensor(rng.random(size=(2, 3, 64, 64)), dtype=torch.float32)
    before_pooling = torch.nn.Sequential(*list(model.encoder.children())[:-2])
    with torch.no_grad():
        features = before_pooling(images).numpy().mean(axis=(2, 3))
        expected = features @ model.head.weight.numpy()[0] + model.head.bias.numpy()
        assert_close(model(images).numpy(), expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(("width", "channels"), [(0.5, 256), (0.1, 51), (0.001, 1)])
def test_width_scales_the_channels(width, channels):
    assert ResNetEncoder("resnet18", width=width).n_features == channels
    assert vgg16_features(width=width)(torch.zeros(1, 3, 64, 96)).shape == (1, channels, 2, 3)


def test_vgg16_has_the_layers_of_torchvision():
    with torch.device("meta"):
        theirs = torchvision.models.vgg16()
        ours = create_model("vgg16").encoder
    assert repr(ours.features) == repr(theirs.features)
    shapes = {name: value.shape for name, value in theirs.state_dict().items() if "feat" in name}
    assert {name: value.shape for name, value in ours.state_dict().items()} == shapes


def test_vgg16_from_random_weights_does_not_fade_out(rng):
    features = vgg16_features(width=0.25)
    images = torch.tensor(rng.normal(size=(2, 3, 64, 64)), dtype=torch.float32)
    with torch.no_grad():
        assert 0.1 < features(images).std() < 10


@pytest.mark.parametrize("name", ["resnet18", "vgg16"])
def test_head_std_is_the_spread_of_the_last_weights(name):
    torch.manual_seed(5)
    weights = create_model(name, head_std=0.02).last_layer().weight
    assert weights.std().item() == pytest.approx(0.02, rel=0.15)
    assert create_model(name).last_layer().weight.std().item() == pytest.approx(0.001, rel=0.15)


def test_timm_scores_are_a_linear_map_of_timms_features(rng):
    model = create_model("timm/test_vit", head_std=1.0).eval()
    theirs = timm.create_model("test_vit", num_classes=0).eval()
    theirs.load_state_dict(model.encoder.state_dict())
    images = torch.tensor(rng.random(size=(2, 3, 160, 160)), dtype=torch.float32)
    with torch.no_grad():
        expected = theirs(images) @ model.head.weight[0] + model.head.bias
        assert_close(model(images), expected)


def test_timm_head_fits_encoders_whose_pooled_features_pass_another_layer(rng):
    model = create_model("timm/mobilenetv3_small_050").eval()
    images = torch.tensor(rng.random(size=(2, 3, 64, 64)), dtype=torch.float32)
    assert model(images).shape == (2,)


def test_timm_encoder_options_reach_the_encoder(rng):
    torch.manual_seed(3)
    same = create_model("timm/mobilenetv2_035", encoder_options={"pad_type": "same"}).eval()
    usual = create_model("timm/mobilenetv2_035").eval()
    usual.load_state_dict(same.state_dict())
    images = torch.tensor(rng.random(size=(2, 3, 64, 64)), dtype=torch.float32)
    with torch.no_grad():
        assert not np.allclose(same(images), usual(images), rtol=1e-6, atol=0)


def test_timm_normalisation_is_timms_unless_given():
    assert create_model("timm/test_vit").mean == (0.5, 0.5, 0.5)
    assert create_model("timm/mobilenetv2_035").std == (0.229, 0.224, 0.225)
    given = create_model("timm/test_vit", mean=[0, 0.1, 0.2], std=[1, 2, 3])
    assert (given.mean, given.std) == ((0.0, 0.1, 0.2), (1.0, 2.0, 3.0))


@pytest.mark.parametrize(
    ("encoder", "options", "message"),
    [
        ("mobilenetv2_10", {}, "no such encoder; did you mean mobilenetv2_1"),
        ("test_vit", {"mean": [0.5]}, r"mean is \[0.5\], expected three"),
        ("test_vit", {"encoder_options": {"pretrained": True}}, "cannot set pretrained"),
        ("test_resnet", {"encoder_options": {"colour": 1}}, "encoder_options .*colour"),
    ],
)
def test_timm_refuses_what_it_cannot_build(encoder, options, message):
    with pytest.raises(InputError, match=message):
        create_model(f"timm/{encoder}", **options)
