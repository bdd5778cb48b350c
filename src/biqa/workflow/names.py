"""Names in a study that biqa does not have."""

from difflib import get_close_matches

from biqa.datasets import known as known_datasets
from biqa.errors import InputError
from biqa.handcrafted import facts_of, known_methods
from biqa.losses import known_losses
from biqa.models import known_models, module_of
from biqa.workflow.study import Study

PRIOR_ONLY = ("scnn",)  # networks that judge no quality: only a prior trains them
NO_LOSS = "none"  # the loss of hand-crafted methods, which learn by a regression or not at all


def missing_names(study: Study) -> list[tuple[str, str, tuple[str, ...]]]:
    """Return what the study names and biqa lacks: (place in the file, name, the known ones)."""
    missing: list[tuple[str, str, tuple[str, ...]]] = []
    datasets, losses = known_datasets(), (*known_losses(), NO_LOSS)
    models = (*known_models(), *known_methods(), *PRIOR_ONLY)
    for label in study.raw["datasets"]:
        if label not in datasets:
            missing.append((f"datasets.{label}", label, datasets))
    for label, entry in study.raw["losses"].items():
        if entry.get("name", label) not in losses:
            missing.append((f"losses.{label}", entry.get("name", label), losses))
    for label, entry in study.raw["models"].items():
        name = entry.get("name", label)
        if module_of(name) is None and facts_of(name) is None and name not in PRIOR_ONLY:
            missing.append((f"models.{label}", name, models))
    return missing


def check_names(study: Study) -> None:
    """Refuse names that biqa lacks, unless the study lists them under ``not_there_yet``.

    A step that needs such a name then stops with an error of its own; the plan can be seen.
    """
    promised = set(study.raw.get("not_there_yet", []))
    for place, name, known in missing_names(study):
        if name not in promised:
            near = get_close_matches(name, known, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise InputError(
                f"{study.file}: {place}: there is no {name!r}; biqa has {', '.join(known)}{hint}"
            )
    absent = {name for _, name, _ in missing_names(study)}
    for name in sorted(promised - absent):
        raise InputError(f"{study.file}: not_there_yet: {name!r} is there; take it off the list")
