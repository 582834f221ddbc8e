"""What a plot is before it has curves: axes, grid, future, fitting and zooming."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt, Slot
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QGraphicsView, QWidget

from workbench.app.plots import overlay
from workbench.app.plots.axis import ValueAxis
from workbench.app.plots.crosshair import Crosshair
from workbench.app.plots.series import Curve
from workbench.app.theme import Themed, theme


class PlotBase(pg.PlotWidget, Themed):  # type: ignore[misc]  # pyqtgraph has no types
    """Axes in the tokens' colours, y fitted to what is in view, one crosshair to share.

    A child says which curves it shows, and draws them for the x range that is looked at.

    Attributes:
        paint_seconds: that it took to paint last.
    """

    paint_seconds = 0.0
    _x_hidden = False

    def __init__(
        self,
        name: str,
        x_title: str,
        y_title: str,
        unit: str,
        log: bool,
        y_range: tuple[float, float] | None,
        parent: QWidget | None,
    ) -> None:
        self._bottom, self._left = ValueAxis("bottom"), ValueAxis("left")
        super().__init__(parent, axisItems={"bottom": self._bottom, "left": self._left})
        self._name, self._x_title, self._y_title, self._unit = name, x_title, y_title, unit
        self._y_range = y_range
        self._future: tuple[float, float | None, str] | None = None
        self._chance: tuple[float, str] | None = None
        self._zoomed = False
        self.crosshair = Crosshair()
        self.crosshair.plots.append(self)
        self.crosshair.moved.connect(self._repaint)
        self._left.log = log
        self._prepare()
        self.setAccessibleName(name)

    def shown_curves(self) -> list[Curve]:
        """The curves that are in view."""
        raise NotImplementedError

    def draw_curves(self) -> None:
        """Draw them for the x range that is looked at."""
        raise NotImplementedError

    def set_titles(self, x_title: str = "", y_title: str = "", unit: str | None = None) -> None:
        """Other titles of the axes."""
        self._x_title = x_title or self._x_title
        self._y_title = y_title or self._y_title
        self._unit = self._unit if unit is None else unit
        self.retheme()

    def set_future(self, start: float | None, end: float | None = None, text: str = "") -> None:
        """Shade what lies right of `start`; x reaches to `end`. None takes it away."""
        self._future = None if start is None else (start, end, text)

    def set_chance(self, value: float | None, text: str = "") -> None:
        """A dashed line at `value`, named "Chance 20.0" unless `text` says otherwise."""
        self._chance = None if value is None else (value, text or f"Chance {value:.1f}")

    def set_y_range(self, y_range: tuple[float, float] | None) -> None:
        """Fixed ends of y, or None to fit what is in view."""
        self._y_range = y_range

    def reset_view(self) -> None:
        """Show all of x again."""
        for plot in self.crosshair.plots:
            plot._zoomed = False
            plot._fit_x()
            plot._fit_y()
            plot._repaint()

    def zoom(self, factor: float) -> None:
        """Zoom x around the crosshair, or around the middle; more than 1 goes closer."""
        left, right = self.getViewBox().viewRange()[0]
        middle = self.crosshair.x if self.crosshair.x is not None else (left + right) / 2
        self._mark_zoomed()
        self.setXRange(
            middle - (middle - left) / factor, middle + (right - middle) / factor, padding=0
        )

    def share_crosshair(self, crosshair: Crosshair) -> None:
        """Use another plot's crosshair; `link_plots` calls it."""
        self.crosshair.moved.disconnect(self._repaint)
        self.crosshair = crosshair
        crosshair.plots.append(self)
        crosshair.moved.connect(self._repaint)

    def hide_x_axis(self) -> None:
        """Leave numbers and title of x to the plot below."""
        self._bottom.setStyle(showValues=False)
        self._bottom.setLabel("")
        self._bottom.showLabel(False)
        self._x_hidden = True

    def pixels(self, start: float, end: float) -> float:
        """How far `end` lies right of `start` on the screen."""
        return self._px(end, 0).x() - self._px(start, 0).x()

    def alive(self) -> bool:
        """False while pyqtgraph makes the plot and once it has taken it apart; it resizes it then
        too.
        """
        return getattr(self, "plotItem", None) is not None

    def paintEvent(self, event: QPaintEvent) -> None:
        began = time.perf_counter()
        super().paintEvent(event)
        self.paint_seconds = time.perf_counter() - began

    def retheme(self) -> None:
        if not self.alive():
            return
        here, px = theme(), theme().px
        axis = pg.mkPen(here.colour("ctl"))
        words = pg.mkPen(here.colour("muted"))
        for item in (self._bottom, self._left):
            item.setPen(axis)
            item.setTextPen(words)
            item.setTickFont(here.font("caption"))
            item.setStyle(tickTextOffset=px(6))
            item.label.setFont(here.font("caption"))
        style = {"color": here.tokens.muted, "font-size": f"{px(11)}px"}
        if not self._x_hidden:
            self._bottom.setLabel(self._x_title, **style)
            self._bottom.setHeight(px(40))
        else:
            self._bottom.setHeight(px(8))
        self._left.setLabel(self._axis_title(), **style)
        for item in (self._left, self._bottom):
            item.resizeEvent()  # pyqtgraph centres a title only when the axis changes its size
        self._left.setWidth(px(56))
        self._repaint()

    def drawBackground(self, painter: QPainter, rect: QRectF) -> None:  # noqa: N802  Qt's name
        painter.fillRect(rect, theme().colour("panel"))
        view = self._view()
        if self._future is not None:
            start, _, text = self._future
            overlay.paint_future(painter, view, self._px(start, 0).x(), text)
        # Between two corners: to map a place takes pyqtgraph longer than to draw a line there.
        (left, right), (low, high) = self.getViewBox().viewRange()
        first, last = self._px(left, low), self._px(right, high)
        across, up = (last.x() - first.x()) / (right - left), (last.y() - first.y()) / (high - low)
        columns = [first.x() + (x - left) * across for x in self._bottom.positions()]
        rows = [first.y() + (y - low) * up for y in self._left.positions()]
        overlay.paint_grid(painter, view, columns, rows)

    def _prepare(self) -> None:
        self.setMenuEnabled(False)
        self.setCacheMode(QGraphicsView.CacheModeFlag.CacheNone)  # the grid moves with the range
        self.hideButtons()
        self.setMouseEnabled(x=True, y=False)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.getPlotItem().layout.setContentsMargins(0, theme().px(8), 0, 0)
        box = self.getViewBox()
        box.setDefaultPadding(0)
        box.disableAutoRange()
        box.sigRangeChangedManually.connect(self._mark_zoomed)
        box.sigXRangeChanged.connect(self._x_moved)

    def _axis_title(self) -> str:
        return f"{self._y_title}, {self._unit}" if self._unit else self._y_title

    def _scaled(self, y: float) -> float:
        if not self._left.log:
            return y
        return float(np.log10(y)) if y > 0 else float("nan")

    def _view(self) -> QRectF:
        rect: QRectF = self.getViewBox().sceneBoundingRect()
        return rect

    def _px(self, x: float, y: float) -> QPointF:
        spot: QPointF = self.getViewBox().mapViewToScene(QPointF(x, y if np.isfinite(y) else 0.0))
        return spot

    @Slot()
    def _repaint(self) -> None:
        self.viewport().update()

    @Slot()
    def _mark_zoomed(self, *_args: Any) -> None:
        for plot in self.crosshair.plots:
            plot._zoomed = True

    def _x_moved(self, *_args: Any) -> None:
        self.crosshair.follow_x(self)
        self._fit_y()
        self.draw_curves()
        self._repaint()

    def _fit_x(self) -> None:
        ends = [
            c.numbers.x[[0, -1]]
            for p in self.crosshair.plots
            for c in p.shown_curves()
            if len(c.numbers.x)
        ]
        low = min((float(e[0]) for e in ends), default=0.0)
        high = max((float(e[1]) for e in ends), default=1.0)
        low = min(low, 0.0) if low < 0.2 * high else low
        futures = [p._future[1] for p in self.crosshair.plots if p._future is not None]
        high = max([high, *(end for end in futures if end is not None)])
        high = high if high > low else low + 1
        # Half a marker of room, so that the last one is whole.
        self.setXRange(low, high + 0.008 * (high - low), padding=0)

    def _fit_y(self) -> None:
        if self._y_range is not None:
            low, high = (self._scaled(v) for v in self._y_range)
            if np.isfinite(low) and np.isfinite(high):
                self.setYRange(low, high, padding=0)
                return
        left, right = self.getViewBox().viewRange()[0]
        ends = [e for c in self.shown_curves() for e in self._y_ends(c, left, right)]
        if not ends:
            return
        low, high = min(ends), max(ends)
        spare = 0.06 * (high - low) or 0.1 * abs(high) or 1.0
        self.setYRange(low - spare, high + spare, padding=0)

    def _y_ends(self, curve: Curve, left: float, right: float) -> list[float]:
        numbers = curve.numbers
        inside = (numbers.x >= left) & (numbers.x <= right)
        parts = [numbers.y[inside]]
        if len(numbers.low):
            parts += [numbers.low[inside], numbers.high[inside]]
        y = np.concatenate(parts)
        y = y[np.isfinite(y) & ((y > 0) if self._left.log else True)]
        return [self._scaled(float(y.min())), self._scaled(float(y.max()))] if len(y) else []

    def _chance_line(self) -> float | None:
        """In px from the top; None where there is none."""
        return None if self._chance is None else self._px(0, self._scaled(self._chance[0])).y()

    def _future_room(self) -> float:
        if self._future is None or not self._future[1]:
            return 0.0
        start, end, _ = self._future
        return self.viewport().width() * (1 - start / end) if end else 0.0
