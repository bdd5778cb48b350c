"""Choose the study that snakemake and dvc repro build: dvc.yaml is written for it."""

import argparse
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the study; without one, the present choice is told."""
    parser.add_argument("study", nargs="?", help="its name: config/studies/<study>.yaml")


def run(arguments: argparse.Namespace) -> None:
    """Write dvc.yaml, or say for which study it is written and whether it is up to date."""
    from biqa.files import write_text
    from biqa.workflow.dvc_stages import refuse_outdated, stages_text
    from biqa.workflow.plan import Plan

    file = Path("dvc.yaml")
    if arguments.study is None:
        plan = Plan.of({})
        refuse_outdated(plan, file)
    else:
        plan = Plan.of({"study": arguments.study})
        write_text(file, stages_text(plan))
    print(f"snakemake and dvc repro build {plan.study.name}: {plan.study.title}")
