"""Tables and figures drawn again from the stored predictions, and compared with those in git."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from biqa.errors import InputError
from biqa.seam.calls import call
from biqa.seam.commit import commit_stages
from biqa.seam.lock import folder_lock
from biqa.seam.stages import Stage, read_stages, reads_from, under
from biqa.seam.verdicts import data_status, verdicts

RULES = (  # none trains
    *("evaluate", "summary", "subsets", "table", "figure"),
    *("metrics", "tables", "figures"),
)
TARGETS = ("metrics", "tables", "figures")
# What these rules make, below results/<study>.
MADE = ("metrics.csv", "metrics.json", "curves.csv", "curves", "subsets.csv", "tables", "figures")
PREDICTIONS = "runs"  # what they are made of, below results/<study>
WEIGHTS = ".safetensors"  # in the same folders, and not needed
REDRAWING = "BIQA_REDRAWING"  # tells the Snakefile that predictions of another recipe are an error
ASIDE = Path(".snakemake/figures")  # below it before/ and after/, by study
OWN = {".git", ".dvc", ".snakemake", "data", "results", "dvc.lock"}  # not shown to the copy


@dataclass(frozen=True)
class Comparison:
    """The files of one study: in git (``before``) and drawn again (``after``), by their path."""

    study: str
    before: Path
    after: Path
    changed: tuple[str, ...]
    new: tuple[str, ...]  # not in git
    gone: tuple[str, ...]  # in git, and not drawn any more
    same: tuple[str, ...]

    @property
    def differs(self) -> bool:
        """Say whether anything would change in git."""
        return bool(self.changed or self.new or self.gone)


def regenerate(root: Path, study: str) -> Comparison:
    """Draw everything again in a folder aside and compare it with git's index, to the byte.

    Of a study that DVC knows, code, parameters and lock must agree up to the predictions, all
    must have been pushed, and the predictions are pulled, without the weights. Nothing outside
    ``.snakemake`` changes but for what is pulled.
    """
    _prepare_predictions(root, study)
    aside = (root / ASIDE / study).absolute()
    shutil.rmtree(aside, ignore_errors=True)
    before, after = _from_index(root, study, aside / "before"), aside / "after"
    _show(root, study, after)
    profile = ["--workflow-profile", "workflow/profiles/dvc"]
    rules = ["--allowed-rules", *RULES, "--", *TARGETS]
    call(
        ["snakemake", *profile, "--config", f"study={study}", *rules],
        folder=after,
        environment={REDRAWING: "1"},
    )
    return _compare(study, before, after)


def stages_of(root: Path, study: str) -> list[Stage]:
    """Return DVC's stages of a study; none where its files are in git."""
    if not (root / "dvc.lock").is_file():
        return []
    return [stage for stage in read_stages(root) if f"study={study}" in stage.options]


def redrawn(stage: Stage) -> bool:
    """Say whether a stage does nothing but what is done here again."""
    return bool({"evaluate", "table", "figure"} & set(stage.rules))


def _prepare_predictions(root: Path, study: str) -> None:
    stages = stages_of(root, study)
    if not stages:
        return
    found = verdicts(root, stages)
    for verdict in found:
        if not verdict.clean and not redrawn(verdict.stage):
            raise InputError(
                f"dvc.lock does not describe stage {verdict.stage.name!r} "
                f"({'; '.join(verdict.reasons)}): its results belong to something else; "
                "run snakemake and 'python -m biqa seal', and commit dvc.lock"
            )
    _refuse_unpushed(root)
    needed = {dep for stage in stages if redrawn(stage) for dep in stage.deps}
    missing = [path for verdict in found for path in verdict.missing if under(path, needed)]
    wanted = [path for path in missing if not path.endswith(WEIGHTS)]
    if wanted:
        call(["dvc", "pull", "--quiet", *wanted], folder=root)


