"""How a dataset is divided, and which epoch of a run counts."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from difflib import get_close_matches
from typing import Any

from biqa.errors import InputError

PARTS = ("train", "validation", "test")
WAYS = ("reference_or_picture", "official")
CHOICES = ("last", "best_validation", "best_test")


@dataclass(frozen=True)
class Protocol:
    """How a dataset is divided, and which epoch of a run is the one that counts.

    ``train``, ``validation`` and ``test`` are fractions of the contents: of the references where
    the pictures have some, of the pictures otherwise. They sum to 1; ``validation`` may be 0.
    With ``by`` "official" the parts are those that the dataset's authors published, and the
    fractions only say whether a validation part is expected.
    """

    name: str
    train: float
    validation: float
    test: float
    choose: str
    by: str = "reference_or_picture"

    def __post_init__(self) -> None:
        where = f"protocol {self.name!r}"
        for key, allowed in (("by", WAYS), ("choose", CHOICES)):
            if getattr(self, key) not in allowed:
                raise InputError(
                    f"{where}: {key} is {getattr(self, key)!r}, expected {' or '.join(allowed)}"
                )
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
    missing = [key for key in known if key not in raw and key != "by"]
    if missing:
        raise InputError(f"{where}: missing key {missing[0]!r}")
    return Protocol(**raw)
