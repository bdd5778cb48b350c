"""Draw one figure of a study, as PDF, SVG and PNG."""

import argparse
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the study, the artefact, the results and the three files to write."""
    parser.add_argument("--study-file", type=Path, required=True)
    parser.add_argument("--artefact", required=True, help="name of the figure in the study")
    parser.add_argument("--results", type=Path, required=True, help="results/<study>")
    parser.add_argument(
        "--published", type=Path, default=Path("config/published"), help="printed numbers"
    )
    parser.add_argument("--output-svg", type=Path, required=True)
    parser.add_argument("--output-png", type=Path, required=True)
    parser.add_argument("--output-pdf", type=Path, required=True)


def run(arguments: argparse.Namespace) -> None:
    """Draw the runs that the figure selects; write all files."""
    from biqa.publishing.artefacts import declared, facts_of
    from biqa.publishing.figures import figure
    from biqa.publishing.style import save, styled
    from biqa.workflow.runs import declared_runs, splits_by_names
    from biqa.workflow.study import read_study

    study = read_study(arguments.study_file)
    planned = splits_by_names(declared_runs(study, str(arguments.study_file)).values())
    with styled():
        drawn = figure(
            declared(study, "figures", arguments.artefact, str(arguments.study_file)),
            arguments.results,
            planned,
            facts_of(study),
            published=arguments.published,
            where=f"{arguments.study_file}: figures.{arguments.artefact}",
            sweeps=study.get("sweeps"),
        )
        save(drawn, arguments.output_svg, arguments.output_png, arguments.output_pdf)
