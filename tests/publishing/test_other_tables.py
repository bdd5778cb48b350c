"""Tables of databases, of speed and of optimism are what definitions, records and runs say."""

from pathlib import Path

import made_up
import pytest

from biqa.errors import InputError
from biqa.publishing.cells import optimism
from biqa.publishing.results import read_metrics
from biqa.publishing.tables import table_of_databases
from biqa.publishing.training_speed import with_speed
from biqa.publishing.wide import number, signed

PUBLISHED = Path(__file__).parents[2] / "config" / "published"


def test_a_table_of_databases_states_their_facts() -> None:
    artefact = {"title": "t", "rows": "dataset", "metrics": ["n_images", "score_max"]}
    cells = table_of_databases(artefact, made_up.FACTS, published=PUBLISHED, where="here")
    assert cells[["row", "metric", "value"]].to_numpy().tolist() == [
        ["livec", "n_images", 1162.0],
        ["livec", "score_max", 100.0],
        ["demo", "n_images", 1162.0],
        ["demo", "score_max", 100.0],
    ]
    mixed = {**artefact, "rows": "loss", "metrics": ["n_images", "srcc"]}
    with pytest.raises(InputError, match="found rows 'loss' and metrics n_images, srcc"):
        table_of_databases(mixed, made_up.FACTS, published=PUBLISHED, where="here")


def test_speed_is_pictures_times_epochs_over_seconds(results: Path) -> None:
    found = with_speed(read_metrics(results).head(3), results)
    assert (found["seconds"] == 61.5).all()
    expected = made_up.N_TEST * made_up.EPOCHS / 61.5  # as many pictures train as are judged
    assert found["pictures_per_second"].tolist() == pytest.approx([expected] * 3)


def test_optimism_is_best_test_minus_validation_split_by_split(results: Path) -> None:
    tested = read_metrics(results).query("dataset == 'livec'")
    found = optimism(tested).set_index("run")["srcc"]
    for run, group in tested.groupby("run"):
        by_choice = group.set_index("choice")["srcc"]
        expected = by_choice["best_test"] - by_choice["best_validation"]
        assert found[run] == pytest.approx(expected, nan_ok=True)


def test_optimism_without_validation_is_minus_the_last_epoch(results: Path) -> None:
    tested = read_metrics(results).query("dataset == 'livec' and choice != 'best_validation'")
    found = optimism(tested).set_index("run")["srcc"]
    for run, group in tested.groupby("run"):
        by_choice = group.set_index("choice")["srcc"]
        expected = by_choice["best_test"] - by_choice["last"]
        assert found[run] == pytest.approx(expected, nan_ok=True)


def test_numbers_are_written_as_their_metric_is() -> None:
    assert [number(-0.12345), number(10073.0, "n_images")] == ["−0.123", "10,073"]
    assert [number(61.54, "seconds"), number(9.0, "score_max")] == ["61.5", "9"]
    assert [signed(0.0001), signed(-0.2), signed(3.0, "n_images")] == ["0.000", "−0.200", "+3"]
