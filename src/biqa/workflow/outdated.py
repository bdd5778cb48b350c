"""Results of other runs than the study names now: their record says so, or some are not there.

What Snakemake made here it notes, and compares by itself. Of results that came with a clone it has
no note, and would take them as done whatever the study says.
"""

import csv
import json
from functools import partial
from pathlib import Path
from typing import Any

from biqa.baselines.recipe import baseline_recipe, plain_baseline
from biqa.errors import InputError
from biqa.recipes import plain, prior_recipe, training_recipe
from biqa.workflow.plan import Plan
from biqa.workflow.recipe_files import BASELINE_KINDS

RUN = ("dataset", "model", "loss", "recipe", "split")  # columns of the metrics that name a run


def outdated(plan: Plan, root: Path = Path()) -> list[Path]:
    """Return the folders of runs and priors, relative to ``root``, that another spec made.

    An option that the record does not name has its default: it is younger than the record.
    """
    wanted = {f"runs/{path}": partial(plan.training_spec, run) for path, run in plan.runs.items()}
    wanted |= {f"priors/{path}": partial(plan.prior_spec, path) for path in plan.priors}
    found = []
    for path, spec in wanted.items():
        folder = Path(plan.results, path)
        record = root / folder / "record.json"
        if record.is_file() and _spec_in(record) != json.loads(spec()):
            found.append(folder)
    return found


def judged_of_others(plan: Plan, root: Path = Path()) -> list[Path]:
    """Return the files of metrics, relative to ``root``, if they are of other runs than those."""
    metrics = Path(plan.results, "metrics.csv")
    if not (root / metrics).is_file():
        return []
    with (root / metrics).open(encoding="utf-8", newline="") as file:
        judged = {tuple(map(row.get, RUN)) for row in csv.DictReader(file)}
    wanted = {tuple(str(getattr(run, part)) for part in RUN) for run in plan.runs.values()}
    files = (metrics, metrics.with_name("curves.csv"))
    return [] if judged == wanted else [file for file in files if (root / file).is_file()]


def refuse_outdated_results(plan: Plan, root: Path) -> None:
    """Raise ``InputError`` where results were made by another spec."""
    found = outdated(plan, root)
    if found:
        raise InputError(
            f"{found[0]}, one of {len(found)}, was made by another recipe, model or loss than "
            f"{plan.study.file} names now; run snakemake, and commit what it makes"
        )


def _spec_in(record: Path) -> dict[str, Any] | None:
    """Return the spec of a record with the defaults of its recipe; None where it is damaged."""
    try:
        spec = json.loads(record.read_text(encoding="utf-8"))["spec"]
        return {**spec, "recipe": _completed(spec["recipe"])}
    except (ValueError, KeyError, TypeError, InputError):
        return None


def _completed(recipe: dict[str, Any]) -> dict[str, Any]:
    match recipe.get("kind"):
        case None:
            return plain(training_recipe(recipe))
        case kind if kind in BASELINE_KINDS:
            return plain_baseline(baseline_recipe(recipe))
        case _:
            return plain(prior_recipe(recipe))
