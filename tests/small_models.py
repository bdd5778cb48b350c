"""Small versions of every architecture, by name: options that keep its parts and its variants."""

from typing import Any

HYPERIQA = {"width": 0.05, "side": 64, "crops": 2, "lda": 8, "hyper": 8}
LINEARITY = {"encoder": "resnet18", "width": 0.1, "reduced": (16, 12, 8)}
MANIQA = {
    **{"encoder": "vit_tiny_patch16_224", "side": 64, "crops": 2, "taps": (0, 1, 3), "mlp": 24},
    "encoder_options": {"patch_size": 8, "embed_dim": 32, "num_heads": 2},
}
TRES = {"encoder": "resnet18", "width": 1 / 16, "side": 64, "crops": 2, "heads": 4}
SMALL: dict[str, list[dict[str, Any]]] = {
    "cnniqa": [
        {"kernels": 4, "hidden": (8, 6)},
        {"kernels": 4, "hidden": (8, 6), "variant": "released_code"},
    ],
    "dbcnn": [{"width": 0.1}],
    "hyperiqa": [
        {**HYPERIQA, "target": (40, 16, 8, 8, 4)},
        {**HYPERIQA, "target": (40, 16, 8, 4), "variant": "paper"},
    ],
    "linearity": [
        LINEARITY,
        {**LINEARITY, "bn_end": True, "pool": "mean+std", "levels": (2, 1)},
    ],
    "maniqa": [MANIQA, {**MANIQA, "variant": "paper"}],
    "metaiqa": [
        {"width": 0.1, "classes": 20, "hidden": (12, 8)},
        {"width": 0.1, "hidden": (12,), "variant": "paper"},
        {"width": 0.05, "classes": 9, "hidden": (12, 8), "encoder": "resnet50"},
    ],
    "resnet18": [{"width": 0.1}],
    "resnet34": [{"width": 0.1}],
    "resnet50": [{"width": 0.05}],
    # by default timm starts its residual branches at zero, and some gradients with them
    "timm/test_resnet": [{"encoder_options": {"zero_init_last": False}}],
    "timm/mobilenetv2_035": [{"encoder_options": {"pad_type": "same"}}],
    "tres": [TRES],
    "vgg16": [{"width": 0.1}],
    "wadiqam": [
        {"width": 0.2, "hidden": 16},
        {"width": 0.2, "hidden": 16, "variant": "released_code"},
    ],
}
