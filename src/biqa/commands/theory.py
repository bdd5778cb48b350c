"""Write the table and figure that set the papers' statements beside computed numbers."""

import argparse
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the numbers, the statements and the folder to write to."""
    parser.add_argument("--study-file", type=Path, required=True)
    parser.add_argument("--measures", type=Path, required=True, help="CSV of the step 'gradients'")
    parser.add_argument("--statements", type=Path, default=Path("config/statements.yaml"))
    parser.add_argument("--output", type=Path, required=True, help="folder of theory.*")


def run(arguments: argparse.Namespace) -> None:
    """Judge the statements; write the table as CSV, Markdown, LaTeX and HTML, and the figure."""
    import pandas as pd

    from biqa.datasets import dataset
    from biqa.evaluation.statements import judge_statements
    from biqa.files import write_table, write_text
    from biqa.publishing.latex import latex
    from biqa.publishing.markdown import markdown
    from biqa.publishing.pages import table_page
    from biqa.publishing.style import save, styled
    from biqa.publishing.theory_figure import theory_figure
    from biqa.publishing.theory_table import ARTEFACT, theory_blocks, theory_caption
    from biqa.workflow.study import read_statements, read_study

    theory = read_study(arguments.study_file)["theory"]
    measures = pd.read_csv(arguments.measures)
    judged = judge_statements(read_statements(arguments.statements), measures)
    facts = dataset(theory["dataset"])
    caption = theory_caption(theory, judged, facts)
    full, brief = (theory_blocks(judged, measures, meaning=each) for each in (True, False))
    out = arguments.output / "theory"
    write_table(out.with_suffix(".csv"), judged)
    write_text(out.with_suffix(".md"), markdown(ARTEFACT, full, caption))
    write_text(out.with_suffix(".tex"), latex("theory", ARTEFACT, brief, caption))
    write_text(out.with_suffix(".html"), table_page(ARTEFACT, full, caption))
    with styled():
        drawn = theory_figure(measures, facts)
        save(drawn, *(out.with_suffix(suffix) for suffix in (".svg", ".png", ".pdf")))
