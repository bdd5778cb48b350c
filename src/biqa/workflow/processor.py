"""Whether this machine's processor computes in the number formats that recipes ask for."""

from collections.abc import Mapping
from pathlib import Path

from biqa.recipes import Hardware
from biqa.workflow.plan import Plan

CPUINFO = Path("/proc/cpuinfo")
LISTED_UNDER = ("flags", "Features")  # by Linux on x86 and on ARM
# oneDNN has bfloat16 kernels for processors with any of these; elsewhere torch's own loops run.
BFLOAT16 = frozenset({"avx512bw", "avx_ne_convert", "bf16"})


def instructions(cpuinfo: str) -> frozenset[str]:
    """Return the names of the instruction sets that Linux lists; none where it lists none."""
    for line in cpuinfo.splitlines():
        name, _, listed = line.partition(":")
        if name.strip() in LISTED_UNDER:
            return frozenset(listed.split())
    return frozenset()


def slow_recipes(recipes: Mapping[str, Hardware], available: frozenset[str]) -> list[str]:
    """Return the recipes that compute in bfloat16 on a processor without instructions for it.

    ``available`` as ``instructions`` has it; where it is empty nothing is known, and none is slow.
    """
    if not available or available & BFLOAT16:
        return []
    return sorted(
        name
        for name, hardware in recipes.items()
        if hardware.device == "cpu" and hardware.dtype == "bfloat16"
    )


def warning_of(plan: Plan) -> str:
    """Return what to tell somebody who is about to start the study's trainings; "" if nothing."""
    cpuinfo = CPUINFO.read_text("utf-8") if CPUINFO.is_file() else ""
    recipes = {plan.runs[run].recipe: plan.hardware(run) for run in plan.network_runs}
    slow = slow_recipes(recipes, instructions(cpuinfo))
    if not slow:
        return ""
    return (
        f"this processor has no instructions for bfloat16, in which {', '.join(slow)} would "
        "train: a step takes more than ten times as long as in float32. The study may name "
        f"another recipe: {{of: {slow[0]}, with: {{hardware.dtype: float32}}}}; its numbers differ"
    )
