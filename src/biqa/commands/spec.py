"""Print what determines the bits of a run, a prior or a frozen stem, for making it by hand."""

import argparse
import json
from pathlib import Path

from biqa.errors import InputError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the study and which of its runs, priors or stems."""
    parser.add_argument("--study-file", type=Path, required=True)
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--run", help="dataset/model/loss/recipe/split<k>")
    which.add_argument("--stem", help="the same, of a run whose recipe has a frozen_stem")
    which.add_argument("--prior", help="its folder below priors: <name>, or <name>/<dataset>/...")


def run(arguments: argparse.Namespace) -> None:
    """Print the spec as one line of JSON."""
    from biqa.workflow.baselines import spec_of
    from biqa.workflow.priors import prior_spec, priors_of
    from biqa.workflow.runs import runs_of
    from biqa.workflow.stems import Stems
    from biqa.workflow.study import load_study

    study = load_study(arguments.study_file)
    runs, priors = runs_of(study), priors_of(study)
    known = list(priors if arguments.prior else runs)
    wanted = arguments.prior or arguments.stem or arguments.run
    if wanted not in known:
        raise InputError(f"{study.file}: there is no {wanted!r}; there are {', '.join(known)}")
    if arguments.stem:
        print(Stems.of(study, runs).spec(wanted))
        return
    spec = prior_spec(study, priors[wanted]) if arguments.prior else spec_of(study, runs[wanted])
    print(json.dumps(spec, sort_keys=True))
