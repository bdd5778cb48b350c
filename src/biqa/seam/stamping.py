"""Outputs of stages noted as just made, by a Snakemake that is ready when it is wanted."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType

from biqa.seam.calls import failed
from biqa.seam.stages import Stage
from biqa.seam.touch import GO

QUIETLY = ("--cores", "1000", "--quiet", "rules", "progress")
TOUCH = "import sys; from biqa.seam.touch import main; main(sys.argv[1:])"


class Stamping:
    """Within the context a Snakemake plans, which of a large study takes long.

    ``finish`` lets it note all outputs of the stages, in the order of its jobs; a context that is
    left without leaves the folder as it is.
    """

    def __init__(self, root: Path, stages: Sequence[Stage], environment: Mapping[str, str]) -> None:
        rules = [rule for stage in stages for rule in stage.rules]
        targets = [target for stage in stages for target in stage.targets]
        words = ["--touch", "--forceall", *QUIETLY, "--allowed-rules", *rules, "--", *targets]
        self._words = [sys.executable, "-c", TOUCH, *stages[0].options, *words]
        self._root, self._environment = root, environment

    def __enter__(self) -> "Stamping":
        self._said = tempfile.TemporaryFile("w+")
        self._process = subprocess.Popen(
            self._words,
            cwd=self._root,
            env={**os.environ, **self._environment},
            stdin=subprocess.PIPE,
            stdout=self._said,
            stderr=subprocess.STDOUT,
            text=True,
        )
        return self

    def finish(self) -> None:
        """Note the outputs; Snakemake's failure is an ``InputError`` that quotes it."""
        self._process.communicate(f"{GO}\n")
        if self._process.returncode:
            self._said.seek(0)
            raise failed(self._words, self._process.returncode, self._said.read())

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        self._process.kill()  # no more than a plan is lost
        self._process.communicate()
        self._said.close()
