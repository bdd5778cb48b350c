"""How a dataset is divided, and which epoch of a run counts."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from difflib import get_close_matches
from typing import Any

from biqa.errors import InputError

PARTS = ("train", "validation", "test")
WAYS = ("reference_or_picture", "official", "official_test", "subset", "distortion")
TOGETHER = ("nothing", "near_duplicates")
CHOICES = ("last", "best_validation", "best_test")


@dataclass(frozen=True)
class Protocol:
    """How a dataset is divided, and which epoch of a run is the one that counts.

    ``train``, ``validation`` and ``test`` are fractions of the contents: of the references where
    the pictures have some, of the pictures otherwise. They sum to 1; ``validation`` may be 0.
    ``by`` changes what is divided:

    - "official": the parts are those that the dataset's authors published, and the fractions only
      say whether a validation part is expected;
    - "official_test": the published test part, the same in every split; train and validation are
      drawn from all other pictures in the ratio of their fractions, and ``test`` has no say;
    - "subset": the contents are the dataset's own subsets, such as the six of CID2013;
    - "distortion": split k tests on all pictures of the k-th distortion (of ``distortions``, or
      of all by name) and learns from the others, divided as for "official_test". The contents
      of the test part are seen in training, as in MetaIQA (Zhu et al., CVPR 2020, Table 2).

    ``together`` "near_duplicates" also keeps pictures that look the same in one part.
    """

    name: str
    train: float
    validation: float
    test: float
    choose: str
    by: str = "reference_or_picture"
    distortions: tuple[str, ...] = ()  # left out by split 0, 1, ...; none: all, sorted by name
    together: str = "nothing"

    def __post_init__(self) -> None:
        where = f"protocol {self.name!r}"
        for key, allowed in (("by", WAYS), ("together", TOGETHER), ("choose", CHOICES)):
            if getattr(self, key) not in allowed:
                raise InputError(
                    f"{where}: {key} is {getattr(self, key)!r}, expected {' or '.join(allowed)}"
                )
        self._check_fractions(where)
        self._check_way(where)

    def _check_fractions(self, where: str) -> None:
        for part, fraction in zip(PARTS, self.fractions, strict=True):
            if isinstance(fraction, bool) or not isinstance(fraction, int | float):
                raise InputError(f"{where}: {part} is {fraction!r}, expected a number")
            if not 0 <= fraction <= 1 or (fraction == 0 and part != "validation"):
                raise InputError(f"{where}: {part} is {fraction}, expected a fraction above 0")
        if abs(sum(self.fractions) - 1) > 1e-9:
            raise InputError(
                f"{where}: train, validation and test sum to {sum(self.fractions):g}, expected 1"
            )
        if self.choose == "best_validation" and self.validation == 0:
            raise InputError(f"{where}: choose is best_validation, but validation is 0")

    def _check_way(self, where: str) -> None:
        if self.together != "nothing" and self.by != "reference_or_picture":
            raise InputError(
                f"{where}: together is {self.together}, but by is {self.by}, which leaves no "
                "choice of sides; use by: reference_or_picture"
            )
        if self.distortions and self.by != "distortion":
            raise InputError(f"{where}: distortions are listed, but by is {self.by}")
        twice = [name for name, count in Counter(self.distortions).items() if count > 1]
        if twice:
            raise InputError(f"{where}: distortion {twice[0]!r} is listed twice")

    @property
    def fractions(self) -> tuple[float, float, float]:
        """Return the fractions in the order of ``PARTS``."""
        return self.train, self.validation, self.test


def protocol_from(raw: Mapping[str, Any], where: str) -> Protocol:
    """Freeze ``raw``, the mapping found at ``where``; unknown and missing keys are refused."""
    known = [field.name for field in fields(Protocol)]
    for key in raw:
        if key not in known:
            near = get_close_matches(key, known, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"the keys are {', '.join(known)}"
            raise InputError(f"{where}: unknown key {key!r}; {hint}")
    for field in fields(Protocol):
        if field.default is MISSING and field.name not in raw:
            raise InputError(f"{where}: missing key {field.name!r}")
    return Protocol(**{key: _frozen(value) for key, value in raw.items()})


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
