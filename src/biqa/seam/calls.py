"""Calls of snakemake, dvc and git, whose failures are errors that quote them."""

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from biqa.errors import InputError

N_QUOTED = 12  # last lines of a failed call that its error repeats
N_SHOWN = 200  # letters of a call that its error repeats; some name thousands of files


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
        raise failed(words, done.returncode, f"{done.stdout.strip()}\n{done.stderr.strip()}")
    return done.stdout


def failed(words: Sequence[str | Path], status: int, said: str) -> InputError:
    """Return the error of a command that ended with ``status`` and said something."""
    command = " ".join(str(word) for word in words)
    shown = command if len(command) <= N_SHOWN else f"{command[:N_SHOWN]} ..."
    quoted = "\n  ".join(said.strip().splitlines()[-N_QUOTED:])
    return InputError(f"{shown}: status {status}\n  {quoted}")
