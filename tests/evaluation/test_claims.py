"""Verdicts on made-up runs whose answer is known, both ways."""

from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from biqa.errors import InputError
from biqa.evaluation.claims import FAILS, HOLDS, NOT_RUN, UNDECIDED, Verdict, as_rows, judge
from biqa.workflow.study import read_claims

CLAIMS = Path(__file__).parents[2] / "config" / "claims.yaml"
EPOCHS = 12


def claim(**change: Any) -> dict[str, Any]:
    words = {"paper": "DCQ", "source": "Table 0", "statement": "A beats B.", "printed": "yes"}
    pair = {"a": {"losses": ["a"]}, "b": {"losses": ["b"]}}
    return {**words, **pair, "metric": "srcc", "direction": "higher", **change}


def made_up(
    level: Callable[..., float], *, n_splits: int, models: tuple[str, ...] = ("m",)
) -> pd.DataFrame:
    """Return metrics of losses a and b; ``level(loss, model, split)`` is the SRCC of a run."""
    rows = []
    for model, loss, split in product(models, ("a", "b"), range(n_splits)):
        score = level(loss, model, split)
        rows.append(
            {
                **{"dataset": "d", "model": model, "loss": loss, "recipe": "r", "split": split},
                **{"tested_on": "d", "choice": "last", "protocol_choice": True, "epoch": EPOCHS},
                **{"srcc": score, "plcc": score, "rmse_mapped": 1 - score},
                "status": "collapsed" if np.isnan(score) else "ok",
                "run": f"runs/d/{model}/{loss}/r/split{split}",
            }
        )
    return pd.DataFrame(rows)


def curves_of(metrics: pd.DataFrame, epochs_to_top: dict[str, int]) -> pd.DataFrame:
    """Return curves that rise in a straight line to 0.8 in so many epochs, then stay."""
    parts = []
    for _, row in metrics.iterrows():
        epoch = np.arange(1, EPOCHS + 1)
        top = epochs_to_top[row["loss"]]
        scores = 0.8 * np.minimum(epoch, top) / top
        parts.append(pd.DataFrame({"run": row["run"], "epoch": epoch, "test_plcc": scores}))
    return pd.concat(parts)


def predictions_of(noise: dict[str, float], n: int = 200) -> Callable[[str], pd.DataFrame]:
    """Return predictions of MOS with more or less noise, by loss."""

    def read(run: str) -> pd.DataFrame:
        rng = np.random.default_rng(len(run))  # the same pictures for both losses
        mos = rng.uniform(size=2 * n)
        predicted = 3 * mos + noise[run.split("/")[3]] * rng.normal(size=2 * n)
        names = [f"{place}" for place in range(2 * n)]
        part = ["train"] * n + ["test"] * n
        return pd.DataFrame(
            {"dataset": "d", "name": names, "part": part, "mos": mos, "predicted": predicted}
        )

    return read


def verdict_of(
    metrics: pd.DataFrame,
    *,
    epochs_to_top: dict[str, int] | None = None,
    noise: dict[str, float] | None = None,
    **change: Any,
) -> Verdict:
    curves = curves_of(metrics, epochs_to_top or {"a": 2, "b": 10})
    (one,) = judge(
        {"c": claim(**change)}, metrics, curves, predictions_of(noise or {"a": 0.2, "b": 0.8})
    )
    return one


def ahead_by(gain: float) -> Callable[..., float]:
    """Return scores where loss a is ahead by ``gain`` and a little noise of each split."""
    return lambda loss, model, split: (
        0.7 + 0.01 * split + (gain + 0.001 * np.sin(split)) * (loss == "a")
    )


def test_a_difference_in_every_split_holds_and_its_opposite_fails():
    better, worse = (made_up(ahead_by(gain), n_splits=10) for gain in (0.02, -0.02))
    for metrics, direction, expected in (
        (better, "higher", HOLDS),
        (worse, "higher", FAILS),
        (worse, "lower", HOLDS),
        (better, "lower", FAILS),
    ):
        found = verdict_of(metrics, direction=direction)
        assert found.verdict == expected
        assert found.p == pytest.approx(2 / 2**10)
    a, b = (better[better["loss"] == loss]["srcc"].to_numpy() for loss in "ab")
    assert verdict_of(better).p == pytest.approx(stats.wilcoxon(a, b).pvalue)


def test_an_error_is_smaller_where_lower_is_claimed():
    metrics = made_up(ahead_by(0.02), n_splits=10)
    assert verdict_of(metrics, metric="rmse_mapped", direction="lower").verdict == HOLDS


@pytest.mark.parametrize(("margin", "expected"), [(0.01, HOLDS), (0.03, FAILS)])
def test_a_margin_counts(margin, expected):
    for gain, direction in ((0.02, "higher"), (-0.02, "lower")):
        metrics = made_up(ahead_by(gain), n_splits=10)
        assert verdict_of(metrics, margin=margin, direction=direction).verdict == expected


