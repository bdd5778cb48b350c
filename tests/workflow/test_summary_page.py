"""Snakemake's own report is told where each table and figure stands, and what it shows."""

from types import SimpleNamespace

from small_study import changed, write_study

from biqa.workflow.study import load_study
from biqa.workflow.summary_page import about, category, labels

TABLE = {"title": "Losses compared", "rows": "loss", "metrics": ["srcc"], "note": "In small."}


def test_a_table_has_the_category_of_its_paper_its_title_and_its_note(tmp_path):
    tables = {"dcq_table4": {"paper": "DCQ", **TABLE}, "speed": {"paper": "ours", **TABLE}}
    study = load_study(write_study(tmp_path, {**changed(), "tables": tables}))
    one, other = (SimpleNamespace(artefact=name) for name in tables)
    assert category(study, "tables")(one) == "DCQ"
    assert category(study, "tables")(other) == "Our own questions"
    assert labels(study, "tables")(one) == {"name": "dcq_table4", "title": "Losses compared"}
    assert about(study, "tables", "speed") == "Losses compared. In small."
