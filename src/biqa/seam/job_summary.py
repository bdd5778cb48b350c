"""A comparison of figures told on GitHub, whose job summaries show pictures by address only."""

from collections.abc import Mapping
from pathlib import Path

from biqa.errors import InputError
from biqa.seam.calls import call
from biqa.seam.regenerate import Comparison
from biqa.seam.summary import PICTURES, summary

NEEDED = ("GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_RUN_ID")
NOBODY = {
    f"GIT_{role}_{part}": value
    for role in ("AUTHOR", "COMMITTER")
    for part, value in (("NAME", "biqa check-figures"), ("EMAIL", "check-figures@localhost"))
}


def tell_job(
    root: Path, comparison: Comparison, folder: Path, environment: Mapping[str, str]
) -> None:
    """Add the differences to the summary of the GitHub job that we run in; elsewhere do nothing.

    ``folder`` holds ``before`` and ``after``. Pictures that cannot be pushed, as from a fork, are
    named instead of shown, with the reason; the job keeps them as files.
    """
    file = environment.get("GITHUB_STEP_SUMMARY")
    if not file:
        return
    address, reason = "", ""
    if comparison.changed and all(name in environment for name in NEEDED):
        try:
            address = _pushed(root, comparison, folder, environment)
        except InputError as error:
            reason = f"\nThe pictures lie in the files that this run keeps: {error}\n"
    with open(file, "a", encoding="utf-8") as said:
        said.write(summary(comparison, folder, address) + reason)


def _pushed(
    root: Path, comparison: Comparison, folder: Path, environment: Mapping[str, str]
) -> str:
    """Push the changed pictures as a commit that belongs to no branch; return their address."""
    changed = [path for path in comparison.changed if Path(path).suffix in PICTURES]
    files = [f"{side}/{path}" for side in ("before", "after") for path in changed]
    if not files:
        return ""
    where = call(["git", "rev-parse", "--absolute-git-dir"], folder=root).strip()
    git = ["git", f"--git-dir={where}", f"--work-tree={folder}"]
    own = {**NOBODY, "GIT_INDEX_FILE": str(folder / "index")}
    call([*git, "add", "--force", "--", *files], folder=folder, environment=own)
    tree = call([*git, "write-tree"], folder=folder, environment=own).strip()
    words = ["commit-tree", tree, "-m", f"Figures of {comparison.study}, in git and drawn again"]
    commit = call([*git, *words], folder=folder, environment=own).strip()
    server, repository, run = (environment[name] for name in NEEDED)
    place = f"refs/figures/{comparison.study}-{run}"
    call(["git", "push", "--quiet", "--force", "origin", f"{commit}:{place}"], folder=root)
    return f"{server}/{repository}/raw/{commit}/"
