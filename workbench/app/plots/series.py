"""One curve: its numbers and the items that draw them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pyqtgraph as pg
from PySide6.QtCore import QRectF, Qt

from workbench.app.plots.decimate import peaks
from workbench.app.plots.smoothing import smoothed
from workbench.app.theme import theme
from workbench.app.theme.tokens import SERIES_MARKS

Floats = npt.NDArray[np.float64]

MARKERS = 40
"""At most so many markers on a curve; more would hide it."""

ANTIALIASED = 2_500
"""Lines of more points are drawn without antialiasing, which costs several times as much."""

_NONE = np.empty(0)


@dataclass(frozen=True)
class Numbers:
    """What a curve shows. `low` and `high` are the ends of its 95 % interval, or empty."""

    x: Floats = field(default_factory=lambda: _NONE)
    y: Floats = field(default_factory=lambda: _NONE)
    low: Floats = field(default_factory=lambda: _NONE)
    high: Floats = field(default_factory=lambda: _NONE)

    def last(self) -> int:
        """Index of the last finite value, -1 for none."""
        if len(self.y) and np.isfinite(self.y[-1]):
            return len(self.y) - 1
        found = np.flatnonzero(np.isfinite(self.y))
        return int(found[-1]) if len(found) else -1

    def nearest(self, x: float) -> int:
        """Index of the value nearest to `x`, -1 for none. `x` of the curve ascends."""
        if not len(self.x):
            return -1
        right = int(np.searchsorted(self.x, x))
        if right == 0 or (right < len(self.x) and self.x[right] - x < x - self.x[right - 1]):
            return right
        return right - 1


@dataclass(frozen=True)
class View:
    """What part of a curve is looked at: ends of x, columns of pixels, room for markers, and how y
    is scaled.
    """

    left: float
    right: float
    columns: int
    markers: int
    log: bool

    def scaled(self, y: Floats) -> Floats:
        """y, or its decimal logarithm; what has none is a gap."""
        if not self.log:
            return y
        out = np.full(y.shape, np.nan)
        np.log10(y, out=out, where=y > 0)
        return out


class Curve:
    """A named series in a plot.

    Attributes:
        shown: what labels and read-out speak of: the smoothed numbers of a noisy curve, otherwise
            the numbers.
    """

    def __init__(self, name: str, index: int, noisy: bool, dashed: bool, markers: bool) -> None:
        self.name, self.index = name, index
        self.noisy, self.dashed, self.markers = noisy, dashed, markers
        self.visible = True
        self.numbers = Numbers()
        self.shown = Numbers()
        self._drawn: tuple[View, bool] | None = None
        self.raw = _line()
        self.line = _line()
        self.points = pg.ScatterPlotItem(pxMode=True)
        self.low, self.high = pg.PlotCurveItem(connect="finite"), pg.PlotCurveItem(connect="finite")
        self.band = pg.FillBetweenItem(self.low, self.high)
        for depth, item in enumerate((self.band, self.raw, self.line, self.points)):
            item.setZValue(depth)

    def items(self) -> list[Any]:
        return [self.band, self.raw, self.line, self.points]

    def set_numbers(self, numbers: Numbers) -> None:
        self.numbers = numbers

    def dress(self) -> None:
        """Colours from the theme."""
        colour = theme().series(self.index)
        faint = theme().series(self.index)
        faint.setAlphaF(0.30)
        style = Qt.PenStyle.DashLine if self.dashed else Qt.PenStyle.SolidLine
        self.line.setPen(pg.mkPen(colour, width=1, style=style))
        self.raw.setPen(pg.mkPen(faint, width=1))
        self.band.setBrush(pg.mkBrush(faint))
        mark = SERIES_MARKS[self.index % len(SERIES_MARKS)].marker
        self.points.setSymbol(mark)
        self.points.setSize(theme().px(7))
        self.points.setPen(pg.mkPen(colour, width=1))
        self.points.setBrush(pg.mkBrush(colour))

    def smooth(self, weight: float) -> None:
        """Work out `shown`; done once for new numbers, not at each zoom."""
        numbers = self.numbers
        self.shown, self._drawn = numbers, None
        if self.noisy and weight > 0:
            self.shown = Numbers(numbers.x, smoothed(numbers.y, weight))

    def draw(self, view: View) -> None:
        """Hand the items what is worth drawing in `view`, unless they have it."""
        if self._drawn == (view, self.visible):
            return
        self._drawn = (view, self.visible)
        for item in self.items():
            item.setVisible(self.visible)
        if not self.visible:
            return
        numbers, shown = self.numbers, self.shown
        self.raw.setVisible(shown is not numbers)
        if shown is not numbers:
            self._draw_line(self.raw, numbers.x, numbers.y, view)
        self._draw_line(self.line, shown.x, shown.y, view)
        self._draw_points(view)
        self.band.setVisible(len(numbers.low) > 0)
        if len(numbers.low):
            self._draw_line(self.low, numbers.x, numbers.low, view)
            self._draw_line(self.high, numbers.x, numbers.high, view)

    @staticmethod
    def _draw_line(item: Any, x: Floats, y: Floats, view: View) -> None:
        x, y = peaks(x, view.scaled(y), view.left, view.right, view.columns)
        item.setData(x, y, antialias=len(x) <= ANTIALIASED)

    def _draw_points(self, view: View) -> None:
        self.points.setVisible(self.markers)
        if self.markers:
            y = view.scaled(self.shown.y)
            step = max(1, -(-len(y) // min(view.markers, MARKERS)))
            chosen = slice(
                (len(y) - 1) % step if len(y) else 0, None, step
            )  # the last is among them
            keep = np.isfinite(y[chosen])
            self.points.setData(self.shown.x[chosen][keep], y[chosen][keep])


class _Line(pg.PlotCurveItem):  # type: ignore[misc]  # pyqtgraph has no types
    """A line that says it fills the view: what it holds is cut to that already, and to look for its
    ends costs more than to draw it."""

    def boundingRect(self) -> QRectF:
        box = self.getViewBox()
        return QRectF() if box is None else box.viewRect()


def _line() -> Any:
    return _Line(connect="finite")
