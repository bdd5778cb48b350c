"""How weights are drawn before training."""

from torch import nn


def draw_convolutions(module: nn.Module) -> None:
    """Draw all convolutions as He et al. (ICCV 2015) do, by outputs, with zero biases.

    What torchvision does for ResNet and VGG; without it a deep plain network fades out.
    """
    for layer in module.modules():
        if isinstance(layer, nn.Conv2d):
            nn.init.kaiming_normal_(layer.weight, mode="fan_out", nonlinearity="relu")
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)


def small_linear(n_features: int, head_std: float) -> nn.Linear:
    """Return a layer to one score: normal weights of standard deviation ``head_std``, bias 0.

    For heads on pretrained encoders. PyTorch's default draw gives scores that differ between
    pictures by more than MOS does, and a fine-tuning rate needs many epochs to unlearn that.
    """
    layer = nn.Linear(n_features, 1)
    nn.init.normal_(layer.weight, std=head_std)
    nn.init.zeros_(layer.bias)
    return layer
