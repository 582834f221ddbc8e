"""One curve: its numbers and the items that draw them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pyqtgraph as pg
from PySide6.QtCore import Qt

from workbench.app.plots.smoothing import smoothed
from workbench.app.theme import theme
from workbench.app.theme.tokens import SERIES_MARKS

Floats = npt.NDArray[np.float64]

MARKERS = 40
"""At most so many markers on a curve; more would hide it."""

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


class Curve:
    """A named series in a plot.

    Attributes:
        shown: what labels and read-out speak of: the smoothed numbers of a noisy curve, otherwise the numbers.
    """

    def __init__(self, name: str, index: int, noisy: bool, dashed: bool, markers: bool) -> None:
        self.name, self.index = name, index
        self.noisy, self.dashed, self.markers = noisy, dashed, markers
        self.visible = True
        self.numbers = Numbers()
        self.shown = Numbers()
        # Data are never antialiased: a curve of 100,000 points is 2.7 ms without and 408 ms with.
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

    def draw(self, log: bool, weight: float, room: int = MARKERS) -> None:
        """Hand the numbers to the items; `room` markers at most."""
        numbers = self.numbers
        self.shown = numbers
        if self.noisy and weight > 0:
            self.shown = Numbers(numbers.x, smoothed(numbers.y, weight))
        for item in self.items():
            item.setVisible(self.visible)
        if not self.visible:
            return
        scaled = _log10 if log else _same
        smooth = self.shown is not numbers
        self.raw.setVisible(smooth)
        if smooth:
            self.raw.setData(numbers.x, scaled(numbers.y))
        self.line.setData(self.shown.x, scaled(self.shown.y))
        self._draw_points(scaled(self.shown.y), room)
        self.band.setVisible(len(numbers.low) > 0)
        if len(numbers.low):
            self.low.setData(numbers.x, scaled(numbers.low))
            self.high.setData(numbers.x, scaled(numbers.high))

    def _draw_points(self, y: Floats, room: int) -> None:
        self.points.setVisible(self.markers)
        if self.markers:
            step = max(1, -(-len(y) // min(room, MARKERS)))
            chosen = slice(
                (len(y) - 1) % step if len(y) else 0, None, step
            )  # the last is among them
            keep = np.isfinite(y[chosen])
            self.points.setData(self.shown.x[chosen][keep], y[chosen][keep])


def _line() -> Any:
    item = pg.PlotDataItem(connect="finite", antialias=False)
    item.setDownsampling(auto=True, method="peak")
    item.setClipToView(True)
    return item


def _same(y: Floats) -> Floats:
    return y


def _log10(y: Floats) -> Floats:
    """Decimal logarithm; what has none is a gap."""
    out = np.full(y.shape, np.nan)
    np.log10(y, out=out, where=y > 0)
    return out
