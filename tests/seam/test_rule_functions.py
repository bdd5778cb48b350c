"""Snakemake looks at a rule's function once, however many jobs ask for its inputs."""

import inspect

from snakemake import common, rules

from biqa.seam.rule_functions import look_once_at_parameters


def test_a_signature_is_looked_at_once(monkeypatch):
    monkeypatch.setattr(common, "get_function_params", common.get_function_params)
    monkeypatch.setattr(rules, "get_function_params", rules.get_function_params)
    look_once_at_parameters()
    looked = []
    monkeypatch.setattr(inspect, "signature", lambda one: looked.append(one) or SIGNATURE)
    for ask in (common.get_function_params, rules.get_function_params, rules.get_function_params):
        assert list(ask(inputs_of)) == ["wildcards", "attempt"]
    assert looked == [inputs_of]


def inputs_of(wildcards, attempt):
    """Stand for the function of a rule."""


SIGNATURE = inspect.signature(inputs_of)
