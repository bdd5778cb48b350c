"""What holds for every architecture, shown on small versions of each."""

import os
import subprocess
import sys

import pytest
import torch
from small_models import HYPERIQA, MANIQA, SMALL, TRES
from torch.testing import assert_close

from biqa.errors import InputError
from biqa.models import create_model, known_models
from biqa.models.quality import QualityModel

CASES = [(name, options) for name, many in SMALL.items() for options in many]
FROM_SCRATCH = ("cnniqa", "wadiqam")
WRITES_A_SCORE = ("w_fc.weight", "w_fc.bias")  # HyperIQA's last weights are an output too


@pytest.fixture(params=CASES, ids=lambda case: f"{case[0]}-{case[1].get('variant', '')}")
def named_model(request, rng) -> tuple[str, QualityModel]:
    name, options = request.param
    torch.manual_seed(int(rng.integers(2**31)))
    return name, create_model(name, **options).eval()


@pytest.fixture
def model(named_model) -> QualityModel:
    return named_model[1]


@pytest.fixture
def images(rng) -> torch.Tensor:
    return torch.tensor(rng.random(size=(3, 3, 70, 101)), dtype=torch.float32)


def test_every_known_model_is_tested_here():
    tested = {"timm/<encoder>" if name.startswith("timm/") else name for name in SMALL}
    assert set(known_models()) == tested


def test_a_model_gives_one_score_a_picture(model, images):
    assert model(images).shape == (3,)
    assert model(images[:1]).shape == (1,)


def test_every_trainable_parameter_gets_a_gradient(model, images):
    model.initial_bias(0.5)
    side = getattr(model, "side", 101)  # some train on squares of one size
    pictures, slopes = images[..., :side, :side], torch.tensor([1.0, -2.0, 4.0])
    model.training_loss(pictures, slopes, lambda scores, mos: (scores * mos).sum()).backward()
    without = [
        name
        for name, parameter in model.named_parameters()
        if parameter.grad is None or not parameter.grad.isfinite().all() or not parameter.grad.any()
    ]
    assert without == []


def test_batch_order_does_not_matter_in_evaluation(model, images):
    order = torch.tensor([2, 0, 1])
    with torch.no_grad():
        assert_close(model(images[order]), model(images)[order], rtol=1e-5, atol=1e-6)


def test_a_score_does_not_depend_on_the_rest_of_the_batch(model, images):
    with torch.no_grad():
        assert_close(model(images[1:2]), model(images)[1:2], rtol=1e-5, atol=1e-6)


def test_evaluation_is_deterministic(model, images):
    with torch.no_grad():
        assert torch.equal(model(images), model(images))


def test_memory_format_does_not_change_the_scores(model, images):
    with torch.no_grad():
        expected = model(images)
        model.to(memory_format=torch.channels_last)
        actual = model(images.contiguous(memory_format=torch.channels_last))
    assert_close(actual, expected, rtol=1e-4, atol=1e-5)


def test_pictures_differ_in_their_scores(model, images):
    model.initial_bias(0.5)
    with torch.no_grad():
        flat = model(torch.cat([images[:1], torch.zeros_like(images[:1])]))
    assert flat[0] != flat[1]


def test_parameter_groups_hold_every_trainable_parameter_once_and_can_be_asked_twice(model):
    frozen = next(model.parameters()).requires_grad_(False)
    wanted = sorted(id(parameter) for parameter in model.parameters() if parameter is not frozen)
    for _ in range(2):
        groups = model.parameter_groups(lr=1e-3, backbone_lr=1e-5)
        held = sorted(id(parameter) for group in groups for parameter in group["params"])
        assert held == wanted


def test_the_head_learns_at_lr_and_the_backbone_at_its_own(named_model):
    name, model = named_model
    groups = model.parameter_groups(lr=1e-3, backbone_lr=1e-5)
    head = next(group for group in groups if group["name"] == "head")
    assert any(parameter is model.last_layer().weight for parameter in head["params"])
    rates = {group["name"]: group["lr"] for group in groups}
    expected = {"head": 1e-3} if name in FROM_SCRATCH else {"head": 1e-3, "backbone": 1e-5}
    assert rates == expected


def test_initial_bias_is_the_score_where_the_last_weights_say_nothing(model, images):
    model.initial_bias(0.3)
    assert model.last_layer().weight.std() > 0
    torch.nn.init.zeros_(model.last_layer().weight)
    for name, parameter in model.named_parameters():
        if name.endswith(WRITES_A_SCORE):
            torch.nn.init.zeros_(parameter)
    with torch.no_grad():
        assert_close(model(images), torch.full((3,), 0.3))


def test_initial_bias_must_be_finite(model):
    with pytest.raises(InputError, match="mean MOS of the training part is nan"):
        model.initial_bias(float("nan"))


