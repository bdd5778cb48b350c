"""The verdicts of a study as the reader of the report wants them: by paper, with evidence."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from biqa.evaluation.claims import VERDICTS
from biqa.publishing.names import METRICS
from biqa.publishing.wide import NONE, number, signed

QUANTITIES = {
    **METRICS,
    "speedup": "speed-up in epochs",
    "score_distance": "distance of the distributions (Kolmogorov-Smirnov)",
}


@dataclass(frozen=True)
class EvidenceLine:
    """One context of a claim: where, what, how many splits, difference, interval, p."""

    where: str
    compared: str
    n: str
    difference: str
    interval: str
    p: str
    test: str
    runs: tuple[str, ...]


@dataclass(frozen=True)
class ClaimLine:
    """One claim with its verdict; ``meaning`` spells the comparison out."""

    name: str
    paper: str
    source: str
    statement: str
    printed: str
    meaning: str
    verdict: str
    why: str
    evidence: tuple[EvidenceLine, ...]


def claim_lines(
    claims: Mapping[str, Mapping[str, Any]], verdicts: Mapping[str, Mapping[str, Any]]
) -> list[ClaimLine]:
    """Return the claims in their order; ``verdicts`` is the content of claims.json."""
    return [
        ClaimLine(
            name=name,
            **{key: claim[key] for key in ("paper", "source", "statement", "printed")},
            meaning=_meaning(claim),
            verdict=verdicts[name]["verdict"],
            why=verdicts[name]["why"],
            evidence=tuple(_line(claim, one) for one in verdicts[name]["evidence"]),
        )
        for name, claim in claims.items()
    ]


def at_a_glance(lines: list[ClaimLine]) -> list[tuple[str, int]]:
    """Return how many claims have each verdict."""
    found = [line.verdict for line in lines]
    return [(verdict, found.count(verdict)) for verdict in VERDICTS]


def _meaning(claim: Mapping[str, Any]) -> str:
    quantity, margin = QUANTITIES[claim["metric"]], claim.get("margin", 0)
    match claim["direction"], claim["metric"]:
        case "equal", _:
            said = f"equal within {margin:g}"
        case _, "speedup":
            said = f"more than {margin:g}"
        case direction, _:
            said = f"{direction} by more than {margin:g}" if margin else direction
    return f"{quantity} {said}"


def _line(claim: Mapping[str, Any], one: Mapping[str, Any]) -> EvidenceLine:
    ratio = claim["metric"] == "speedup"
    shown = _factor if ratio else signed
    where = dict(one["where"])
    if where.get("tested_on") == where.get("dataset"):
        where.pop("tested_on", None)
    elif "tested_on" in where:
        where["tested_on"] = f"tested on {where['tested_on']}"
    left_out = f" ({one['n_empty']} left out: collapsed)" if one["n_empty"] else ""
    known = one["low"] is not None and one["high"] is not None
    return EvidenceLine(
        where=" · ".join(where.values()) or NONE,
        compared=one["compared"].replace(" − ", " : ") if ratio else one["compared"],
        n=f"{one['n']}{left_out}",
        difference=shown(one["difference"]),
        interval=f"{shown(one['low'])} to {shown(one['high'])}" if known else NONE,
        p=f"{number(one['p_for'])} for, {number(one['p_against'])} against",
        test=one["test"],
        runs=tuple(one["runs"]),
    )


def _factor(value: float) -> str:
    return f"× {value:.2f}"
