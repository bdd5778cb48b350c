"""Scores that a training has already given with the weights it kept."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from biqa.errors import InputError


class JudgedScores:
    """What a run wrote of its validation and test parts at the epoch whose weights it kept.

    ``folder`` is the run's. A training judges both parts after every epoch; to score them once
    more with the same weights would give the same digits again.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.record: dict[str, Any] = json.loads((folder / "record.json").read_text("utf-8"))
        table = pd.read_csv(folder / "epochs.csv.gz", converters={"name": str})
        self.scores = table.set_index(["part", "name"])[f"epoch_{self.record['epoch_chosen']}"]

    def of(self, part: str, names: pd.Series) -> NDArray[np.float64]:
        """Return the scores of the pictures ``names`` of one part, in their order.

        Raises :class:`InputError` at a picture that the training has not judged.
        """
        judged = self.scores[part] if part in self.scores.index.levels[0] else self.scores.iloc[:0]
        unknown = names[~names.isin(judged.index)]
        if len(unknown):
            raise InputError(
                f"{self.folder}/epochs.csv.gz: no score of {unknown.iloc[0]}, which the split has "
                f"in its {part} part; give the split that the run was trained with"
            )
        return judged[names].to_numpy(dtype=float)
