"""Mean squared and mean absolute error, worked by hand."""

import torch
from torch.testing import assert_close

from biqa.losses.mae import mae
from biqa.losses.mse import mse

PREDICTED = torch.tensor([1.0, 2.0, 4.0, 3.0], dtype=torch.float64)
MOS = torch.tensor([1.5, 2.0, 2.0, 4.0], dtype=torch.float64)


def test_mse_by_hand(value_and_gradient):
    value, gradient = value_and_gradient(mse, PREDICTED, MOS)
    assert value == (0.25 + 0 + 4 + 1) / 4
    assert_close(gradient.tolist(), [-0.25, 0.0, 1.0, -0.5])


def test_mae_by_hand_with_no_pull_where_there_is_no_error(value_and_gradient):
    value, gradient = value_and_gradient(mae, PREDICTED, MOS)
    assert value == (0.5 + 0 + 2 + 1) / 4
    assert gradient.tolist() == [-0.25, 0.0, 0.25, -0.25]
