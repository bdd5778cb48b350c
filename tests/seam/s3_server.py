"""A pretend S3 on this machine, with one bucket, for several test modules."""

import re
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec

import pytest

PYTHON = sys.executable  # before a fixture puts another in its place
BUCKET = "papers"
KEYS = {
    "AWS_ACCESS_KEY_ID": "key",
    "AWS_SECRET_ACCESS_KEY": "secret",
    "AWS_DEFAULT_REGION": "us-east-1",
}
SERVE = "from moto.server import main; main(['-H', '127.0.0.1', '-p', '0'])"  # a free port


@contextmanager
def s3_server() -> Iterator[dict[str, str]]:
    """Serve an empty bucket; give the environment in which the AWS libraries find it."""
    if find_spec("moto") is None or find_spec("flask") is None:
        pytest.skip("needs moto[s3], flask and flask-cors: 'make clusters' has them")
    with subprocess.Popen(
        [PYTHON, "-u", "-c", SERVE],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as server:
        try:
            assert server.stderr is not None
            said = (re.search(r"http://127\.0\.0\.1:\d+", line) for line in server.stderr)
            address = next(found[0] for found in said if found)
            bucket = urllib.request.Request(f"{address}/{BUCKET}", method="PUT")
            urllib.request.urlopen(bucket).close()
            yield {**KEYS, "AWS_ENDPOINT_URL": address}
        finally:
            server.kill()
