"""A digest of code changes with what can change a result, and with nothing else."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import biqa
from biqa.losses import known_losses
from biqa.workflow.sources import code_digest, imported

PACKAGE = Path(biqa.__file__).parent
STEPS = (
    *("generate", "verify", "prepare", "split", "predict", "prior"),
    *("evaluate", "table", "figure", "report"),
)
PROGRAM = """
import json, sys
from biqa.workflow.sources import PACKAGE, code_digest
losses, steps = json.loads(sys.argv[1])
found = {f"train {x}": code_digest("biqa.commands.train", f"biqa.losses.{x}") for x in losses}
found |= {step: code_digest(f"biqa.commands.{step}") for step in steps}
print(json.dumps([str(PACKAGE), found]))
"""


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    folder = tmp_path_factory.mktemp("copy") / "biqa"
    shutil.copytree(PACKAGE, folder, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def digests(package):
    """Return the digest of every step, of ``train`` for each loss, in a fresh process."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, json.dumps([known_losses(), STEPS])],
        env={**os.environ, "PYTHONPATH": str(package.parent), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    where, found = json.loads(done.stdout)
    assert where == str(package)  # of the copy, not of the repository
    return found


@pytest.fixture(scope="module")
def before(package):
    return digests(package)


def changed_by(package, before, file, edit):
    """Edit one file of the copy; return the steps whose digest changed; put the file back."""
    path = package / file
    text = path.read_text(encoding="utf-8") if path.exists() else None
    new = edit(text)
    assert new != text
    path.write_text(new, encoding="utf-8")
    try:
        after = digests(package)
    finally:
        if text is None:
            path.unlink()
        else:
            path.write_text(text, encoding="utf-8")
    return {step for step in before if before[step] != after.get(step)}


TRAININGS = {f"train {loss}" for loss in known_losses()}


def test_words_and_layout_change_no_digest(package, before):
    def reworded(text):
        text = text.replace('"""Mean squared error."""', '"""Another\n\nword."""  # and more')
        text = text.replace('    """Return the mean', '    # why\n\n    """Return a mean')
        return text.replace("(predicted - mos)", "( predicted  -\n            mos )")

    assert changed_by(package, before, "losses/mse.py", reworded) == set()


def test_the_code_of_one_loss_changes_its_trainings_alone(package, before):
    edit = ("predicted - mos", "mos - predicted")
    found = changed_by(package, before, "losses/mae.py", lambda text: text.replace(*edit))
    assert found == {"train mae"}


def test_the_code_of_a_loss_changes_the_losses_that_are_built_on_it(package, before):
    found = changed_by(package, before, "losses/mse.py", lambda text: text.replace("** 2", "** 4"))
    assert found == {"train mse", "train dcq"}


def test_a_new_loss_changes_no_digest(package, before):
    def copied(text):
        return (package / "losses" / "mse.py").read_text("utf-8").replace("def mse", "def new")

    assert changed_by(package, before, "losses/new.py", copied) == set()


def test_what_some_losses_share_changes_those(package, before):
    found = changed_by(package, before, "losses/_pairs.py", lambda text: text + "\nNEW = 1\n")
    assert {"train mono", "train ranknet"} <= found < TRAININGS
    assert not found & {"train mse", "train mae", "train plcc", "train norm_in_norm", "train dcq"}


def test_the_training_loop_changes_trainings_and_nothing_that_is_published(package, before):
    found = changed_by(package, before, "training/loop.py", lambda text: text + "\nNEW = 1\n")
    assert found >= TRAININGS
    assert not found & {"generate", "verify", "prepare", "split", "evaluate"}
    assert not found & {"table", "figure", "report"}


def test_how_figures_look_changes_what_is_published_alone(package, before):
    found = changed_by(
        package, before, "publishing/style.py", lambda text: text.replace("DPI = 200", "DPI = 99")
    )
    assert "figure" in found
    assert found <= {"figure", "table", "report"}


def test_how_the_page_looks_changes_the_report_alone(package, before):
    found = changed_by(
        package,
        before,
        "publishing/templates/report.html.j2",
        lambda text: text.replace("<title>", "<title>New "),
    )
    assert "report" in found
    assert found <= {"figure", "table", "report"}


def test_the_workflow_itself_changes_no_training(package, before):
    found = changed_by(package, before, "workflow/plan.py", lambda text: text + "\nNEW = 1\n")
    assert not found & (TRAININGS | {"predict", "prior"})


def test_imports_inside_functions_count():
    found = imported(["biqa.commands.train"])
    assert {"biqa.training.loop", "biqa.recipes", "biqa.protocols", "biqa.pictures.store"} <= found
    assert not any(name.startswith(("biqa.publishing", "biqa.workflow")) for name in found)


def test_the_digest_of_a_module_that_is_not_there_is_an_error():
    with pytest.raises(ValueError, match=r"biqa\.losses\.gone is not a module of biqa"):
        code_digest("biqa.losses.gone")


def test_a_digest_does_not_depend_on_the_order_of_names():
    one, other = "biqa.losses.mse", "biqa.losses.mae"
    assert code_digest(one, other) == code_digest(other, one) != code_digest(one)
