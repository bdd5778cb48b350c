"""A spec and a seed fix the first weights; files and priors go where the spec says."""

import pytest
import small_pictures as small
import torch
from safetensors.torch import save_file

from biqa.errors import InputError
from biqa.models.scnn import SCNN
from biqa.training.setup import starting_model, trained_model

CNNIQA = {"name": "cnniqa", "options": {"kernels": 3, "hidden": [4, 4]}}
DBCNN = {"name": "dbcnn", "options": {"width": 0.05}}


def spec(model, *, weights="none", prior=None):
    return {**model, "weights": weights, "prior": prior}


def first_weights(model, seed, **files):
    return small.weights_of(
        starting_model(model, seed=seed, **{"weights": None, "prior": None, **files})
    )


def test_the_same_seed_gives_the_same_weights_wherever_torch_is():
    one = first_weights(spec(CNNIQA), 4)
    torch.manual_seed(99)
    torch.rand(7)
    small.assert_same_bits(one, first_weights(spec(CNNIQA), 4))


def test_another_seed_gives_other_weights():
    one, other = (first_weights(spec(CNNIQA), seed) for seed in (4, 5))
    assert not torch.equal(one["conv1.weight"], other["conv1.weight"])


def test_a_file_of_weights_is_loaded_and_noted(tmp_path):
    wanted = first_weights(spec(CNNIQA), 8)
    save_file(wanted, tmp_path / "own.safetensors")
    model = starting_model(
        spec(CNNIQA, weights="file:own.safetensors"),
        seed=4,
        weights=tmp_path / "own.safetensors",
        prior=None,
    )
    small.assert_same_bits(small.weights_of(model), wanted)
    assert [record.n_loaded for record in model.weights_records] == [len(wanted)]


def scnn_file(tmp_path, width=0.05):
    torch.manual_seed(1)
    scnn = SCNN(classes=6, width=width)
    save_file(scnn.state_dict(), tmp_path / "scnn.safetensors")
    return tmp_path / "scnn.safetensors", small.weights_of(scnn)


def test_a_classifier_of_distortions_becomes_the_second_network_of_dbcnn(tmp_path):
    file, given = scnn_file(tmp_path)
    prior = {"name": "scnn", "kind": "distortion_classes"}
    model = starting_model(spec(DBCNN, prior=prior), seed=4, weights=None, prior=file)
    features = {name: value for name, value in given.items() if name.startswith("features.")}
    small.assert_same_bits(small.weights_of(model.scnn), features)
    without = first_weights(spec(DBCNN), 4)
    loaded = small.weights_of(model)
    for name in without:
        if not name.startswith("scnn."):
            assert torch.equal(loaded[name], without[name]), f"{name} is not from the seed"
    (record,) = model.weights_records
    assert record.n_loaded == len(features)
    assert set(record.ignored) == set(given) - set(features)


def test_a_classifier_of_another_width_is_refused(tmp_path):
    file, _ = scnn_file(tmp_path, width=0.1)
    prior = {"name": "scnn", "kind": "distortion_classes"}
    with pytest.raises(InputError, match="of another shape"):
        starting_model(spec(DBCNN, prior=prior), seed=4, weights=None, prior=file)


@pytest.mark.parametrize("kind", ["bilevel", "pooled"])
def test_a_prior_of_the_same_network_replaces_all_weights(tmp_path, kind):
    wanted = first_weights(spec(CNNIQA), 8)
    save_file(wanted, tmp_path / "prior.safetensors")
    model = starting_model(
        spec(CNNIQA, prior={"name": "p", "kind": kind}),
        seed=4,
        weights=None,
        prior=tmp_path / "prior.safetensors",
    )
    small.assert_same_bits(small.weights_of(model), wanted)


def test_a_trained_model_comes_back_to_the_bit(tmp_path):
    wanted = first_weights(spec(DBCNN), 8)
    save_file(wanted, tmp_path / "trained.safetensors")
    model = trained_model(
        spec(DBCNN, prior={"name": "gone", "kind": "pooled"}), tmp_path / "trained.safetensors"
    )
    small.assert_same_bits(small.weights_of(model), wanted)
