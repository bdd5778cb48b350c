"""Published weights give the published code's outputs on real pictures."""

import hashlib
import io
import json
import zipfile

import numpy as np
import pytest
import torch
from PIL import Image
from torch.testing import assert_close

from biqa.models import create_model
from biqa.models.local_normalisation import gray_as_stored
from biqa.models.scnn import SCNN
from biqa.models.weights import load_file

pytestmark = pytest.mark.data

PICTURES = ("kodak/1.png", "kodak/3.png")


@pytest.fixture(params=PICTURES)
def picture(request, archives_folder):
    """Name, bytes of the file, pixels (1, 3, height, width) in [0, 1]."""
    with zipfile.ZipFile(archives_folder / "kodak.zip") as archive:
        content = archive.read(request.param)
    pixels = np.array(Image.open(io.BytesIO(content)).convert("RGB"))
    return request.param, content, torch.tensor(pixels).permute(2, 0, 1)[None] / 255


def expected_for(references_folder, model: str, picture) -> dict:
    reference = json.loads((references_folder / "pretrained.json").read_text())[model]
    expected = reference["images"][picture[0]]
    assert hashlib.sha256(picture[1]).hexdigest() == expected["sha256_of_file"]
    return expected


def test_cnniqa_trained_on_live(picture, weights_folder, references_folder):
    expected = expected_for(references_folder, "cnniqa_live", picture)
    source = f"file:{weights_folder / 'cnniqa_live.safetensors'}"
    model = create_model("cnniqa", variant="released_code", weights=source).eval()
    assert int((gray_as_stored(picture[2]) * 255).round().double().sum()) == expected["gray_sum"]
    with torch.no_grad():
        scores = model.patch_scores(picture[2])[0]
        assert_close(model(picture[2]).item(), expected["score"], rtol=0, atol=1e-4)
    assert len(scores) == expected["patches"]
    first = torch.tensor(expected["first_patch_scores"])
    assert_close(scores[: len(first)], first, rtol=0, atol=1e-3)
    assert_close(scores.min().item(), expected["smallest_patch_score"], rtol=0, atol=1e-3)
    assert_close(scores.max().item(), expected["largest_patch_score"], rtol=0, atol=1e-3)


def test_scnn_trained_on_39_distortions(picture, weights_folder, references_folder):
    expected = expected_for(references_folder, "scnn", picture)
    model = SCNN().eval()
    assert load_file(model, weights_folder / "scnn.safetensors").n_loaded == 68
    mean, std = (torch.tensor(values).view(1, 3, 1, 1) for values in (SCNN.mean, SCNN.std))
    images = (picture[2] - mean) / std
    crop = expected["whole_network"]["crop"]
    rows = slice(crop["top"], crop["top"] + crop["height"])
    columns = slice(crop["left"], crop["left"] + crop["width"])
    with torch.no_grad():
        features, logits = model.features(images), model(images[:, :, rows, columns])[0]
    assert list(features.shape) == expected["feature_shape"]
    values = [features[0, c, y, x].item() for c, y, x in expected["indices_channel_row_column"]]
    assert_close(torch.tensor(values), torch.tensor(expected["values"]), rtol=0, atol=1e-5)
    assert_close(features.double().mean().item(), expected["mean"], rtol=0, atol=1e-6)
    spread = features.double().std(correction=0).item()
    assert_close(spread, expected["std_population"], rtol=0, atol=1e-6)
    reference = torch.tensor(expected["whole_network"]["logits"])
    assert_close(logits, reference, rtol=0, atol=1e-4)


def test_dbcnn_starts_from_the_published_scnn(picture, weights_folder, references_folder):
    expected = expected_for(references_folder, "scnn", picture)
    model = create_model("dbcnn", scnn_weights=weights_folder / "scnn.safetensors").eval()
    mean, std = (torch.tensor(values).view(1, 3, 1, 1) for values in (model.mean, model.std))
    with torch.no_grad():
        features = model.scnn((picture[2] - mean) / std)
    assert_close(features.double().mean().item(), expected["mean"], rtol=0, atol=1e-6)


def test_mobilenet_loads_without_its_classifier(weights_folder):
    model = create_model(
        "timm/mobilenetv2_100",
        weights=f"file:{weights_folder / 'mobilenetv2_100.safetensors'}",
        encoder_options={"pad_type": "same"},
        mean=(0.5, 0.5, 0.5),
        std=(0.5, 0.5, 0.5),
    )
    (record,) = model.weights_records
    assert record.ignored == ("classifier.bias", "classifier.weight")
    drawn = create_model("timm/mobilenetv2_100").encoder.state_dict()
    assert record.n_loaded >= sum(not name.endswith("num_batches_tracked") for name in drawn)
