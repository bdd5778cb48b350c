"""(k) Jobs on a real Slurm: memory, lost nodes, cancelled runs, GPUs; skipped where none runs."""

import shutil
import signal
import subprocess
from importlib.util import find_spec

import pytest
from slurm_study import run, slurm, start, until, write_study

pytestmark = pytest.mark.slow
BACK = 200  # seconds; Slurm lets a job that it has put back wait for two minutes
WAITS = 'echo "$SLURM_JOB_ID $SLURMD_NODENAME" >> begun.$run\n'


@pytest.fixture(autouse=True)
def cluster():
    """Skip where no Slurm runs."""
    if find_spec("snakemake_executor_plugin_slurm") is None:
        pytest.skip("needs snakemake-executor-plugin-slurm")
    if shutil.which("sinfo") is None or shutil.which("sbatch") is None:
        pytest.skip("needs Slurm: sinfo and sbatch are not on PATH")
    idle = subprocess.run(["sinfo", "-h", "-o", "%T"], capture_output=True, text=True, check=False)
    if not {"idle", "mixed"} & set(idle.stdout.split()):
        pytest.skip("needs Slurm: sinfo shows no node that is idle")


def outputs(folder) -> dict[str, str]:
    return {path.name: path.read_text() for path in sorted(folder.glob("out/*"))}


def queue() -> list[str]:
    return slurm("squeue", "-h", "-t", "PENDING,RUNNING,CONFIGURING", "-o", "%i").split()


def test_k_a_job_that_fails_comes_back_with_more_memory(tmp_path):
    """The first attempt ends as one that the kernel kills for memory does; 100 MB, then 200."""
    write_study(
        tmp_path,
        'given="$(scontrol show job "$SLURM_JOB_ID" | grep -o "MinMemoryNode=[0-9]*")"\n'
        'echo "$memory $given" >> asked.$run\n'
        '[ "$memory" -ge 200 ] || kill -KILL $$\necho "$run" > "$output"\n',
    )
    said = run(tmp_path)
    assert "Trying to restart job" in said
    expected = "100 MinMemoryNode=100\n200 MinMemoryNode=200\n"
    for name in ("a", "b"):
        assert (tmp_path / f"asked.{name}").read_text() == expected
    assert outputs(tmp_path) == {"a": "a\n", "b": "b\n"}


def test_k_a_node_that_is_taken_down_loses_no_job(tmp_path):
    """A node with a running job goes down: the job runs again elsewhere, and the study ends."""
    write_study(
        tmp_path, WAITS + 'while [ ! -e go ]; do sleep 0.1; done\necho "$run" > "$output"\n'
    )
    snakemake = start(tmp_path)
    begun = tmp_path / "begun.a"
    until(lambda: begun.is_file() and begun.read_text().strip(), "the first job")
    node = begun.read_text().split()[1]
    slurm("scontrol", "update", f"nodename={node}", "state=down", "reason=test")
    try:
        until(lambda: len(begun.read_text().splitlines()) > 1, "another start", BACK)
        (tmp_path / "go").touch()
        assert snakemake.wait(BACK) == 0, (tmp_path / "said").read_text()
    finally:
        (tmp_path / "go").touch()
        if "down" in slurm("sinfo", "-h", "-n", node, "-o", "%T"):  # it may be back by itself
            slurm("scontrol", "update", f"nodename={node}", "state=resume")
        snakemake.kill()
        snakemake.wait()
    first, *_, last = (line.split()[0] for line in begun.read_text().splitlines())
    assert first == last, "Slurm starts the same job again"
    assert "Trying to restart" not in (tmp_path / "said").read_text()
    assert outputs(tmp_path) == {"a": "a\n", "b": "b\n"}


CUT_SHORT = 'echo half > "$output"\n' + WAITS + '[ -e go ] || sleep 600\necho "$run" > "$output"\n'


@pytest.fixture
def both_at_work(tmp_path):
    """Start two jobs that have written half of their output and wait."""
    write_study(tmp_path, CUT_SHORT)
    snakemake = start(tmp_path, "--retries", "0")
    for name in ("a", "b"):
        until((tmp_path / f"begun.{name}").is_file, f"job {name}")
    yield snakemake
    snakemake.kill()
    snakemake.wait()
    if queue():
        slurm("scancel", *queue())


def test_k_jobs_cancelled_by_scancel_leave_nothing_half_done(tmp_path, both_at_work):
    slurm("scancel", *queue())
    assert both_at_work.wait(120) == 1
    assert outputs(tmp_path) == {}, "snakemake removes what a failed job has written"
    (tmp_path / "go").touch()
    run(tmp_path)
    assert outputs(tmp_path) == {"a": "a\n", "b": "b\n"}


def test_k_ctrl_c_takes_the_jobs_out_of_the_queue_and_a_new_run_ends_the_study(
    tmp_path, both_at_work
):
    both_at_work.send_signal(signal.SIGINT)
    assert both_at_work.wait(120) != 0
    until(lambda: not queue(), "an empty queue")
    (tmp_path / "go").touch()
    run(tmp_path)
    assert outputs(tmp_path) == {"a": "a\n", "b": "b\n"}


def test_k_each_job_is_given_a_gpu_of_its_own(tmp_path):
    if "gpu" not in slurm("sinfo", "-h", "-o", "%G"):
        pytest.skip("needs a node with two GPUs (pretend ones do: gres.conf with character files)")
    write_study(
        tmp_path,
        'echo "$CUDA_VISIBLE_DEVICES" > seen.$run\n'
        "while [ ! -e seen.a ] || [ ! -e seen.b ]; do sleep 0.1; done\n"
        'echo "$run" > "$output"\n',
    )
    run(tmp_path, "--config", "gpu=1", "--default-resources", "slurm_partition=gpu")
    assert {(tmp_path / f"seen.{name}").read_text() for name in "ab"} == {"0\n", "1\n"}


def test_k_small_runs_share_one_submission_as_an_array(tmp_path):
    write_study(tmp_path, 'echo "$SLURM_ARRAY_JOB_ID" > "$output"\n')
    said = run(tmp_path, "--slurm-array-jobs", "all", "--slurm-array-limit", "10")
    jobs = outputs(tmp_path)
    assert jobs["a"] == jobs["b"] != "\n", said
