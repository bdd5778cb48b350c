"""Pictures cut into patches, each with its local mean and contrast taken off."""

import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d, pad


def local_normalisation(patches: Tensor, *, contrast: float = 1.0) -> Tensor:
    """Return (x - m) / (s + ``contrast``) of gray patches (n, 1, height, width) in [0, 1].

    m and s are mean and standard deviation (divided by 9) in a 3x3 window inside the patch,
    mirrored at its border with the edge pixel repeated. Kang et al. (CVPR 2014), Eq. 1, with
    window and constant as in the released code of lidq92/CNNIQA: on pixels in [0, 1] a constant
    of 1 makes this little more than taking off the mean.
    """
    around = pad(patches, (1, 1, 1, 1), mode="replicate")
    mean = avg_pool2d(around, 3, stride=1)
    variance = avg_pool2d(around.square(), 3, stride=1) - mean.square()
    return (patches - mean) / (variance.clamp(min=0).sqrt() + contrast)


def non_overlapping_patches(images: Tensor, *, side: int, rows: int, columns: int) -> Tensor:
    """Cut gray pictures (n, 1, height, width) into (n * rows * columns, 1, side, side).

    From the top left corner, row by row, picture after picture; what is left over is not used.
    """
    n = len(images)
    used = images[:, :, : rows * side, : columns * side]
    grid = used.reshape(n, rows, side, columns, side).transpose(2, 3)
    return grid.reshape(n * rows * columns, 1, side, side)


def gray_as_stored(images: Tensor) -> Tensor:
    """Return gray pictures (n, 1, height, width) in [0, 1] for RGB in [0, 1].

    ITU-R 601 luma on 8-bit levels in the integer arithmetic of image files (weights of
    2**16, rounded), exact in single precision. Rounding passes gradients as if it were not there.
    """
    images = images.to(torch.promote_types(images.dtype, torch.float32))
    weights = images.new_tensor((19595, 38470, 7471)).view(1, 3, 1, 1)
    smooth = (images * weights).sum(dim=1, keepdim=True) / 2**16
    levels = (images.detach() * 255).round()
    stored = (((levels * weights).sum(dim=1, keepdim=True) + 2**15) / 2**16).floor() / 255
    return smooth + (stored - smooth).detach() if images.requires_grad else stored