def test_the_seed_of_torch_decides_the_weights():
    first, second, other = (_weights_after(seed) for seed in (1, 1, 2))
    assert torch.equal(first, second)
    assert not torch.equal(first, other)


def _weights_after(seed: int) -> torch.Tensor:
    torch.manual_seed(seed)
    return torch.cat(
        [p.detach().flatten() for p in create_model("resnet18", width=0.1).parameters()]
    )


@pytest.mark.parametrize("name", ["resnet19", "timm", "timm/", "resnet18/", "weights", ""])
def test_an_unknown_name_is_answered_with_the_known_ones(name):
    with pytest.raises(InputError, match=f"unknown model '{name}'; .*cnniqa, dbcnn, .*timm/<enc"):
        create_model(name)


def test_an_unknown_option_is_answered_with_the_known_ones():
    with pytest.raises(
        InputError, match="resnet18: unknown option depth, wide; it has width, head"
    ):
        create_model("resnet18", wide=2, depth=3)


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("resnet18", {"width": 0}, "width is 0"),
        ("vgg16", {"width": -1.0}, "width is -1.0"),
        ("resnet18", {"width": 0.1, "head_std": 0.0}, "head_std is 0.0"),
        ("cnniqa", {"variant": "papr"}, "variant is 'papr', expected paper or released_code"),
        ("cnniqa", {"hidden": (8,)}, r"hidden is \[8\], expected 2 sizes"),
        ("cnniqa", {"kernels": 0}, "kernels is 0"),
        ("wadiqam", {"variant": "papr"}, "variant is 'papr', expected paper or released_code"),
        ("wadiqam", {"n_patches": 0}, "n_patches is 0"),
        ("linearity", {"width": 0.5}, "width is 0.5, expected 1 for the encoder resnext101"),
        ("linearity", {"pool": "mean"}, "pool is 'mean', expected avg or max or"),
        ("linearity", {"levels": (1,)}, r"levels is \[1\], expected 2 numbers of 1 or more"),
        ("linearity", {"betas": (1, -1, 1)}, r"betas is \[1, -1, 1\], expected 3 numbers of 0"),
        ("linearity", {"betas": (1, 1, 0)}, "betas end in 0: the last head gives the score"),
        ("hyperiqa", {"side": 200}, "side is 200 and target .*, expected a multiple of 32"),
        ("hyperiqa", {"target": (224, 112, 56, 28, 13)}, r"target .*28, 13\], expected a multiple"),
        ("hyperiqa", {"lda": 75}, r"target begins with 224, expected more than 3 \* 75"),
        ("hyperiqa", {"variant": "paper", "target": (8, 8)}, r"target is \[8, 8\], expected 4"),
        ("maniqa", {"encoder": "resnet18"}, "encoder is 'resnet18', expected a vision transf"),
        ("maniqa", {"taps": (3, 2)}, r"taps are \[3, 2\], expected rising numbers from 0"),
        ("maniqa", {"variant": "code"}, "variant is 'code', expected released_code or paper"),
        ("tres", {"side": 100}, "side is 100, expected a multiple of 32"),
        ("tres", {"heads": 7}, "3840 channels together, .* heads, which is 7"),
        ("metaiqa", {"variant": "code"}, "variant is 'code'"),
        ("metaiqa", {"encoder": "vgg16"}, "encoder is 'vgg16', expected resnet18 or"),
        ("metaiqa", {"dropout": 1.0}, "dropout is 1.0"),
        ("metaiqa", {"variant": "paper", "hidden": (8, 8)}, r"hidden is \[8, 8\], expected 1 size"),
    ],
)
def test_an_option_without_meaning_is_refused(name, options, message):
    with pytest.raises(InputError, match=message), torch.device("meta"):
        create_model(name, **options)


@pytest.mark.parametrize(
    ("name", "options", "least"),
    [
        ("cnniqa", {"kernels": 4, "hidden": (8, 6)}, 32),
        ("wadiqam", {"width": 0.1, "hidden": 4}, 32),
        ("hyperiqa", {**HYPERIQA, "target": (40, 16, 8, 8, 4)}, 64),
        ("maniqa", MANIQA, 64),
        ("tres", TRES, 64),
    ],
)
def test_a_picture_that_is_too_small_is_refused(name, options, least):
    model = create_model(name, **options)
    for training in (True, False):
        with pytest.raises(InputError, match=f"{name}: a .*{least - 1}.* expected {least} or more"):
            model.train(training)(torch.zeros(2, 3, least - 1, 90))


def test_listing_the_models_imports_no_model_library():
    code = (
        "import sys; from biqa.models import known_models; known_models();"
        "print([name for name in ('torch', 'torchvision', 'timm') if name in sys.modules])"
    )
    paths = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=paths
    )
    assert result.stdout.strip() == "[]"
