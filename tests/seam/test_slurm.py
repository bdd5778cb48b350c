"""(k) Jobs on a real Slurm: memory, lost nodes, cancelled runs, GPUs; skipped where none runs."""

import signal

import pytest
from slurm_study import PATIENCE, SlurmStudy, skip_without_slurm, slurm, until

pytestmark = pytest.mark.slow
BEGUN = 'echo "$SLURM_JOB_ID $SLURMD_NODENAME" >> begun.$run\n'
CUT_SHORT = 'echo half > "$output"\n' + BEGUN + '[ -e go ] || sleep 600\necho "$run" > "$output"\n'
AT_WORK = {"idle", "mixed", "allocated", "completing"}
BOTH = {"a": "a\n", "b": "b\n"}


@pytest.fixture
def study(tmp_path):
    """Return a study; what it has started ends with the test."""
    skip_without_slurm()
    made = SlurmStudy(tmp_path)
    yield made
    made.end()


def test_k_a_job_that_fails_comes_back_with_more_memory(study):
    """The first attempt ends as one that the kernel kills for memory does; 100 MB, then 200."""
    study.write(
        'given="$(scontrol show job "$SLURM_JOB_ID" | grep -o "MinMemoryNode=[0-9]*")"\n'
        'echo "$memory $given" >> asked.$run\n'
        '[ "$memory" -ge 200 ] || kill -KILL $$\necho "$run" > "$output"\n',
    )
    study.run()
    assert "Trying to restart job" in study.said()
    expected = "100 MinMemoryNode=100\n200 MinMemoryNode=200\n"
    for name in ("a", "b"):
        assert (study.folder / f"asked.{name}").read_text() == expected
    assert study.outputs() == BOTH


def test_k_a_node_that_is_taken_down_loses_no_job(study):
    """A node with a running job goes down: the job runs again elsewhere, and the study ends."""
    study.write(BEGUN + 'while [ ! -e go ]; do sleep 0.1; done\necho "$run" > "$output"\n')
    snakemake = study.start()
    begun = study.folder / "begun.a"
    until(lambda: begun.is_file() and begun.read_text().strip(), "the first job")
    job, node = begun.read_text().split()
    slurm("scontrol", "update", f"nodename={node}", "state=down", "reason=test")
    try:
        until(lambda: "PENDING" in slurm("squeue", "-h", "-j", job, "-o", "%T"), "a free place")
        # Slurm would let the job wait for two minutes, for the node to end what runs there.
        slurm("scontrol", "update", f"jobid={job}", "starttime=now", f"excnodelist={node}")
        until(lambda: len(begun.read_text().splitlines()) > 1, "another start")
        (study.folder / "go").touch()
        assert snakemake.wait(PATIENCE) == 0, study.said()
    finally:
        (study.folder / "go").touch()
        if not AT_WORK.issuperset(slurm("sinfo", "-h", "-n", node, "-o", "%T").split()):
            slurm("scontrol", "update", f"nodename={node}", "state=resume")
    first, *_, last = (line.split()[0] for line in begun.read_text().splitlines())
    assert first == last, "Slurm starts the same job again"
    assert "Trying to restart" not in study.said()
    assert study.outputs() == BOTH


@pytest.fixture
def both_at_work(study):
    """Start two jobs that have written half of their output and wait."""
    study.write(CUT_SHORT)
    snakemake = study.start("--retries", "0")
    for name in ("a", "b"):
        until((study.folder / f"begun.{name}").is_file, f"job {name}")
    return snakemake


def test_k_jobs_cancelled_by_scancel_leave_nothing_half_done(study, both_at_work):
    slurm("scancel", *study.queue())
    assert both_at_work.wait(PATIENCE) == 1
    assert study.outputs() == {}, "snakemake removes what a failed job has written"
    (study.folder / "go").touch()
    study.run()
    assert study.outputs() == BOTH


def test_k_ctrl_c_takes_the_jobs_out_of_the_queue_and_a_new_run_ends_the_study(study, both_at_work):
    both_at_work.send_signal(signal.SIGINT)
    assert both_at_work.wait(PATIENCE) != 0
    until(lambda: not study.queue(), "an empty queue")
    (study.folder / "go").touch()
    study.run()
    assert study.outputs() == BOTH


def test_k_each_job_is_given_a_gpu_of_its_own(study):
    if "gpu" not in slurm("sinfo", "-h", "-o", "%G"):
        pytest.skip("needs a node with two GPUs (pretend ones do: gres.conf with character files)")
    study.write(
        'echo "$CUDA_VISIBLE_DEVICES" > seen.$run\n'
        "while [ ! -e seen.a ] || [ ! -e seen.b ]; do sleep 0.1; done\n"
        'echo "$run" > "$output"\n',
    )
    study.run("--config", "gpu=1", "--default-resources", "slurm_partition=gpu")
    assert {(study.folder / f"seen.{name}").read_text() for name in "ab"} == {"0\n", "1\n"}


def test_k_small_runs_share_one_submission_as_an_array(study):
    study.write('echo "$SLURM_ARRAY_JOB_ID" > "$output"\n')
    study.run("--slurm-array-jobs", "all", "--slurm-array-limit", "10")
    jobs = study.outputs()
    assert jobs["a"] == jobs["b"] != "\n", study.said()
