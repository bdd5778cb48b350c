"""The functions that rules have for inputs, parameters and resources, for thousands of jobs."""

from functools import cache


def look_once_at_parameters() -> None:
    """Let Snakemake look at the signature of such a function once, and not once a job.

    It asks for them some twenty times a job, a sixth of the time that the plan of ``paper`` takes.
    A Snakemake that goes about it in another way plans as it does.
    """
    from snakemake import common, rules

    if getattr(rules, "get_function_params", None) is getattr(common, "get_function_params", ...):
        common.get_function_params = rules.get_function_params = cache(common.get_function_params)
