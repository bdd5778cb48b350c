"""What stands side by side differs in the row: the same splits, the same databases."""

from pathlib import Path

import made_up
import pandas as pd
import pytest

from biqa.publishing.beside_print import table_of_print
from biqa.publishing.captions import table_caption
from biqa.publishing.compared import paired, setting_apart
from biqa.publishing.panels import Panel, overlap, panels
from biqa.publishing.tables import table
from biqa.publishing.wide import blocks

PUBLISHED = Path(__file__).parents[2] / "config" / "published"
MSU = {
    "table": "norm_in_norm_msu",
    "rows": {"norm_in_norm": "LINEARITY"},
    "elsewhere": {"image-quality-assessment-on-msu-nr-vqa": "MSU, NR VQA"},
    "metrics": {"srcc": "SROCC", "krcc": "KLCC"},
}


def runs(*each: tuple[str, str, str, int], **columns: object) -> pd.DataFrame:
    """Return results of runs (model, loss, recipe, number of splits)."""
    rows = [
        {
            **{"dataset": "livec", "model": model, "loss": loss, "recipe": recipe},
            **{"split": split, "tested_on": "livec", "choice": "last", "protocol_choice": True},
            **{"epoch": 5, "status": "ok", "fit_note": "", "srcc": 0.1 * split, "krcc": 0.2},
            **{"run": f"runs/livec/{model}/{loss}/{recipe}/split{split}", **columns},
        }
        for model, loss, recipe, n_splits in each
        for split in range(n_splits)
    ]
    return pd.DataFrame(rows)


def splits_of(found: pd.DataFrame, key: str) -> dict[str, list[int]]:
    return {name: sorted(group["split"]) for name, group in found.groupby(key)}


def test_rows_are_compared_on_the_splits_that_all_have() -> None:
    found = runs(("m", "dcq", "r", 3), ("m", "dcq", "r.lr-1", 1), ("m", "dcq", "r.lr-2", 2))
    assert splits_of(paired(found, {"rows": "recipe"}), "recipe") == {
        **{"r": [0], "r.lr-1": [0], "r.lr-2": [0]}
    }
    assert len(paired(found, {"rows": "loss"})) == len(found)  # each recipe is a group of its own


def test_networks_are_not_held_back_by_each_other_where_losses_are_the_rows() -> None:
    found = runs(*((model, loss, "r", n) for model, n in (("a", 1), ("b", 3)) for loss in "xy"))
    kept = paired(found, {"rows": "loss"})
    assert splits_of(kept, "model") == {"a": [0, 0], "b": [0, 0, 1, 1, 2, 2]}


def test_the_points_of_a_sweep_share_their_splits_whatever_the_rows_are() -> None:
    found = runs(("m", "dcq", "r", 2), ("m", "dcq", "r.lr-1", 1), ("m", "mse", "r", 2))
    kept = paired(found, {"kind": "sweep", "sweeps": ["rates"]})
    assert splits_of(kept, "loss") == {"dcq": [0, 0], "mse": [0]}


def test_left_out_distortions_have_a_split_each() -> None:
    found = runs(("m", "mse", "lodo", 3)).assign(left_out=["AGN", "ANC", "Block"])
    assert len(paired(found, {"rows": "left_out"})) == 3


def test_what_follows_from_the_row_sets_nothing_apart() -> None:
    own = runs(("a", "x", "recipe_of_a", 2), ("b", "x", "recipe_of_b", 2))
    assert setting_apart(own, "model") == []
    assert setting_apart(own, "loss") == ["model"]  # and the recipe follows from the network
    assert setting_apart(runs(("a", "x", "r", 1), ("a", "x", "s", 1)), "loss") == ["recipe"]
    elsewhere = own.assign(recipe="other", dataset="csiq", tested_on="csiq")
    assert setting_apart(pd.concat([own, elsewhere]), "model") == []  # nor from the database


def test_networks_with_recipes_of_their_own_share_a_panel() -> None:
    found = runs(("a", "x", "recipe_of_a", 2), ("b", "x", "recipe_of_b", 2))
    (panel,) = panels({}, found, "model", made_up.FACTS)
    assert panel.title == "LIVE Challenge"


@pytest.mark.parametrize(
    ("values", "expected"),
    [(([0.1, 0.5], [0.4, 0.9]), True), (([0.1, 0.5], [0.6, 0.9]), False), (([], [0.1]), True)],
)
def test_panels_share_a_scale_where_their_values_overlap(values: tuple, expected: bool) -> None:
    divided = [Panel("", "", pd.DataFrame({"srcc": one}, dtype=float)) for one in values]
    assert overlap(divided, "srcc") == expected


