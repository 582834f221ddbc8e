"""Functions of a regression family: curves, and the points of one task."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from workbench.app.theme import Themed, theme
from workbench.app.widgets.axes import Axes

Points = NDArray[np.float32]  # (points, 2): x, y


class CurvePlot(QWidget, Themed):
    """Static curves with axes. What moves or is read off belongs in `app.plots`."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self._curves: list[Points] = []
        self._support: Points | None = None
        self._query: Points | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.follow_theme()

    def set_curves(self, curves: Sequence[Points]) -> None:
        self._curves = list(curves)
        self._told()

    def set_points(self, support: Points | None, query: Points | None) -> None:
        """The points of one task: support filled, queries hollow."""
        self._support, self._query = support, query
        self._told()

    def _told(self) -> None:
        words = f"{self._name}: {len(self._curves)} curve{'s' if len(self._curves) != 1 else ''}"
        if self._curves:
            x, y = self._ranges()
            words += f", x from {x[0]:g} to {x[1]:g}, y from {y[0]:.3g} to {y[1]:.3g}"
        self.setAccessibleName(words)
        self.update()

    def retheme(self) -> None:
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme().px(360), theme().px(220))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme().px(200), theme().px(120))

    def _ranges(self) -> tuple[tuple[float, float], tuple[float, float]]:
        every = np.concatenate(self._curves)
        low, high = every.min(axis=0), every.max(axis=0)
        top = max(abs(float(low[1])), abs(float(high[1])), 1e-6) * 1.08
        return (float(low[0]), float(high[0])), (-top, top)

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._curves:
            return
        here = theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        axes = Axes.within(QRectF(self.rect()), *self._ranges())
        axes.paint(painter)
        single = len(self._curves) == 1
        for index, curve in enumerate(self._curves):
            colour = here.colour("series6") if single else here.series(index % 5)
            painter.setPen(QPen(colour, 1))
            painter.drawPolyline(QPolygonF([axes.at(point) for point in curve]))
        for points, series, filled in ((self._query, 1, False), (self._support, 0, True)):
            if points is not None:
                self._paint_points(
                    painter, [axes.at(p) for p in points], here.series(series), filled
                )
        painter.end()

    def _paint_points(
        self, painter: QPainter, points: Sequence[QPointF], colour: QColor, filled: bool
    ) -> None:
        painter.setPen(QPen(colour, 1.5))
        painter.setBrush(colour if filled else theme().colour("panel"))
        radius = theme().px(4 if filled else 3)
        for point in points:
            painter.drawEllipse(point, radius, radius)
