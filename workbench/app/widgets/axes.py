"""Axes of a plot that is painted by hand: few points, and a mouse that may take hold of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter

from workbench.app.theme import theme

Range = tuple[float, float]

_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
_CENTRE = int(Qt.AlignmentFlag.AlignCenter)


@dataclass(frozen=True)
class Axes:
    """Where numbers lie.

    Attributes:
        plot: what lies between the axes, in px of the widget.
        x, y: least and most.
    """

    plot: QRectF
    x: Range
    y: Range

    @classmethod
    def within(cls, rect: QRectF, x: Range, y: Range) -> Axes:
        """With room for the numbers beside them."""
        px = theme().px
        return cls(rect.adjusted(px(32), px(6), -px(8), -px(36)), x, y)

    def at(self, point: Sequence[float]) -> QPointF:
        """The place of a point (x, y)."""
        across = (float(point[0]) - self.x[0]) / max(self.x[1] - self.x[0], 1e-9)
        up = (float(point[1]) - self.y[0]) / max(self.y[1] - self.y[0], 1e-9)
        plot = self.plot
        return QPointF(plot.left() + across * plot.width(), plot.bottom() - up * plot.height())

    def value(self, place: QPointF) -> tuple[float, float]:
        """The point (x, y) at a place, the nearest within the axes."""
        plot = self.plot
        across = min(max((place.x() - plot.left()) / plot.width(), 0.0), 1.0)
        up = min(max((plot.bottom() - place.y()) / plot.height(), 0.0), 1.0)
        (left, right), (low, high) = self.x, self.y
        return left + across * (right - left), low + up * (high - low)

    def paint(self, painter: QPainter) -> None:
        """Grid, numbers and lines."""
        here, plot = theme(), self.plot
        painter.setFont(here.font("caption"))
        for value in ticks(*self.y):
            at = round(self.at((self.x[0], value)).y()) + 0.5
            painter.setPen(here.colour("grid"))
            painter.drawLine(QPointF(plot.left(), at), QPointF(plot.right(), at))
            painter.setPen(here.colour("muted"))
            box = QRectF(0, at - here.px(8), plot.left() - here.px(6), here.px(16))
            painter.drawText(box, _RIGHT, f"{value:g}".replace("-", "−"))
        for value in ticks(*self.x):
            at = round(self.at((value, self.y[0])).x()) + 0.5
            painter.setPen(here.colour("grid"))
            painter.drawLine(QPointF(at, plot.top()), QPointF(at, plot.bottom()))
            painter.setPen(here.colour("muted"))
            box = QRectF(at - here.px(24), plot.bottom() + here.px(3), here.px(48), here.px(16))
            painter.drawText(box, _CENTRE, f"{value:g}".replace("-", "−"))
        below = QRectF(plot.left(), plot.bottom() + here.px(19), plot.width(), here.px(16))
        painter.drawText(below, _CENTRE, "x")
        painter.setPen(here.colour("ctl"))
        painter.drawLine(plot.bottomLeft(), plot.bottomRight())
        painter.drawLine(plot.topLeft(), plot.bottomLeft())


def ticks(low: float, high: float) -> list[float]:
    """About five round numbers between two others."""
    raw = (high - low) / 5
    unit = 10.0 ** np.floor(np.log10(raw))
    step = next(unit * n for n in (1, 2, 2.5, 5, 10) if unit * n >= raw * 0.999)
    first = np.ceil(low / step) * step
    return [round(float(v), 10) + 0.0 for v in np.arange(first, high + step * 1e-6, step)]