def _refuse_unpushed(root: Path) -> None:
    """Refuse where a remote is set and lacks files: others could not draw from what we have."""
    unpushed = data_status(root, "--not-in-remote").get("not_in_remote", [])
    if unpushed:
        raise InputError(
            f"the remote lacks {unpushed[0]}, of {len(unpushed)}; 'dvc push', then check"
        )


def _from_index(root: Path, study: str, folder: Path) -> Path:
    """Write the files of git's index to a folder."""
    paths = [f"results/{study}/{made}" for made in MADE]
    files = call(["git", "ls-files", "-z", "--", *paths], folder=root).split("\0")[:-1]
    if not files:
        raise InputError(
            f"git has none of {', '.join(paths)}: nothing to compare with; "
            "build the study and commit its tables and figures"
        )
    folder.mkdir(parents=True)
    call(["git", "checkout-index", f"--prefix={folder}/", "--", *files], folder=root)
    return folder


def _show(root: Path, study: str, folder: Path) -> None:
    """Fill a folder with links to the workflow and the predictions, and to no result."""
    predictions = root.absolute() / "results" / study / PREDICTIONS
    if not predictions.is_dir():
        raise InputError(f"{predictions} does not exist: there are no predictions to draw from")
    (folder / "results" / study).mkdir(parents=True)
    (folder / "results" / study / PREDICTIONS).symlink_to(predictions)
    for entry in root.absolute().iterdir():
        if entry.name not in OWN:
            (folder / entry.name).symlink_to(entry)


def _compare(study: str, before: Path, after: Path) -> Comparison:
    old, new = (_below(folder / "results" / study) for folder in (before, after))
    both = sorted(old.keys() & new.keys())
    differs = {path: old[path].read_bytes() != new[path].read_bytes() for path in both}
    prefix = f"results/{study}/"
    return Comparison(
        study,
        before,
        after,
        changed=tuple(prefix + path for path in both if differs[path]),
        new=tuple(prefix + path for path in sorted(new.keys() - old.keys())),
        gone=tuple(prefix + path for path in sorted(old.keys() - new.keys())),
        same=tuple(prefix + path for path in both if not differs[path]),
    )


def _below(folder: Path) -> dict[str, Path]:
    """Return the compared files of a results folder, by their path in it."""
    files = (file for made in MADE for file in [folder / made, *(folder / made).rglob("*")])
    return {file.relative_to(folder).as_posix(): file for file in files if file.is_file()}


def accept(root: Path, study: str) -> list[str]:
    """Take what ``regenerate`` has drawn into the results, dvc.lock and git's index.

    Returns the accepted paths. What is staged still has to be committed.
    """
    aside = (root / ASIDE / study).absolute()
    if not (aside / "after").is_dir():
        raise InputError(f"{aside} does not exist; run 'python -m biqa check-figures' first")
    comparison = _compare(study, aside / "before", aside / "after")
    accepted = [*comparison.changed, *comparison.new, *comparison.gone]
    with folder_lock(root):
        stages = stages_of(root, study)
        _refuse_partial(root, stages)
        _replace(root, comparison)
        stale = [stage.name for stage in stages if redrawn(stage)]
        if stale:
            commit_stages(root, stale)
            accepted.append("dvc.lock")
        if accepted:
            call(["git", "add", "--all", "--", *accepted], folder=root)
    return accepted


def _replace(root: Path, comparison: Comparison) -> None:
    for path in (*comparison.changed, *comparison.new):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(comparison.after / path, root / path)
    for path in comparison.gone:
        (root / path).unlink(missing_ok=True)


def _refuse_partial(root: Path, stages: list[Stage]) -> None:
    """Refuse to renew dvc.lock from a part of the predictions: the others would leave it."""
    redone = [stage for stage in stages if redrawn(stage)]
    before = [one for stage in redone for one in reads_from(stage, stages)]
    for verdict in verdicts(root, stages) if stages else []:
        if verdict.missing and verdict.stage in before:
            raise InputError(
                f"{verdict.missing[0]} is not here, and dvc.lock would forget it; "
                f"'dvc pull {verdict.stage.name}', then accept"
            )