def cells_of(found: pd.DataFrame, **artefact: object) -> tuple[dict, pd.DataFrame]:
    names = ("dataset", "model", "loss", "recipe")
    planned = {
        tuple(group): tuple(sorted(found.loc[rows, "split"]))
        for group, rows in found.groupby(list(names), sort=False).groups.items()
    }
    asked = {"title": "T", "paper": "DCQ", "metrics": ["srcc", "krcc"], **artefact}
    return asked, table(asked, found, planned, published=PUBLISHED, where="here")


def test_groups_of_one_database_are_told_apart_by_nothing_else() -> None:
    found = runs(*((model, loss, "r", 1) for model in "ab" for loss in ("mse", "dcq")))
    artefact, cells = cells_of(found, rows="model")
    (block,) = blocks(artefact, cells, made_up.FACTS)
    assert block.heading == "LIVE Challenge"
    assert [column.group for column in block.columns] == ["MSE", "MSE", "DCQ", "DCQ"]


def test_rows_with_recipes_of_their_own_do_not_compete() -> None:
    for recipe_of_c in ("recipe_of_c", "recipe_of_b"):  # of three rows two may share one
        found = runs(
            ("a", "mse", "recipe_of_a", 8),
            ("b", "mse", "recipe_of_b", 8),
            ("c", "mse", recipe_of_c, 8),
        )
        found["srcc"] += 0.3 * (found["model"] == "b")
        artefact, cells = cells_of(found, rows="model")
        assert set(cells["mark"]) == {""}
        caption = table_caption(artefact, cells, found, made_up.FACTS)
        assert "No best is marked: rows have recipes of their own" in caption
    same = runs(("a", "mse", "r", 8), ("b", "mse", "r", 8))
    same["srcc"] += 0.3 * (same["model"] == "b")
    artefact, cells = cells_of(same, rows="model")
    assert "Bold: best" in table_caption(artefact, cells, same, made_up.FACTS)


def test_a_printed_database_that_no_run_covers_says_so_beside_ours() -> None:
    found = runs(("m", "mse", "r", 2), ("m", "norm_in_norm", "r", 2))
    artefact, cells = cells_of(found, rows="loss", published=MSU)
    ours, theirs = blocks(artefact, cells, made_up.FACTS)
    assert (ours.heading, ours.printed) == ("LIVE Challenge", "")
    assert (theirs.heading, theirs.printed) == ("MSU, NR VQA", "printed")
    (row,) = theirs.rows
    assert [(cell.value, cell.printed, cell.difference) for cell in row.cells] == [
        *(("not run", "0.910", "—"), ("not run", "0.759", "—"))
    ]
    caption = table_caption(artefact, cells, found, made_up.FACTS)
    assert "Median over 2 splits" in caption
    assert "Not run: no run of this study covers the cell." in caption


def test_printed_numbers_can_stand_alone() -> None:
    artefact = {"title": "T", "paper": "DCQ", "rows": "loss", "metrics": ["srcc", "krcc"]}
    artefact |= {"published": MSU, "print_alone": True}
    cells = table_of_print(artefact, PUBLISHED)
    assert cells["published"].tolist() == [0.9104, 0.7589]
    assert cells["n_splits"].tolist() == [0, 0]
    (block,) = blocks(artefact, cells, made_up.FACTS)
    assert block.heading == "MSU, NR VQA"
    caption = table_caption(artefact, cells, pd.DataFrame(), made_up.FACTS)
    assert caption == "Printed numbers alone: no run of this study covers them."


def test_a_method_has_no_row_where_it_was_not_printed() -> None:
    other = runs(("m", "dcq", "r", 1), dataset="demo", tested_on="demo")
    other["run"] = other["run"].str.replace("livec", "demo")
    printed = {
        **{"table": "dcq_table1", "rows": {"TReS": "TReS"}, "datasets": {"livec": "LIVEC"}},
        "metrics": {"srcc": "SRCC"},
    }
    _, cells = cells_of(
        pd.concat([runs(("m", "dcq", "r", 1)), other]), rows="model", published=printed
    )
    shown = cells[["tested_on", "row"]].drop_duplicates().to_numpy().tolist()
    assert sorted(shown) == [["demo", "m"], ["livec", "TReS"], ["livec", "m"]]


def test_a_printed_cell_may_be_empty_in_one_database_and_metric() -> None:
    printed = {
        **{"table": "dcq_table1", "rows": {"Rank Order": "Rank Order"}},
        **{"datasets": {"livec": "LIVEC"}, "metrics": {"srcc": "SRCC", "krcc": "PLCC"}},
        "empty": ["Rank Order.livec.krcc"],
    }
    _, cells = cells_of(runs(("m", "dcq", "r", 1)), rows="model", published=printed)
    found = cells[cells["row"] == "Rank Order"].set_index("metric")["published"]
    assert found["srcc"] == 0.827
    assert found.isna().to_dict() == {"srcc": False, "krcc": True}