@pytest.mark.parametrize(("gain", "expected"), [(0.001, HOLDS), (0.02, FAILS), (-0.02, FAILS)])
def test_equal_within_a_margin(gain, expected):
    metrics = made_up(ahead_by(gain), n_splits=10)
    assert verdict_of(metrics, direction="equal", margin=0.01).verdict == expected


def test_too_few_splits_leave_it_open_and_say_how_many_would_do():
    found = verdict_of(made_up(ahead_by(0.02), n_splits=4))
    assert found.verdict == UNDECIDED
    assert "4 splits; about 11 splits would decide" in found.why  # always ahead: Noether's 10.5
    sides = verdict_of(made_up(lambda loss, _, k: 0.5 + (loss == "a") * (-1) ** k, n_splits=4))
    assert sides.verdict == UNDECIDED
    assert "more than 1,000 splits" in sides.why


def test_it_has_to_hold_everywhere_and_fails_where_it_fails_once():
    def mixed(loss: str, model: str, split: int) -> float:
        return ahead_by(0.02 if model == "m" else -0.02)(loss, model, split)

    both = ("m", "other")
    assert verdict_of(made_up(ahead_by(0.02), n_splits=10, models=both)).verdict == HOLDS
    found = verdict_of(made_up(mixed, n_splits=10, models=both))
    assert found.verdict == FAILS
    assert found.p == pytest.approx(2 * 2 / 2**10)  # times the two networks
    assert verdict_of(
        made_up(mixed, n_splits=10, models=both), among={"models": ["m"]}
    ).verdict == (HOLDS)


def test_holm_is_over_the_claims_of_one_paper_that_were_tested():
    metrics = made_up(ahead_by(0.02), n_splits=6)  # p = 2 / 64 = .031
    curves, read = curves_of(metrics, {"a": 2, "b": 10}), predictions_of({"a": 0.2, "b": 0.8})
    alone = {"one": claim(), "absent": claim(a={"losses": ["never"]})}
    elsewhere = {"other": claim(paper="MetaIQA")}
    family = {"two": claim(metric="plcc")}
    first = judge(alone | elsewhere, metrics, curves, read)
    assert [one.verdict for one in first] == [HOLDS, NOT_RUN, HOLDS]
    second = judge(alone | elsewhere | family, metrics, curves, read)
    assert [one.verdict for one in second] == [UNDECIDED, NOT_RUN, HOLDS, UNDECIDED]
    assert second[0].adjusted == pytest.approx(2 * 2 / 64)
    assert "(Holm, 2 claims)" in second[0].why


@pytest.mark.parametrize(
    ("a_needs", "margin", "expected"),
    [(2, 1, HOLDS), (2, 4, HOLDS), (2, 6, FAILS), (10, 1, UNDECIDED), (11, 1, FAILS)],
)
def test_a_speedup_is_counted_in_epochs(a_needs, margin, expected):
    metrics = made_up(ahead_by(0.0), n_splits=8)
    found = verdict_of(
        metrics, epochs_to_top={"a": a_needs, "b": 10}, metric="speedup", margin=margin
    )
    assert found.verdict == expected
    assert found.evidence[0].difference == pytest.approx(10 / a_needs)


def test_short_runs_cannot_show_a_large_speedup():
    metrics = made_up(ahead_by(0.0), n_splits=8)
    found = verdict_of(metrics, metric="speedup", margin=12)
    assert (found.verdict, found.why) == (
        NOT_RUN,
        "runs of at most 12 epochs cannot show a speed-up of 12",
    )


@pytest.mark.parametrize(
    ("noise", "expected"),
    [
        ({"a": 0.2, "b": 0.8}, HOLDS),
        ({"a": 0.8, "b": 0.2}, FAILS),
        ({"a": 0.8, "b": 0.8}, UNDECIDED),
    ],
)
def test_one_split_is_judged_by_its_pictures(noise, expected):
    metrics = made_up(ahead_by(0.02), n_splits=1)
    found = verdict_of(metrics, noise=noise)
    assert found.verdict == expected
    (evidence,) = found.evidence
    assert evidence.test == "bootstrap over pictures"
    assert "1 split, judged by its pictures alone" in found.why
    assert evidence.low is not None
    assert evidence.high is not None
    assert evidence.low <= evidence.high


