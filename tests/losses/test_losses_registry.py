"""Losses are found by name, and what cannot be right is refused before training."""

import re
import subprocess
import sys

import pytest
import torch

from biqa.errors import InputError
from biqa.losses import known_losses, loss
from biqa.losses.norm_in_norm import norm_in_norm


def test_known_losses_are_those_of_the_papers():
    assert known_losses() == [
        "dcq",
        "emd",
        "fidelity",
        "huber",
        "linearity_induced",
        "mae",
        "mean_norm",
        "min_max_norm",
        "mono",
        "mono_normalised",
        "mse",
        "mse_rank_shifted",
        "norm_in_norm",
        "plcc",
        "plcc_srcc",
        "qac",
        "qdc",
        "ranknet",
        "rpc",
    ]


def test_a_loss_takes_its_options():
    predicted, mos = torch.tensor([0.1, 0.9, 0.3]), torch.tensor([0.2, 0.4, 0.6])
    chosen = loss("norm_in_norm", p=2, q=1, alpha=[1, 0.1], detach=True)
    expected = norm_in_norm(predicted, mos, p=2.0, q=1.0, alpha=(1.0, 0.1), detach=True)
    assert chosen(predicted, mos).item() == expected.item()
    assert chosen(predicted, mos).item() != norm_in_norm(predicted, mos).item()


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("plc", {}, "unknown loss 'plc'; did you mean 'plcc'? the losses are dcq, .*, rpc"),
        ("_pairs", {}, "unknown loss '_pairs'; .*the losses are dcq"),
        ("__init__", {}, "unknown loss '__init__'"),
        (None, {}, "unknown loss None; the losses are dcq"),
        ("mse", {"p": 1}, "loss mse: unknown option 'p'; it takes no options"),
        ("mse", {"mos": 1}, "loss mse: unknown option 'mos'"),
        (
            "norm_in_norm",
            {"alpa": [1, 0]},
            "loss norm_in_norm: unknown option 'alpa'; did you mean 'alpha'? "
            "its options are p, q, alpha, detach",
        ),
        ("norm_in_norm", {"p": "1e-1"}, "option 'p' is '1e-1', expected a finite number; its"),
        ("norm_in_norm", {"p": True}, "option 'p' is True, expected a finite number"),
        ("norm_in_norm", {"q": float("nan")}, "option 'q' is nan, expected a finite number"),
        ("norm_in_norm", {"detach": 1}, "option 'detach' is 1, expected true or false"),
        ("norm_in_norm", {"alpha": 1.0}, "option 'alpha' is 1.0, expected two finite numbers"),
        ("norm_in_norm", {"alpha": [1, 0, 0]}, "expected two finite numbers"),
        ("norm_in_norm", {"alpha": [1, "0"]}, "option 'alpha' is [1, '0'], expected "),
        ("norm_in_norm", {"p": 0}, "loss norm_in_norm: p = 0 and q = 2, expected both above 0"),
        ("norm_in_norm", {"alpha": [0, 0]}, "weights 0, 0, expected .* at least one above"),
        ("linearity_induced", {"alpha": [2, -1]}, "weights 2, -1, expected none below 0"),
        ("plcc_srcc", {"rank_weight": -0.3}, "rank_weight is -0.3, expected at least 0"),
        ("huber", {"delta": 0}, "loss huber: delta is 0, expected a number above 0"),
        ("emd", {"r": 0.5}, "loss emd: r is 0.5, expected at least 1"),
        ("fidelity", {"std": -1}, "loss fidelity: std is -1, expected a number above 0"),
        ("min_max_norm", {"alpha": [0, 0]}, "loss min_max_norm alpha: weights 0, 0, expected"),
        ("mean_norm", {"alpha": [-1, 2]}, "loss mean_norm alpha: weights -1, 2, expected"),
        ("dcq", {"rpc": 1.0}, "unknown option 'rpc'; .*its options are mse, qdc, qac"),
        ("dcq", {"mse": 0, "qdc": 0, "qac": 0}, "loss dcq: weights 0, 0, 0, expected none"),
        ("dcq", {"qac": -1.0}, "loss dcq: weights 1, 1, -1, expected none below 0"),
    ],
)
def test_what_cannot_be_right_is_refused_when_the_loss_is_chosen(name, options, message):
    pattern = re.escape(message).replace(r"\.\*", ".*")
    with pytest.raises(InputError, match=pattern):
        loss(name, **options)


def test_naming_the_losses_loads_neither_torch_nor_a_loss():
    code = (
        "import sys; from biqa.losses import known_losses; assert 'mse' in known_losses();"
        "loaded = [name for name in sys.modules if name == 'torch' or 'losses.mse' in name];"
        "sys.exit(f'loaded {loaded}' if loaded else 0)"
    )
    environment = {"PYTHONPATH": ":".join(path for path in sys.path if path)}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
