"""The chosen study, rebuilt: snakemake [target]. Another one: snakemake --config study=<name>."""

import os
from pathlib import Path

from snakemake.utils import min_version

from biqa.seam.damage import refuse_damaged_inputs
from biqa.seam.foreign import age_files, age_folders
from biqa.seam.inherited import Inherited
from biqa.seam.lock import HELD, hold_folder
from biqa.seam.regenerate import REDRAWING
from biqa.seam.rule_functions import look_once_at_parameters
from biqa.seam.shares import announce_memory
from biqa.seam.steps import announce_workflow
from biqa.warm.start import start
from biqa.workflow import summary_page
from biqa.workflow.baselines import RUN_FILES as BASELINE_FILES
from biqa.workflow.dvc_stages import refuse_outdated
from biqa.workflow.outdated import judged_of_others, outdated, refuse_outdated_results
from biqa.workflow.plan import RUN_FILES, Plan
from biqa.workflow.processor import warning_of

min_version("9.0")


report: "workflow/report/workflow.rst"


plan = Plan.of(config)
inherited = Inherited(plan, workflow, ancient)
look_once_at_parameters()
announce_workflow()
announce_memory(plan.vram())
if {"DVC_STAGE", HELD} & set(os.environ):  # called by dvc, restamp or seal
    refuse_outdated(plan, Path("dvc.yaml"))
if REDRAWING in os.environ:
    refuse_outdated_results(plan, Path())
elif HELD not in os.environ:  # restamp and seal judge by content
    age_files(Path(), judged_of_others(plan))
    if aged := age_folders(Path(), outdated(plan)):
        logger.warning(
            f"{aged[0]}, one of {len(aged)}, came from elsewhere and was made by another recipe, model or loss "
            f"than {plan.study.file} names now; they will be made again."
        )


onstart:
    hold_folder()
    refuse_damaged_inputs(Path(), os.environ.get("DVC_STAGE"))
    if workflow.local_exec:
        if warning := warning_of(plan):
            logger.warning(warning)
        if HELD not in os.environ:  # they run no step
            start()


wildcard_constraints:
    dataset="[a-z0-9_]+",
    size="native|[0-9]+x[0-9]+",
    protocol="[a-z0-9_]+",
    prior="[a-z0-9_.-]+(/[a-z0-9_.-]+/[a-z0-9_]+/split[0-9]+)?",
    run="[^/]+/[^/]+/[^/]+/[^/]+/split[0-9]+",
    artefact="[a-z0-9_.-]+",
    method="[a-z0-9_.-]+",
    target="[a-z0-9_.-]+",


include: "workflow/rules/data.smk"
include: "workflow/rules/pretrain.smk"
include: "workflow/rules/train.smk"
include: "workflow/rules/baselines.smk"
include: "workflow/rules/evaluate.smk"
include: "workflow/rules/publish.smk"
include: "workflow/rules/theory.smk"


rule all:
    """The study's report, with all its tables and figures."""
    default_target: True
    input:
        rules.report.output,
        f"{plan.results}/metrics.json",
        rules.tables.input,
        rules.figures.input,
        plan.theory_files("theory.csv", "theory.pdf"),
