"""Print what determines the bits of a run or a prior, for training it by hand."""

import argparse
import json
from pathlib import Path

from biqa.errors import InputError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the study and which of its runs or priors."""
    parser.add_argument("--study-file", type=Path, required=True)
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--run", help="dataset/model/loss/recipe/split<k>")
    which.add_argument("--prior", help="name of a prior")


def run(arguments: argparse.Namespace) -> None:
    """Print the spec as one line of JSON."""
    from biqa.workflow.baselines import spec_of
    from biqa.workflow.runs import prior_spec, runs_of
    from biqa.workflow.study import load_study

    study = load_study(arguments.study_file)
    if arguments.prior:
        known, wanted = list(study.priors), arguments.prior
    else:
        runs = runs_of(study)
        known, wanted = list(runs), arguments.run
    if wanted not in known:
        raise InputError(f"{study.file}: there is no {wanted!r}; there are {', '.join(known)}")
    spec = prior_spec(study, wanted) if arguments.prior else spec_of(study, runs[wanted])
    print(json.dumps(spec, sort_keys=True))
