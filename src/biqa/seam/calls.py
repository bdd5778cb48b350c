"""Calls of snakemake, dvc and git, whose failures are errors that quote them."""

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from biqa.errors import InputError

N_QUOTED = 12  # last lines of a failed call that its error repeats


def call(
    words: Sequence[str | Path], *, folder: Path, environment: Mapping[str, str] | None = None
) -> str:
    """Run a command in ``folder`` and return what it printed on stdout.

    ``environment`` is added to ours. A status other than 0 is an ``InputError`` that quotes the
    end of what the command said.
    """
    try:
        done = subprocess.run(
            [str(word) for word in words],
            cwd=folder,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError as error:
        raise InputError(
            f"there is no {words[0]!r} on PATH; enter the environment of this project"
        ) from error
    if done.returncode:
        said = "\n".join([done.stdout.strip(), done.stderr.strip()]).strip().splitlines()
        quoted = "\n  ".join(said[-N_QUOTED:])
        raise InputError(
            f"{' '.join(str(word) for word in words)}: status {done.returncode}\n  {quoted}"
        )
    return done.stdout
