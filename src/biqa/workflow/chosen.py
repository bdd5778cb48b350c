"""The study that is built when none is named: the one that dvc.yaml is written for."""

from pathlib import Path

from biqa.errors import InputError
from biqa.yaml_files import load_yaml


def chosen_study(file: Path) -> str:
    """Return the study that both doors build, from ``vars`` of dvc.yaml.

    DVC takes no variable where it expects a list of files, so dvc.yaml is written for one study
    (``python -m biqa study <name>``); Snakemake reads its name there, and the two cannot differ.
    """
    remedy = "name one with --config study=<name>, or choose one with 'python -m biqa study <name>'"
    if not file.is_file():
        raise InputError(f"{file.absolute()} does not exist, so no study is chosen; {remedy}")
    for entry in (load_yaml(file) or {}).get("vars", []):
        if isinstance(entry, dict) and "study" in entry:
            return str(entry["study"])
    raise InputError(f"{file.absolute()}: vars names no study; {remedy}")
