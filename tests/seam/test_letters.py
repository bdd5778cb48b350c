"""Where each property of the seam, (a) to (m), is tested; a test that is renamed is missed here."""

import re

import pytest
from toy import REPOSITORY

SEAM = "tests/seam/test_"
LETTERS = {
    "a: clone, pull and restamp leave nothing to do": [
        f"{SEAM}restamp.py::test_a_new_clone_that_pulled_has_nothing_to_do",
        f"{SEAM}restamp.py::test_what_was_not_pulled_is_not_taken_for_changed",
    ],
    "b: both doors write the same lock": [
        f"{SEAM}seal.py::test_both_doors_write_the_same_lock_and_the_same_bytes",
    ],
    "c: an edited figure trains nothing behind either door": [
        f"{SEAM}seal.py::test_an_edited_figure_trains_nothing_behind_either_door",
        "tests/workflow/test_snakemake.py::test_another_look_of_figures_trains_nothing",
    ],
    "d: a stale commit makes the changed stage and what follows": [
        f"{SEAM}restamp.py::test_a_commit_without_its_results_makes_the_changed_stage"
        "_and_what_follows",
    ],
    "e: an edited parameter trains behind both doors": [
        f"{SEAM}seal.py::test_another_parameter_trains_behind_both_doors",
    ],
    "f: a flipped byte of old time is found": [
        f"{SEAM}restamp.py::test_a_byte_that_changed_in_a_source_of_old_time_is_found",
        f"{SEAM}restamp.py::test_a_byte_that_changed_in_a_result_of_old_time_is_found",
        f"{SEAM}restamp.py::test_a_truncated_result_is_found",
    ],
    "g: a missing prediction is an error where training is not allowed": [
        f"{SEAM}seal.py::test_a_missing_prediction_is_an_error_where_training_is_not_allowed",
        f"{SEAM}figures_check.py::test_no_rule_that_trains_is_allowed",
    ],
    "h: results from DVC's run cache are known after restamp": [
        f"{SEAM}restamp.py::test_results_that_dvc_took_from_its_cache_are_known_to_snakemake",
    ],
    "i: an S3 bucket carries results": [
        f"{SEAM}remotes.py::test_a_bucket_carries_results_to_a_clone",
    ],
    "j: a figure has the same bytes on another day": [
        "tests/publishing/test_figures.py::test_a_figure_is_the_same_bytes_on_another_day",
        f"{SEAM}figures_check.py::test_a_new_clone_draws_the_same_bytes_from_predictions_alone",
    ],
    "k: Slurm runs the jobs behind both doors": [
        f"{SEAM}profiles.py::test_slurm_runs_the_jobs_behind_both_doors_and_both_agree",
        f"{SEAM}slurm.py::test_k_a_job_that_fails_comes_back_with_more_memory",
        f"{SEAM}slurm.py::test_k_a_node_that_is_taken_down_loses_no_job",
        f"{SEAM}slurm.py::test_k_jobs_cancelled_by_scancel_leave_nothing_half_done",
        f"{SEAM}slurm.py::test_k_each_job_is_given_a_gpu_of_its_own",
        f"{SEAM}slurm.py::test_k_small_runs_share_one_submission_as_an_array",
    ],
    "l: the whole grid is planned in time": [
        "tests/workflow/test_snakemake.py::test_every_study_can_be_planned",
    ],
    "m: lint and format": [
        "tests/test_environment.py::test_snakemake_lint_finds_only_what_we_accept",
    ],
}


@pytest.mark.parametrize("letter", LETTERS)
def test_the_tests_of_a_letter_exist(letter):
    for test in LETTERS[letter]:
        file, _, name = test.partition("::")
        text = (REPOSITORY / file).read_text(encoding="utf-8")
        assert re.search(rf"^def {name}\(", text, re.MULTILINE), test


def test_m_snakefmt_is_part_of_make_test():
    text = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
    assert re.search(r"^test: lint ", text, re.MULTILINE)
    assert re.search(r"^lint:(?:.*\n\t)+.*snakefmt --check Snakefile workflow$", text, re.MULTILINE)


def test_no_letter_is_left_out():
    assert [letter[0] for letter in LETTERS] == list("abcdefghijklm")
