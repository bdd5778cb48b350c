"""MANIQA's attention, taps and branches, against loops and the released code's numbers."""

import pytest
import torch
from torch.testing import assert_close

from biqa.errors import InputError
from biqa.models import create_model
from biqa.models.maniqa import SwinStage, TransposedAttention

SMALL = {
    **{"encoder": "vit_tiny_patch16_224", "side": 64, "taps": (0, 2), "mlp": 24},
    "encoder_options": {"patch_size": 8, "embed_dim": 32, "num_heads": 2},
}


@pytest.mark.data
@pytest.mark.parametrize(
    ("scrambled", "expected"), [(True, "y"), (False, "y_without_the_transpose_then_reshape")]
)
def test_attention_between_channels_is_that_of_the_released_code(scrambled, expected, block):
    inputs, outputs = block("maniqa/transposed_attention")
    attention = TransposedAttention(4, scrambled=scrambled).double().eval()
    attention.load_state_dict({name: value for name, value in inputs.items() if name != "x"})
    with torch.no_grad():
        assert_close(attention(inputs["x"]), outputs[expected], rtol=1e-9, atol=1e-12)


def test_attention_between_channels_by_loops(rng):
    attention = TransposedAttention(5, scrambled=False).double().eval()
    maps = torch.tensor(rng.normal(size=(2, 3, 5)))
    with torch.no_grad():
        actual = attention(maps)
        for k in range(2):
            q, key, v = (f(maps[k]) for f in (attention.c_q, attention.c_k, attention.c_v))
            for i in range(3):
                likeness = torch.stack([(q[i] * key[j]).sum() / 5**0.5 for j in range(3)])
                shares = likeness.exp() / likeness.exp().sum()
                expected = maps[k, i] + sum(shares[j] * v[j] for j in range(3))
                assert_close(actual[k, i], expected)


def test_taps_are_the_outputs_of_their_blocks_without_the_class_token(rng):
    torch.manual_seed(3)
    model = create_model("maniqa", **SMALL).eval()
    seen = {}
    for number, layer in enumerate(model.vit.blocks):
        layer.register_forward_hook(
            lambda _, __, output, number=number: seen.update({number: output})
        )
    entering = []
    model.tablock1.register_forward_pre_hook(lambda _, inputs: entering.append(inputs[0]))
    images = torch.tensor(rng.random(size=(2, 3, 64, 64)), dtype=torch.float32)
    with torch.no_grad():
        model(images)
    expected = torch.cat([seen[0][:, 1:], seen[2][:, 1:]], dim=2).transpose(1, 2)
    assert_close(entering[0], expected)


def test_a_score_is_the_weighted_mean_over_the_places(rng):
    torch.manual_seed(3)
    model = create_model("maniqa", **SMALL).eval()
    model.initial_bias(0.5)
    places = []
    model.fc_score.register_forward_pre_hook(lambda _, inputs: places.append(inputs[0]))
    images = torch.tensor(rng.random(size=(2, 3, 64, 64)), dtype=torch.float32)
    with torch.no_grad():
        scores = model(images)
        for k in range(2):
            above = below = 0.0
            for place in places[0][k]:
                weight = model.fc_weight[:-1](place).sigmoid()
                above = above + model.fc_score[:-1](place).clamp(min=0) * weight
                below = below + weight
            assert_close(scores[k : k + 1], above / below, rtol=1e-5, atol=1e-6)


def test_a_swin_stage_adds_its_layers_scaled(rng):
    torch.manual_seed(3)
    maps = torch.tensor(rng.normal(size=(1, 8, 8, 8)), dtype=torch.float32)
    stage = SwinStage(8, (8, 8), mlp=8, scale=0.0).eval()
    with torch.no_grad():
        assert torch.equal(stage(maps), maps)
        stage.scale = 0.8
        first, second = stage.layers
        between = maps + 0.8 * first(maps.permute(0, 2, 3, 1))
        assert_close(stage(maps), between + 0.8 * second(between.permute(0, 2, 3, 1)))
        assert (first(maps.permute(0, 2, 3, 1)) >= 0).all()
    shifts = [block.shift_size for layer in stage.layers for block in list(layer)[:2]]
    assert shifts == [(0, 0), (2, 2), (0, 0), (2, 2)]


def test_variants_differ_in_scale_and_layout():
    released, paper = (
        create_model("maniqa", variant=v, **SMALL) for v in ("released_code", "paper")
    )
    assert (released.swintransformer1.scale, paper.swintransformer2.scale) == (0.8, 0.1)
    assert (released.tablock1[0].scrambled, paper.tablock2[1].scrambled) == (True, False)
    assert create_model("maniqa", scale=0.13, **SMALL).swintransformer1.scale == 0.13


def test_it_cannot_start_where_the_last_relu_is_flat():
    with pytest.raises(InputError, match="mean MOS of the training part is 0: cannot start there"):
        create_model("maniqa", **SMALL).initial_bias(0)


def test_published_weights_of_the_encoder_fit_less_what_is_not_used():
    import timm

    with torch.device("meta"):
        theirs = timm.create_model("vit_base_patch8_224").state_dict()
        ours = create_model("maniqa")
    given = {name for name in theirs if not name.startswith(ours.pretrained.ignored)}
    assert given == set(ours.vit.state_dict())
