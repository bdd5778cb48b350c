"""Weights are loaded whole or refused with counts and names."""

import hashlib

import pytest
import torch
import torchvision
from safetensors.torch import save_file
from torch import nn
from torch.testing import assert_close

from biqa.errors import InputError
from biqa.models import create_model, resnet
from biqa.models.scnn import SCNN
from biqa.models.weights import fit, load_file, load_weights

SMALL = {"name": "resnet18", "width": 0.1}


@pytest.fixture
def encoder_file(tmp_path):
    """A file as published: the encoder's names, and a classifier we do not have."""
    encoder = create_model(**SMALL).encoder
    tensors = encoder.state_dict() | {"fc.weight": torch.ones(10, 51), "fc.bias": torch.ones(10)}
    save_file(tensors, tmp_path / "encoder.safetensors")
    return tmp_path / "encoder.safetensors", tensors


def test_an_encoder_file_fills_the_encoder_and_leaves_its_classifier_out(encoder_file):
    path, tensors = encoder_file
    model = create_model(**SMALL, weights=f"file:{path}")
    for name, tensor in model.encoder.state_dict().items():
        assert torch.equal(tensor, tensors[name]), name
    (record,) = model.weights_records
    assert record.source == f"file:{path}"
    assert record.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert record.n_loaded == len(tensors) - 2
    assert record.ignored == ("fc.bias", "fc.weight")


def test_a_file_of_the_whole_model_fills_the_head_too(tmp_path):
    trained = create_model(**SMALL)
    save_file(trained.state_dict(), tmp_path / "whole.safetensors")
    model = create_model(**SMALL)
    record = load_weights(model, tmp_path / "whole.safetensors")
    assert record.n_loaded == len(trained.state_dict())
    assert torch.equal(model.head.weight, trained.head.weight)
    assert torch.equal(model.encoder.conv1.weight, trained.encoder.conv1.weight)


def test_metaiqa_takes_the_classifier_of_imagenet_files(tmp_path):
    theirs = torchvision.models.resnet18(num_classes=10)
    save_file(theirs.state_dict(), tmp_path / "resnet18.safetensors")
    source = f"file:{tmp_path / 'resnet18.safetensors'}"
    model = create_model("metaiqa", classes=10, hidden=(6, 4), weights=source)
    assert torch.equal(model.encoder.fc.weight, theirs.fc.weight)
    paper = create_model("metaiqa", variant="paper", weights=source)
    assert paper.weights_records[0].ignored == ("fc.bias", "fc.weight")


def test_a_shorter_file_is_refused_with_counts_and_names(encoder_file, tmp_path):
    _, tensors = encoder_file
    del tensors["conv1.weight"]
    tensors["conv9.weight"] = torch.zeros(2)
    tensors["bn1.bias"] = torch.zeros(5)
    save_file(tensors, tmp_path / "odd.safetensors")
    with pytest.raises(InputError) as refused:
        create_model(**SMALL, weights=f"file:{tmp_path / 'odd.safetensors'}")
    message = str(refused.value)
    assert "odd.safetensors: these weights are not for this ResNetEncoder" in message
    assert "1 of 120 missing (conv1.weight)" in message
    assert "1 of 120 unknown (conv9.weight)" in message
    assert "1 of 120 of another shape (bn1.bias is (5,), expected (6,))" in message


def test_a_refusal_names_the_first_few_only_and_changes_nothing():
    layer = nn.Sequential(*(nn.Linear(1, 1) for _ in range(4)))
    before = {name: value.clone() for name, value in layer.state_dict().items()}
    with pytest.raises(InputError, match=r"7 of 8 missing \(0.bias, 1.weight, 1.bias, ...\)"):
        fit(layer, {"0.weight": torch.full((1, 1), 9.0)}, where="here")
    assert_close(layer.state_dict(), before)


def test_counters_of_batch_normalisation_may_be_absent():
    norm = nn.BatchNorm1d(2)
    tensors = {name: value + 1 for name, value in norm.state_dict().items() if "num" not in name}
    assert fit(norm, tensors, where="here").n_loaded == 4
    assert torch.equal(norm.running_mean, torch.ones(2))


def test_scnn_weights_saved_by_several_devices_fill_scnn_and_dbcnn(tmp_path):
    scnn = SCNN(width=0.1)
    tensors = {f"module.{name}": value for name, value in scnn.state_dict().items()}
    save_file(tensors, tmp_path / "scnn.safetensors")
    again = SCNN(width=0.1)
    assert load_file(again, tmp_path / "scnn.safetensors").n_loaded == len(tensors)
    assert_close(again.state_dict(), scnn.state_dict(), rtol=0, atol=0)
    model = create_model("dbcnn", width=0.1, scnn_weights=tmp_path / "scnn.safetensors")
    assert_close(model.scnn.features.state_dict(), scnn.features.state_dict(), rtol=0, atol=0)
    (record,) = model.weights_records
    assert len(record.ignored) == 16
    assert record.n_loaded == 63


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(InputError, match=r"none.safetensors: cannot read these weights \(No such"):
        create_model(**SMALL, weights=f"file:{tmp_path / 'none.safetensors'}")


def test_a_file_of_another_kind_is_named(tmp_path):
    (tmp_path / "text.safetensors").write_text("not weights at all")
    with pytest.raises(InputError, match=r"text\.safetensors: not a safetensors file"):
        create_model(**SMALL, weights=f"file:{tmp_path / 'text.safetensors'}")


def test_an_unknown_source_is_answered_with_the_known_ones():
    with pytest.raises(
        InputError, match="unknown weights 'imagenet'; write none, hub or file:<path>"
    ):
        create_model(**SMALL, weights="imagenet")


def test_no_weights_leave_no_record():
    assert create_model(**SMALL).weights_records == []


def test_a_model_without_published_weights_has_no_hub():
    with pytest.raises(InputError, match="CNNIQA: no library offers weights"):
        create_model("cnniqa", kernels=2, hidden=(3, 2), weights="hub")


def test_hub_weights_fill_the_encoder(monkeypatch):
    theirs = torchvision.models.resnet18()
    monkeypatch.setattr(resnet, "get_model", lambda name, **options: theirs)
    model = create_model("resnet18", weights="hub")
    assert torch.equal(model.encoder.layer4[1].conv2.weight, theirs.layer4[1].conv2.weight)
    assert model.weights_records[0].source == "hub"


def test_a_failed_download_says_what_to_do_instead(monkeypatch):
    def offline(name, **options):
        raise ConnectionError("no route")

    monkeypatch.setattr(resnet, "get_model", offline)
    with pytest.raises(InputError, match=r"download failed \(no route\); .* write file:<path>"):
        create_model("resnet18", weights="hub")
