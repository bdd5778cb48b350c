"""A recipe in a number format that the processor lacks is announced before it trains."""

import pytest
from small_study import RECIPE, write_study

from biqa.recipes import Hardware
from biqa.workflow import processor
from biqa.workflow.plan import Plan
from biqa.workflow.study import load_study

ZEN3 = """processor\t: 0
vendor_id\t: AuthenticAMD
flags\t\t: fpu sse sse2 fma avx avx2 bmi1
bugs\t\t: sysret_ss_attrs
"""
ZEN4 = ZEN3.replace("bmi1", "bmi1 avx512f avx512bw avx512_bf16")
GRAVITON3 = "processor\t: 0\nBogoMIPS\t: 2100.00\nFeatures\t: fp asimd sve i8mm bf16\n"
GRAVITON2 = GRAVITON3.replace(" sve i8mm bf16", "")
RECIPES = {
    "there": Hardware(dtype="bfloat16"),
    "single": Hardware(),
    "card": Hardware(device="cuda", dtype="bfloat16"),
    "here": Hardware(dtype="bfloat16", threads=2),
}


@pytest.mark.parametrize("cpuinfo", [ZEN3, GRAVITON2], ids=["x86", "arm"])
def test_bfloat16_on_a_cpu_without_it_is_slow(cpuinfo):
    assert processor.slow_recipes(RECIPES, processor.instructions(cpuinfo)) == ["here", "there"]


@pytest.mark.parametrize("cpuinfo", [ZEN4, GRAVITON3, "", "model\t: unknown\n"])
def test_nothing_is_said_where_it_is_fast_or_nothing_is_known(cpuinfo):
    assert processor.slow_recipes(RECIPES, processor.instructions(cpuinfo)) == []


def test_the_warning_names_the_recipe_and_a_way_out(tmp_path, monkeypatch):
    monkeypatch.setattr(processor, "CPUINFO", tmp_path / "cpuinfo")
    (tmp_path / "cpuinfo").write_text(ZEN3)
    said = {}
    for dtype in ("float32", "bfloat16"):
        (tmp_path / dtype).mkdir()
        recipe = {**RECIPE, "hardware": {"device": "cpu", "dtype": dtype}}
        study = load_study(write_study(tmp_path / dtype, short=recipe))
        said[dtype] = processor.warning_of(Plan(study, "", ""))
    assert said["float32"] == ""
    assert "in which short would train" in said["bfloat16"]
    assert "{of: short, with: {hardware.dtype: float32}}" in said["bfloat16"]
