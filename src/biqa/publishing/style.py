"""How figures look: colours, marks, sizes; and files that are the same bytes every time."""

import textwrap
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import matplotlib as mpl
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from biqa.files import whole_file

WIDTH = 4.6  # inches; on a screen of 400 pixels the text is still 9 pixels high
DPI = 200
CHARACTER = 0.09  # inches, the mean width of one in a title
INK = "#22262b"
FAINT = "#6b7280"
GRID = "#e5e7eb"


class Mark(NamedTuple):
    """How one loss is drawn in every figure; the shape tells what colour alone may not."""

    colour: str
    marker: str
    dashes: tuple[float, ...] = ()  # of its line, in points; (): solid


# Dark and light tones of the Okabe-Ito and Tol sets, told apart with any colour vision.
MARKS = {
    "mse": Mark("#4d4d4d", "s"),
    "mae": Mark("#999933", "D", (4, 1.5)),
    "norm_in_norm": Mark("#0072b2", "o"),
    "dcq": Mark("#d55e00", "*"),
    "plcc": Mark("#117733", "^"),
    "plcc_srcc": Mark("#44aa99", "v", (4, 1.5)),
    "linearity_induced": Mark("#56b4e9", "P", (4, 1.5)),
    "ranknet": Mark("#cc79a7", "X", (1.5, 1)),
    "mono": Mark("#882255", "<", (1.5, 1)),
    "mono_normalised": Mark("#aa4499", ">", (4, 1.5)),
    "qac": Mark("#e69f00", "h", (4, 1.5)),
    "qdc": Mark("#b07c00", "p", (1.5, 1)),
    "rpc": Mark("#7a3300", "d", (4, 1.5, 1, 1.5)),
    "mse_rank_shifted": Mark("#009988", "H", (1.5, 1)),
}
OTHERS = (  # for names without a mark of their own, in alphabetical order
    *(Mark("#332288", "o"), Mark("#d55e00", "s"), Mark("#44aa99", "^"), Mark("#cc79a7", "D")),
    *(Mark("#999933", "v"), Mark("#56b4e9", "P"), Mark("#882255", "X"), Mark("#4d4d4d", "h")),
)
CHOICE_MARKS = {
    "last": Mark("#4d4d4d", "o"),
    "best_validation": Mark("#0072b2", "s"),
    "best_test": Mark("#d55e00", "^"),
}
SETTINGS: dict[Any, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "axes.titlesize": 9,
    "axes.labelsize": 9,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "xtick.labelsize": 8.5,
    "ytick.labelsize": 8.5,
    "legend.fontsize": 8.5,
    "legend.frameon": False,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": FAINT,
    "xtick.color": FAINT,
    "ytick.color": FAINT,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "axes.linewidth": 0.7,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": GRID,
    "grid.linewidth": 0.7,
    "lines.linewidth": 1.5,
    "lines.markersize": 4,
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
    "pdf.fonttype": 42,  # many publishers refuse the Type 3 fonts that are matplotlib's default
    "svg.fonttype": "path",
    "svg.hashsalt": "biqa",
    "axes.unicode_minus": True,
}


def marks(names: Sequence[str]) -> dict[str, Mark]:
    """Return the mark of each name; a loss has the same one in every figure."""
    unknown = sorted(set(names) - MARKS.keys())
    extra = {name: OTHERS[place % len(OTHERS)] for place, name in enumerate(unknown)}
    return {name: MARKS.get(name) or extra[name] for name in names}


@contextmanager
def styled() -> Iterator[None]:
    """Draw and save inside this, so that a user's own settings of matplotlib do not show."""
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(SETTINGS)
        yield


def grid_of_panels(
    n_panels: int,
    *,
    columns: int,
    panel_height: float,
    margin: float = 0.6,
    shared: bool = True,
    shared_x: bool = True,
) -> tuple[Figure, list[Axes]]:
    """Return a figure of ``n_panels`` axes in rows of ``columns``, with ``shared`` scales or not.

    Without ``shared_x`` the panels share the scale upwards alone.
    Heights are in inches; ``margin`` is for the legend and the axis' label.
    """
    columns = min(columns, n_panels)
    rows = -(-n_panels // columns)
    layout = ConstrainedLayoutEngine(wspace=0.05)
    figure = Figure(figsize=(WIDTH, rows * panel_height + margin), layout=layout)
    FigureCanvasAgg(figure)
    across = shared and shared_x
    grid = figure.subplots(rows, columns, sharex=across, sharey=shared, squeeze=False)
    axes = list(grid.flat)
    for spare in axes[n_panels:]:
        spare.remove()
    for above in axes[:n_panels][n_panels - columns :]:
        above.tick_params(labelbottom=True)
    return figure, axes[:n_panels]


def legend_above(figure: Figure, handles: Sequence[Artist]) -> None:
    """Put the legend above the panels, in as many columns as its words leave room for."""
    longest = max(len(str(handle.get_label())) for handle in handles)
    columns = min(3 if longest <= 20 else 2, len(handles))
    while True:
        legend = figure.legend(handles=handles, loc="outside upper left", ncols=columns)
        if columns == 1 or legend.get_window_extent().x1 <= figure.bbox.x1:
            return
        legend.remove()
        columns -= 1


def set_title(ax: Axes, title: str, columns: int, *, beside: float) -> None:
    """Write the title of one of ``columns`` panels, broken into lines that fit.

    ``beside`` is the width that labels to the left of the panels take, in inches.
    """
    ax.set_title(textwrap.fill(title, width=int((WIDTH - beside) / columns / CHARACTER)))


def save(figure: Figure, svg: Path, png: Path, pdf: Path) -> None:
    """Write the figure three times; bytes depend on the drawing alone, so only real changes show.

    Neither file has a date; the fonts of the PDF are embedded as TrueType.
    """
    with whole_file(svg) as aside:
        figure.savefig(aside, format="svg", metadata={"Date": None, "Creator": None})
    with whole_file(png) as aside:
        figure.savefig(aside, format="png", dpi=DPI, metadata={"Software": None})
    with whole_file(pdf) as aside:
        undated = {"CreationDate": None, "Creator": None, "Producer": None}
        figure.savefig(aside, format="pdf", dpi=DPI, metadata=undated)
