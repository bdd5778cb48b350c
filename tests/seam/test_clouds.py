"""Kubernetes and Google Batch, planned with the real rules; nothing is submitted to them here."""

import os
import re
import shutil
import subprocess
import sys
from importlib.util import find_spec

import pytest
from s3_server import BUCKET, s3_server
from toy import REPOSITORY

pytestmark = pytest.mark.slow
STUDY = """\
title: Cloud
splits: 1
datasets: {demo: {size: 64x64}}
models: {cnniqa: {}}
losses: {mse: {}, dcq: {}}
runs: [{datasets: all, models: all, losses: all, recipes: [demo_small]}]
tables:
  losses:
    title: Losses
    paper: DCQ
    rows: loss
    metrics: [srcc]
    published: {table: dcq_table1, label: printed, datasets: {demo: LIVEC}, metrics: {srcc: SRCC}}
"""
JOBS = {"generate": 1, "train": 2, "predict": 2, "claims": 1, "table": 1, "report": 1}
OPTIONS = {
    "kubernetes": [],
    "googlebatch": ["--googlebatch-project", "lab", "--googlebatch-region", "europe-west4"],
}
GPU = {"kubernetes": "gpu_manufacturer=nvidia", "googlebatch": "nvidia_gpu=nvidia-tesla-t4"}


@pytest.mark.parametrize("name", OPTIONS)
def test_a_cloud_plans_the_rules_with_all_that_lies_in_a_bucket(name, tmp_path):
    for plugin in (f"snakemake_executor_plugin_{name}", "snakemake_storage_plugin_s3"):
        if find_spec(plugin) is None:
            pytest.skip(f"needs {plugin.replace('_', '-')}: 'make clusters' has it")
    for part in ("Snakefile", "workflow", "config", "src"):
        source = REPOSITORY / part
        (shutil.copytree if source.is_dir() else shutil.copy)(source, tmp_path / part)
    (tmp_path / "config/studies/cloud.yaml").write_text(STUDY, encoding="utf-8")
    words = ["--workflow-profile", f"workflow/profiles/{name}", "--config", "study=cloud"]
    words += ["--default-storage-prefix", f"s3://{BUCKET}/cloud", "--container-image", "biqa"]
    with s3_server() as keys:
        environment = {
            **{**os.environ, **keys, "PYTHONPATH": str(tmp_path / "src")},
            "SNAKEMAKE_STORAGE_S3_ENDPOINT_URL": keys["AWS_ENDPOINT_URL"],
            "SNAKEMAKE_STORAGE_S3_ACCESS_KEY": keys["AWS_ACCESS_KEY_ID"],
            "SNAKEMAKE_STORAGE_S3_SECRET_KEY": keys["AWS_SECRET_ACCESS_KEY"],
            "XDG_CACHE_HOME": str(tmp_path / "cache"),
        }
        done = subprocess.run(
            [sys.executable, "-m", "snakemake", "--dry-run", *words, *OPTIONS[name]],
            **{"cwd": tmp_path, "env": environment, "check": False, "text": True},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
    assert done.returncode == 0, done.stdout[-4000:]
    planned = dict(re.findall(r"^(\w+) +(\d+)$", done.stdout, re.MULTILINE))
    assert {rule: int(planned.get(rule, 0)) for rule in JOBS} == JOBS
    assert f"s3://{BUCKET}/cloud/results/cloud/metrics.csv (retrieve from storage)" in done.stdout
    for file in ("config/claims.yaml", "config/published/dcq_table1.csv"):
        assert file in done.stdout
    assert f"{BUCKET}/cloud/config" not in done.stdout, "what git has travels with the sources"
    train = done.stdout.partition("\nrule train:")[2].partition("\n\n")[0]
    assert re.search(rf"resources: .*mem_mb=4000.*{GPU[name]}", train), train[:2000]
