"""A network parted behind its first modules is the network."""

import pytest
import torch

from biqa.errors import InputError
from biqa.models import create_model
from biqa.models.stem import Stem, after_stem

NETWORKS = {
    "timm/mobilenetv2_100": (
        ["encoder.conv_stem", "encoder.bn1", "encoder.blocks.0", "encoder.blocks.1"],
        4,
    ),
    "timm/resnet10t": (["encoder.conv1", "encoder.bn1", "encoder.act1", "encoder.maxpool"], 4),
    "vgg16": (["encoder.features.0"], 1),
}


def network(name):
    torch.manual_seed(1)
    sizes = {"width": 0.125} if name == "vgg16" else {}
    return create_model(name, weights="none", **sizes).eval()


@pytest.mark.parametrize("name", NETWORKS)
def test_stem_and_rest_are_the_network(name, rng):
    modules, stride = NETWORKS[name]
    model = network(name)
    images = torch.tensor(rng.normal(size=(2, 3, 96, 64)), dtype=torch.float32)
    stem, rest = Stem(model, modules), after_stem(model, modules).eval()
    maps = stem(images)
    assert stem.stride == stride
    assert maps.shape[2:] == (96 // stride, 64 // stride)
    with torch.no_grad():
        assert torch.equal(rest(maps.clone()), model(images))  # some layers work in place
    with torch.no_grad():  # the rest is a copy: what it learns does not reach the network
        for weight in rest.parameters():
            weight.add_(1.0)
    torch.testing.assert_close(Stem(model, modules)(images), maps, rtol=0, atol=0)


@pytest.mark.parametrize("name", NETWORKS)
def test_the_rest_has_all_weights_but_the_stems_under_their_names(name):
    modules, _ = NETWORKS[name]
    model = network(name)
    rest = after_stem(model, modules).state_dict()
    prefixes = tuple(f"{module}." for module in modules)
    expected = {key for key in model.state_dict() if not key.startswith(prefixes)}
    assert set(rest) == expected


def test_a_stem_in_training_mode_keeps_its_statistics(rng):
    modules, _ = NETWORKS["timm/mobilenetv2_100"]
    model = network("timm/mobilenetv2_100").train()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    Stem(model, modules)(torch.tensor(rng.normal(size=(2, 3, 64, 64)), dtype=torch.float32))
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())


@pytest.mark.parametrize(
    "modules",
    [
        ["encoder.bn1"],
        ["encoder.conv_stem", "encoder.blocks.0"],
        ["encoder.conv_stem", "encoder.bn1", "encoder.blocks.1"],
        ["encoder.bn1", "encoder.conv_stem"],
        ["head"],
    ],
)
def test_modules_that_are_not_the_first_are_refused(modules):
    with pytest.raises(InputError, match="are not the first modules of the network"):
        Stem(network("timm/mobilenetv2_100"), modules)


def test_an_unknown_module_is_refused_with_some_that_there_are():
    with pytest.raises(InputError, match=r"no module 'encoder\.blok'; it has.* encoder\.conv_stem"):
        Stem(network("timm/mobilenetv2_100"), ["encoder.blok"])


def test_a_stem_without_maps_is_refused():
    with pytest.raises(InputError, match=r"has maps of shape \(1280,\); crops cannot be cut"):
        Stem(network("timm/mobilenetv2_100"), ["encoder"])