def test_the_distance_of_distributions_is_that_of_scipy():
    metrics = made_up(ahead_by(0.0), n_splits=6)
    noise = {"a": 0.1, "b": 3.0}
    found = verdict_of(metrics, noise=noise, metric="score_distance", direction="lower")
    assert found.verdict == HOLDS
    read, distances = predictions_of(noise), []
    for loss in "ab":
        table = read(f"runs/d/m/{loss}/r/split0")
        train, test = (table[table["part"] == part] for part in ("train", "test"))
        slope, intercept = np.polyfit(train["predicted"], train["mos"], 1)
        distances.append(stats.ks_2samp(slope * test["predicted"] + intercept, test["mos"])[0])
    assert found.evidence[0].difference == pytest.approx(distances[0] - distances[1], abs=1e-9)


@pytest.mark.parametrize(("large_gain", "expected"), [(0.005, HOLDS), (0.05, FAILS)])
def test_a_gain_is_compared_with_the_gain_elsewhere(large_gain, expected):
    gains = {"large": large_gain, "small": 0.02}
    metrics = made_up(
        lambda loss, model, split: ahead_by(gains[model])(
            loss, model, 0.1 * split**2 * (model == "large")
        ),
        n_splits=10,
        models=("large", "small"),
    )
    found = verdict_of(
        metrics, among={"models": ["large"]}, than={"models": ["small"]}, direction="lower"
    )
    assert found.verdict == expected
    assert found.evidence[0].difference == pytest.approx(large_gain - 0.02, abs=2e-3)
    assert found.evidence[0].n == 10


def test_collapsed_runs_are_left_out_and_counted():
    def collapsing(loss: str, model: str, split: int) -> float:
        return np.nan if (loss, split) == ("b", 3) else ahead_by(0.02)(loss, model, split)

    (evidence,) = verdict_of(made_up(collapsing, n_splits=8)).evidence
    assert (evidence.n, evidence.n_empty) == (7, 1)
    gone = verdict_of(made_up(lambda loss, *_: np.nan if loss == "b" else 0.5, n_splits=8))
    assert (gone.verdict, gone.why) == (NOT_RUN, "all predictions of these runs have collapsed")


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"b": {"losses": ["x", "y"]}}, "no run with loss x or y"),
        ({"among": {"models": ["vgg16"]}}, "no run with model vgg16"),
        ({"tested_on": "others"}, "no run tested on another database"),
        ({"a": {"recipes": ["r"]}, "b": {"recipes": ["r2"]}}, "no run with recipe r2"),
    ],
)
def test_what_was_not_run_is_named(change, why):
    found = verdict_of(made_up(ahead_by(0.02), n_splits=2), **change)
    assert (found.verdict, found.why, found.p) == (NOT_RUN, why, None)


def test_sides_chosen_by_different_things_are_refused():
    with pytest.raises(
        InputError, match=r"claims\.c: one side is chosen by loss, the other by model"
    ):
        verdict_of(made_up(ahead_by(0.02), n_splits=2), b={"models": ["m"]})


def test_every_claim_of_the_papers_is_judged_and_none_twice():
    claims = read_claims(CLAIMS)
    assert len(claims) >= 20
    assert {one["paper"] for one in claims.values()} == {"Norm-in-Norm", "MetaIQA", "DCQ"}
    metrics = made_up(ahead_by(0.02), n_splits=2)
    losses = {"a": "dcq", "b": "mse"}
    metrics["run"] = [
        row["run"].replace(f"/{row['loss']}/", f"/{losses[row['loss']]}/")
        for _, row in metrics.iterrows()
    ]
    metrics["loss"] = metrics["loss"].map(losses)
    curves = curves_of(metrics, {"dcq": 2, "mse": 10})
    verdicts = judge(claims, metrics, curves, predictions_of({"dcq": 0.2, "mse": 0.8}))
    assert [one.claim for one in verdicts] == list(claims)
    tested = {one.claim for one in verdicts if one.verdict != NOT_RUN}
    assert tested == {"dcq_beats_mse_srcc", "dcq_beats_mse_plcc"}  # the best of eight needs eight
    why = {one.claim: one.why for one in verdicts}
    assert why["dcq_best_srcc"] == "no run with loss ranknet"
    rows = as_rows(claims, verdicts)
    assert rows["verdict"].value_counts().to_dict() == {NOT_RUN: len(claims) - 2, UNDECIDED: 2}


def test_a_gain_needs_both_groups_of_runs(tmp_path):
    file = tmp_path / "claims.yaml"
    lines = CLAIMS.read_text("utf-8").splitlines(keepends=True)
    file.write_text("".join(line for line in lines if "among: {models: [maniqa]}" not in line))
    with pytest.raises(
        InputError, match="helps_large_networks_less: 'among' is a dependency of 't"
    ):
        read_claims(file)


def test_an_unknown_key_of_a_claim_is_refused(tmp_path):
    file = tmp_path / "claims.yaml"
    file.write_text(CLAIMS.read_text("utf-8").replace("direction: equal", "directoin: equal", 1))
    with pytest.raises(InputError, match="unknown key 'directoin'; did you mean 'direction'"):
        read_claims(file)
