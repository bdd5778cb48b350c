"""From the predictions of runs to rows of metrics, and from rows to statistics."""

from biqa.evaluation.gathering import gather
from biqa.evaluation.rows import evaluate_run

__all__ = ["evaluate_run", "gather"]
