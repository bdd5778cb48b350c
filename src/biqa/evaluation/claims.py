"""A verdict for each claim of a paper, from the runs of one study."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from biqa.evaluation.comparison import BOOTSTRAP, Evidence, Predictions, contexts, differences
from biqa.evaluation.pairs import SELECTORS, among, chosen
from biqa.evaluation.significance import LEVEL, MOST_SPLITS, holm

HOLDS = "holds"
FAILS = "does not hold"
UNDECIDED = "undecided"
NOT_RUN = "not run"
VERDICTS = (HOLDS, FAILS, UNDECIDED, NOT_RUN)

Claims = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Verdict:
    """What a study says of one claim; ``p`` and ``adjusted`` are None where nothing was tested.

    ``adjusted`` is after Holm's correction for all claims of the paper that the study tests.
    """

    claim: str
    verdict: str
    why: str
    p: float | None
    adjusted: float | None
    evidence: tuple[Evidence, ...]

    def as_json(self) -> dict[str, Any]:
        """Return all of it as plain data."""
        return asdict(self)


def judge(
    claims: Claims, metrics: pd.DataFrame, curves: pd.DataFrame, predictions: Predictions
) -> list[Verdict]:
    """Return the verdicts in the order of ``claims``.

    ``metrics`` and ``curves`` are those of ``gather`` with one more column, ``run``: the run's
    folder; ``predictions`` reads the table of a run. A claim is true where it is true in every
    context (database, network, recipe) that the study has: its p is the largest of theirs. It
    is false where it is false in one of them: the smallest, times their number.
    """
    pairs = {
        name: differences(claim, metrics, curves, predictions, f"claims.{name}")
        for name, claim in claims.items()
    }
    reasons = {
        name: _cannot(claim, metrics, curves, len(pairs[name].table), name)
        for name, claim in claims.items()
    }
    tested: dict[str, list[Evidence]] = {}
    for name, claim in claims.items():
        if not reasons[name]:
            n_family = sum(not reasons[other] for other in _of(claims, claim["paper"]))
            tested[name] = contexts(claim, pairs[name], predictions, LEVEL / n_family)
            if not tested[name]:
                reasons[name] = "all predictions of these runs have collapsed"
    absent = {
        name: Verdict(name, NOT_RUN, reason, None, None, ())
        for name, reason in reasons.items()
        if reason
    }
    tested = {name: found for name, found in tested.items() if found}
    verdicts = absent | _decided(claims, tested)
    return [verdicts[name] for name in claims]


def as_rows(claims: Claims, verdicts: Sequence[Verdict]) -> pd.DataFrame:
    """Return one row a claim: what the paper says, the verdict and what it rests on."""
    rows = []
    for one in verdicts:
        claim = claims[one.claim]
        rows.append(
            {
                "claim": one.claim,
                **{key: claim[key] for key in ("paper", "source", "statement", "printed")},
                **{key: claim[key] for key in ("metric", "direction")},
                "margin": claim.get("margin", np.nan),
                "verdict": one.verdict,
                "why": one.why,
                "p": one.p,
                "adjusted": one.adjusted,
                "n_contexts": len(one.evidence),
                "fewest_splits": min((each.n for each in one.evidence), default=0),
            }
        )
    return pd.DataFrame(rows)


def _of(claims: Claims, paper: str) -> list[str]:
    return [name for name, claim in claims.items() if claim["paper"] == paper]


def _decided(claims: Claims, tested: Mapping[str, Sequence[Evidence]]) -> dict[str, Verdict]:
    verdicts = {}
    for paper in dict.fromkeys(claim["paper"] for claim in claims.values()):
        names = [name for name in _of(claims, paper) if name in tested]
        p_for = [max(one.p_for for one in tested[name]) for name in names]
        p_against = [
            min(1.0, len(tested[name]) * min(one.p_against for one in tested[name]))
            for name in names
        ]
        p = [min(pair) for pair in zip(p_for, p_against, strict=True)]
        for name, one, adjusted, in_favour in zip(
            names, p, holm(p), np.less(p_for, p_against), strict=True
        ):
            verdict, why = _words(tested[name], adjusted, len(names), in_favour=bool(in_favour))
            verdicts[name] = Verdict(name, verdict, why, one, adjusted, tuple(tested[name]))
    return verdicts


def _words(
    evidence: Sequence[Evidence], adjusted: float, n_claims: int, *, in_favour: bool
) -> tuple[str, str]:
    level = f"adjusted p = {adjusted:.2g} (Holm, {n_claims} claims)"
    splits = sorted({one.n for one in evidence})
    counted = f"{splits[0]}" if len(splits) == 1 else f"{splits[0]} to {splits[-1]}"
    said = f"{level}; {counted} split{'' if splits[-1] == 1 else 's'}"
    if any(one.test == BOOTSTRAP for one in evidence):
        said += ", judged by its pictures alone: other divisions were not tried"
    if adjusted <= LEVEL:
        return (HOLDS if in_favour else FAILS), said
    against = [one for one in evidence if one.p_against < one.p_for]
    needs = [one.needs for one in (against or evidence)]
    known = [one for one in needs if one is not None]
    if against and known:
        more = f"about {min(known)} splits would decide"
    elif not against and len(known) == len(needs):
        more = f"about {max(known)} splits would decide"
    else:
        more = f"more than {MOST_SPLITS:,} splits would be needed for so small a difference"
    return UNDECIDED, f"{said}; {more}"


def _cannot(
    claim: Mapping[str, Any], metrics: pd.DataFrame, curves: pd.DataFrame, n_pairs: int, name: str
) -> str:
    """Return why the runs of the study cannot speak of the claim, or '' where they can."""
    spoken_of = among(metrics, claim, f"claims.{name}")
    if not len(spoken_of):
        crossed = claim.get("tested_on") == "others"
        where = " tested on another database" if crossed else ""
        return f"no run{_listed(claim.get('among', {}))}{where}"
    for selector in (claim["a"], *_needed(claim), claim.get("than", {})):
        if not len(chosen(metrics, selector)):
            return f"no run{_listed(selector)}"
    if not n_pairs:
        return "no two of these runs share all else and the split"
    if claim["metric"] == "speedup":
        longest = int(curves["epoch"].max())
        if longest <= claim.get("margin", 1.0):
            return f"runs of at most {longest} epochs cannot show a speed-up of {claim['margin']:g}"
    return ""


def _needed(claim: Mapping[str, Any]) -> list[Mapping[str, Sequence[str]]]:
    """Return the selectors of side b that have to find something."""
    if not claim.get("all_of_b"):
        return [claim["b"]]
    return [{key: [name]} for key, names in claim["b"].items() for name in names]


def _listed(selector: Mapping[str, Sequence[str]]) -> str:
    words = [f"{SELECTORS[key]} {' or '.join(names)}" for key, names in selector.items()]
    return f" with {' and '.join(words)}" if words else ""
