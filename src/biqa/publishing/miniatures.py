"""Small drawings of one run, as SVG that stands in a page: its learning curve, its predictions."""

from collections.abc import Sequence

import pandas as pd

WIDTH, HEIGHT, EDGE = 240, 150, 26  # user units; the edge holds the numbers of the axes


def learning_curve(history: pd.DataFrame) -> str:
    """Return SRCC by epoch on the validation part (dashed) and on the test part (solid)."""
    columns = [name for name in ("validation_srcc", "test_srcc") if history[name].notna().any()]
    if not columns:
        return ""
    values = history[columns]
    low, high = float(values.min().min()), float(values.max().max())
    first, last = history["epoch"].min(), history["epoch"].max()
    frame = _Frame(float(first), float(last), low, high)
    parts = [frame.axes()]
    for column in columns:
        fine = history[history[column].notna()]
        points = " ".join(
            frame.point(x, y) for x, y in zip(fine["epoch"], fine[column], strict=True)
        )
        dashes = ' stroke-dasharray="4 3"' if column.startswith("validation") else ""
        parts.append(
            f'<polyline points="{points}" fill="none" stroke="currentColor" '
            f'stroke-width="1.5"{dashes}/>'
        )
    return _drawing(parts, "SRCC by epoch; dashed: validation, solid: test")


def predictions(table: pd.DataFrame) -> str:
    """Return predicted scores over ``mos`` of the test part, one dot a picture."""
    test = table[table["part"] == "test"]
    x, y = test["mos"].tolist(), test["predicted"].tolist()
    if not x:
        return ""
    frame = _Frame(min(x), max(x), min(y), max(y))
    dots = "".join(f"M{frame.point(a, b)}h0" for a, b in zip(x, y, strict=True))
    path = (
        f'<path d="{dots}" stroke="currentColor" stroke-width="2.4" stroke-linecap="round" '
        'opacity="0.55"/>'
    )
    return _drawing([frame.axes(), path], "Predicted score over the score, test part")


class _Frame:
    """Axes from the smallest to the largest number; a range of nothing is made one wide."""

    def __init__(self, left: float, right: float, low: float, high: float) -> None:
        self.x = (left, right if right > left else left + 1)
        self.y = (low, high if high > low else low + 1)

    def point(self, x: float, y: float) -> str:
        across = (x - self.x[0]) / (self.x[1] - self.x[0])
        up = (y - self.y[0]) / (self.y[1] - self.y[0])
        place = (EDGE + across * (WIDTH - EDGE - 6), HEIGHT - 16 - up * (HEIGHT - 24))
        return " ".join(f"{number:.1f}".removesuffix(".0") for number in place)

    def axes(self) -> str:
        left, bottom = EDGE, HEIGHT - 16
        lines = f'<path d="M{left} 4V{bottom}H{WIDTH - 4}" fill="none" stroke="#8a93a0"/>'
        words = [
            (left - 4, bottom, "end", self.y[0]),
            (left - 4, 12, "end", self.y[1]),
            (left, HEIGHT - 3, "start", self.x[0]),
            (WIDTH - 4, HEIGHT - 3, "end", self.x[1]),
        ]
        return lines + "".join(
            f'<text x="{x}" y="{y}" text-anchor="{anchor}">{_short(float(number))}</text>'
            for x, y, anchor, number in words
        )


def _short(number: float) -> str:
    return (f"{number:.0f}" if number.is_integer() else f"{number:.2f}").replace("-", "−")


def _drawing(parts: Sequence[str], words: str) -> str:
    style = 'font-size="10" fill="currentColor" stroke="none"'
    inner = "".join(parts).replace("<text ", f"<text {style} ")
    return f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{words}">{inner}</svg>'
