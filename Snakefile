"""A study, rebuilt: snakemake --config study=<name> [target]."""

from snakemake.utils import min_version

from biqa.seam.lock import hold_folder
from biqa.warm.start import start
from biqa.workflow.plan import RUN_FILES, Plan

min_version("9.0")

plan = Plan.of(config)


onstart:
    hold_folder()
    if workflow.local_exec:
        start()


wildcard_constraints:
    dataset="[a-z0-9_]+",
    size="native|[0-9]+x[0-9]+",
    protocol="[a-z0-9_]+",
    prior="[a-z0-9_.-]+",
    run="[^/]+/[^/]+/[^/]+/[^/]+/split[0-9]+",
    artefact="[a-z0-9_.-]+",
    target="[a-z0-9_.-]+",


include: "workflow/rules/data.smk"
include: "workflow/rules/pretrain.smk"
include: "workflow/rules/train.smk"
include: "workflow/rules/evaluate.smk"
include: "workflow/rules/publish.smk"


rule all:
    """The study's report, with all its tables and figures."""
    default_target: True
    input:
        rules.report.output,
        rules.tables.input,
        rules.figures.input,
