"""Scores that a training has already given with the weights it kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from biqa.errors import InputError


@dataclass(frozen=True)
class JudgedScores:
    """What a run's training predicted of its validation and test parts at one epoch.

    A training judges both after every epoch; to score them once more with the weights of that
    epoch would give the same digits again.
    """

    file: Path
    by_part: Mapping[str, "pd.Series[float]"]  # of each part, scores by name

    @classmethod
    def of(cls, run: Path, epoch: int) -> "JudgedScores":
        """Read what the training in the folder ``run`` predicted after ``epoch``."""
        file = run / "epochs.csv.gz"
        table = pd.read_csv(file, converters={"name": str}).set_index("name")
        parts = table.groupby("part")[f"epoch_{epoch}"]
        return cls(file, {str(part): scores for part, scores in parts})

    def scores(self, part: str, names: "pd.Series[str]") -> NDArray[np.float64]:
        """Return the scores of the pictures ``names``, in their order.

        Raises :class:`InputError` at a picture that was not judged in that part.
        """
        judged = self.by_part.get(part, pd.Series(dtype=float))
        unknown = names[~names.isin(judged.index)]
        if len(unknown):
            raise InputError(
                f"{self.file}: no score of {unknown.iloc[0]}, which the split has in its {part} "
                "part; give the split that the run was trained with"
            )
        return judged[names].to_numpy()
