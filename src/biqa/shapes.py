"""Shapes and dtypes that signatures speak of: for the reader, nothing checks them at run time."""

from jaxtyping import Float, UInt8
from torch import Tensor

Images = Float[Tensor, "n channels height width"]  # normalised RGB, or gray
Scores = Float[Tensor, "n"]  # one number a picture
Scalar = Float[Tensor, ""]
Pixels = UInt8[Tensor, "n height width channels"]  # as stored, 0 to 255
