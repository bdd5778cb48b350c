"""Start a warm process beside a workflow."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from biqa.warm.client import VARIABLE

LOG = Path(".snakemake/warm.log")


def start() -> None:
    """Start a warm process for the steps that this process will start, and end with it.

    Steps find it by an environment variable, which this process's children inherit. Where the
    system cannot watch a process (only Linux can) there is none, and steps start cold. What
    goes wrong in it stands in ``LOG``.
    """
    if not hasattr(os, "pidfd_open"):
        return
    address = Path(tempfile.mkdtemp(prefix="biqa-")) / "warm"
    python = shutil.which("python")  # the one that the rules call
    assert python is not None, "the rules call python"
    LOG.parent.mkdir(exist_ok=True)
    with LOG.open("w") as log:
        subprocess.Popen(
            [python, "-m", "biqa", "warm", "--socket", str(address), "--watch", str(os.getpid())],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # a Ctrl-C ends the steps, and they their children
            env=os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
        )
    os.environ[VARIABLE] = str(address)
