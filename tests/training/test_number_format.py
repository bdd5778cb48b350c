"""The recipe says which format the forward pass computes in, and some layers stay in float32."""

import pytest
import small_pictures as small
import torch
from torch import nn

from biqa.models import create_model
from biqa.recipes import Hardware
from biqa.training.device import placed
from biqa.training.number_format import keep_in_float32, number_format

BFLOAT16 = Hardware(dtype="bfloat16")


def outputs_of(model, hardware, images):
    """Return the format of what each convolution and linear layer of ``model`` puts out."""
    seen = {}
    for name, module in model.named_modules():
        if isinstance(module, (nn.Conv2d, nn.Linear)):
            module.register_forward_hook(
                lambda _module, _inputs, output, name=name: seen.update({name: output.dtype})
            )
    with torch.inference_mode(), number_format(hardware):
        model(images)
    return seen


@pytest.fixture
def mobilenet():
    return create_model("timm/mobilenetv2_035", weights="none").eval()


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_the_forward_pass_is_in_the_format_of_the_recipe(dtype):
    one = torch.ones(2, 2)
    with number_format(Hardware(dtype=dtype)):
        assert (one @ one).dtype is getattr(torch, dtype)
    assert (one @ one).dtype is torch.float32


def test_the_score_and_strided_depthwise_convolutions_stay_in_float32(mobilenet):
    strided = {
        name
        for name, module in mobilenet.named_modules()
        if isinstance(module, nn.Conv2d) and module.groups > 1 and module.stride == (2, 2)
    }
    seen = outputs_of(placed(mobilenet, BFLOAT16), BFLOAT16, torch.rand(2, 3, 64, 64))
    assert len(strided) == 4
    assert {name for name, dtype in seen.items() if dtype is torch.float32} == {*strided, "head"}
    assert len(seen) == 53


def test_on_a_gpu_only_the_score_stays_in_float32(mobilenet):
    keep_in_float32(mobilenet, Hardware(device="cuda", dtype="bfloat16"))
    kept = {name for name, one in mobilenet.named_modules() if "forward" in vars(one)}
    assert kept == {"head"}


def test_in_float32_nothing_is_touched(mobilenet):
    keep_in_float32(mobilenet, Hardware())
    assert not any("forward" in vars(module) for module in mobilenet.modules())


def test_scores_have_more_levels_than_bfloat16_can_tell_apart():
    torch.manual_seed(3)
    model = placed(small.SmallNetwork(), BFLOAT16).eval()
    with torch.no_grad(), number_format(BFLOAT16):
        scores = model(torch.rand(400, 3, 16, 16))
    assert scores.dtype is torch.float32
    assert len(scores.unique()) > len(scores.bfloat16().unique())


def test_the_weights_have_the_same_names_and_values_as_before(mobilenet):
    before = {name: value.clone() for name, value in mobilenet.state_dict().items()}
    after = placed(mobilenet, BFLOAT16).state_dict()
    assert list(after) == list(before)
    assert all(torch.equal(after[name], before[name]) for name in before)


def test_gradients_reach_every_weight_and_the_heads_lie_near_those_of_float32(mobilenet):
    images = torch.rand(4, 3, 64, 64, generator=torch.Generator().manual_seed(1))
    gradients = []
    for hardware in (Hardware(), BFLOAT16):
        keep_in_float32(mobilenet, hardware)
        mobilenet.zero_grad()
        with number_format(hardware):
            predicted = mobilenet(images)
        predicted.sum().backward()
        assert all(weight.grad.abs().sum() > 0 for weight in mobilenet.parameters())
        gradients.append(mobilenet.head.weight.grad.clone())
    exact, near = gradients
    assert torch.linalg.vector_norm(near - exact) < 0.1 * torch.linalg.vector_norm(exact)
