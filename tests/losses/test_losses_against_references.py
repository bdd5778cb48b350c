"""Every loss gives the numbers of the authors' code, or of a plain loop where there is none."""

import json
from itertools import product

import pytest
import torch
from torch.testing import assert_close

from biqa.losses import loss

pytestmark = pytest.mark.data


def _options(alpha, detach):
    return {"alpha": alpha, "detach": bool(detach)}


ALPHAS = {"alpha1-0": [1, 0], "alpha0-1": [0, 1], "alpha1-0.1": [1, 0.1]}
OURS = {  # identifier in the file of references: name and options of our loss
    "mdtvsfa/loss_a": ("plcc", {}),
    "mdtvsfa/loss_m": ("mono", {}),
    "monotonicity_regularization": ("mono_normalised", {}),
    "monotonicity_regularization/detach": ("mono_normalised", {"detach": True}),
    "fastvqa/plcc_loss": ("linearity_induced", {"alpha": [1, 1]}),
    "fastvqa/rank_loss": ("mono_normalised", {}),
    "fastvqa/plcc_plus_0.3_rank": ("plcc_srcc", {}),
    "ranknet": ("ranknet", {}),
    "fidelity/fixed_variance_binary": ("fidelity", {}),
    "dcq/mse": ("mse", {}),
    "dcq/qdc": ("qdc", {}),
    "dcq/qac": ("qac", {}),
    "dcq/rpc": ("rpc", {}),
    "dcq/dcq": ("dcq", {}),
    **{
        f"norm_in_norm/p{p}-q{q}-{name}{detach}": (
            "norm_in_norm",
            {"p": p, "q": q, **_options(alpha, detach)},
        )
        for (name, alpha), p, q, detach in product(
            ALPHAS.items(), (1, 2, 3), (1, 2), ("", "-detach")
        )
    },
    **{
        f"linearity_induced/{name}{detach}": ("linearity_induced", _options(alpha, detach))
        for (name, alpha), detach in product(ALPHAS.items(), ("", "-detach"))
    },
    **{
        f"{ours}/{name}{detach}": (ours, _options(alpha, detach))
        for ours, (name, alpha), detach in product(
            ("min_max_norm", "mean_norm"), ALPHAS.items(), ("", "-detach")
        )
    },
}
NOT_OURS = ("scaling/", "fidelity/thurstone")  # uncentred scores; a spread of each rating
UNDEFINED = {  # the references have no number: RankNet without a pair, and batches of one
    ("n2-scale0-1-ties", "ranknet"),
    ("n2-scale0-100-ties", "ranknet"),
    ("constant-mos", "ranknet"),
    ("both-constant", "ranknet"),
    ("single-sample", "ranknet"),
    ("single-sample", "fidelity/fixed_variance_binary"),
    ("single-sample", "mdtvsfa/loss_a"),
    ("single-sample", "mdtvsfa/loss_m"),
    ("single-sample", "fastvqa/rank_loss"),
    ("single-sample", "fastvqa/plcc_plus_0.3_rank"),
}


@pytest.fixture(scope="module")
def references(references_folder):
    return json.loads((references_folder / "losses.json").read_text(encoding="utf-8"))


def _tensor(numbers):
    return torch.tensor(numbers, dtype=torch.float64)


def _assert_equal(actual, expected, what):
    expected = torch.as_tensor(expected, dtype=torch.float64)
    actual = torch.as_tensor(actual, dtype=torch.float64)
    assert_close(actual, expected, rtol=1e-9, atol=1e-11, msg=lambda text: f"{what}: {text}")


def test_every_reference_of_our_losses_is_compared(references):
    named = {name for name in references["functions"] if not name.startswith(NOT_OURS)}
    assert named == OURS.keys()


def test_the_references_are_undefined_only_where_we_had_to_decide(references):
    undefined = {
        (case["id"], name)
        for case in references["cases"] + references["edge_cases"]
        for name, result in case["results"].items()
        if name in OURS and result["value"] is None
    }
    assert undefined == UNDEFINED


@pytest.mark.parametrize("identifier", OURS)
def test_value_and_gradient_are_those_of_the_reference(identifier, references, value_and_gradient):
    name, options = OURS[identifier]
    ours = loss(name, **options)
    n_compared = 0
    for case in references["cases"] + references["edge_cases"]:
        if (case["id"], identifier) in UNDEFINED:
            continue
        expected = case["results"][identifier]
        predicted, mos = _tensor(case["predicted"]), _tensor(case["mos"])
        value, gradient = value_and_gradient(ours, predicted, mos)
        _assert_equal(value, expected["value"], f"{case['id']}, value")
        _assert_equal(gradient, expected["gradient"], f"{case['id']}, gradient")
        n_compared += 1
    assert n_compared >= 30


NETWORK_LOSSES = {  # loss_type in the authors' code: our loss and the options it takes from there
    "mae": ("mae", ()),
    "mse": ("mse", ()),
    "norm-in-norm": ("norm_in_norm", ("p", "q", "alpha", "detach")),
    "linearity": ("linearity_induced", ("alpha", "detach")),
}


@pytest.mark.parametrize("loss_type", NETWORK_LOSSES)
def test_weighted_heads_add_up_to_the_total_of_the_authors_network(
    loss_type, references, value_and_gradient
):
    compared = [
        (case, result)
        for case in references["network_total"]["cases"]
        for result in case["results"]
        if result["arguments"]["loss_type"] == loss_type
    ]
    assert compared
    for case, result in compared:
        arguments, mos = result["arguments"], _tensor(case["mos"])
        ours = _network_loss(arguments)
        heads = [value_and_gradient(ours, _tensor(head), mos) for head in case["heads"]]
        weighted = list(zip(arguments["beta"], heads, strict=True))
        _assert_equal(sum(beta * value for beta, (value, _) in weighted), result["value"], "value")
        for (beta, (_, gradient)), expected in zip(weighted, result["gradients"], strict=True):
            _assert_equal(beta * gradient, expected, "gradient")


def _network_loss(arguments):
    """Return the loss of one head: a named one plus, if asked for, the rank regulariser."""
    name, taken = NETWORK_LOSSES[arguments["loss_type"]]
    base = loss(name, **{key: arguments[key] for key in taken if key in arguments})
    if not arguments["monotonicity_regularization"]:
        return base
    rank = loss("mono_normalised", detach=arguments.get("detach", False))
    return lambda predicted, mos: base(predicted, mos) + arguments["gamma"] * rank(predicted, mos)
