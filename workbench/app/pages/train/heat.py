"""A heat-map: numbers over two parameters, or over classes laid out in rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QLinearGradient, QMouseEvent, QPainter
from PySide6.QtWidgets import QGraphicsRectItem, QWidget

from workbench.app.pages.train.figures import short, whole
from workbench.app.plots.axis import ValueAxis
from workbench.app.theme import Themed, theme
from workbench.app.widgets.checkbox import paint_focus
from workbench.store.tables import TableAxis

# Viridis: as bright as the value is high, to every eye.
STOPS = ("440154", "472d7b", "3b528b", "2c728e", "21918c", "28ae80", "5ec962", "addc30", "fde725")
BAR = 60  # px at 100 % for the bar and its words
Values = NDArray[np.float64]


class HeatMap(pg.PlotWidget, Themed):  # type: ignore[misc]  # pyqtgraph has no types
    """Cells in colours with a bar that says which colour is how much. NaN is left empty.

    The mouse and the arrow keys choose a cell.

    Args:
        counts: the numbers are whole.

    Signals:
        cell_changed(int, int): the chosen cell, -1 and -1 for none.
    """

    cell_changed = Signal(int, int)

    def __init__(self, name: str, counts: bool = False, parent: QWidget | None = None) -> None:
        self._bottom, self._left = ValueAxis("bottom"), ValueAxis("left")
        super().__init__(parent, axisItems={"bottom": self._bottom, "left": self._left})
        self._name, self._text = name, whole if counts else short
        self._axes: tuple[TableAxis | None, TableAxis | None] = (None, None)
        self._values: Values = np.empty((0, 0))
        self.cell = (-1, -1)
        self.image = pg.ImageItem(axisOrder="row-major")
        self.addItem(self.image)
        self._mark = QGraphicsRectItem()
        self._mark.setVisible(False)
        self.getViewBox().addItem(self._mark, ignoreBounds=True)
        colours = pg.ColorMap(np.linspace(0, 1, len(STOPS)), [f"#{stop}" for stop in STOPS])
        self.image.setLookupTable(colours.getLookupTable(nPts=256))
        self.levels = (0.0, 1.0)
        self._prepare()
        self.follow_theme()

    def set_axes(self, x: TableAxis | None, y: TableAxis | None) -> None:
        """What stands along the axes; None leaves an axis away."""
        if (x, y) != self._axes:
            self._axes = (x, y)
            self.retheme()

    def set_values(self, values: Values) -> None:
        """Show `values`, shape (X, Y)."""
        self._values = values
        finite = values[np.isfinite(values)]
        low, high = (float(finite.min()), float(finite.max())) if len(finite) else (0.0, 1.0)
        high = high if high > low else low + (abs(low) or 1.0)
        self.levels = (low, high)
        self.image.setImage(values.T, levels=self.levels)
        self.image.setRect(self._extent())
        self.setRange(self._extent(), padding=0)
        self._place_mark()
        highest = (
            f", from {self._text(low)} to {self._text(high)}" if len(finite) else ", nothing yet"
        )
        self.setAccessibleDescription(f"{self._name}{highest}")

    def shape(self) -> tuple[int, int]:
        """Cells along x and y."""
        across, up = self._values.shape
        return across, up

    def bar_words(self) -> dict[float, str]:
        """What the bar says at which part of its height. Of draws there is no half one."""
        low, high = self.levels
        halved = self._text is short or (low + high) % 2 == 0
        parts = (0.0, 0.5, 1.0) if halved else (0.0, 1.0)
        return {part: self._text(low + part * (high - low)) for part in parts}

    def choose(self, x: int, y: int) -> None:
        """Choose a cell; -1 and -1 for none."""
        across, up = self.shape()
        inside = 0 <= x < across and 0 <= y < up
        cell = (x, y) if inside else (-1, -1)
        if cell != self.cell:
            self.cell = cell
            self._place_mark()
            self.cell_changed.emit(*cell)

    def retheme(self) -> None:
        if getattr(self, "plotItem", None) is None or not hasattr(self, "levels"):
            return
        here, px = theme(), theme().px
        self.setBackground(here.colour("panel"))
        style = {"color": here.tokens.muted, "font-size": f"{px(11)}px"}
        for axis, shown in zip((self._bottom, self._left), self._axes, strict=True):
            self._dress(axis)
            axis.setLabel(shown.name.capitalize() if shown else "", **style)
            axis.showLabel(shown is not None)
            axis.setStyle(showValues=shown is not None)
        self._bottom.setHeight(px(36 if self._axes[0] else 4))
        self._left.setWidth(px(48 if self._axes[1] else 8))
        self._left.resizeEvent()
        self._bottom.resizeEvent()
        self.getPlotItem().layout.setContentsMargins(0, px(6), px(BAR), 0)
        mark = pg.mkPen(here.colour("text"), width=2)
        mark.setCosmetic(True)
        self._mark.setPen(mark)

    def drawForeground(self, painter: QPainter, rect: QRectF) -> None:  # noqa: N802  Qt's name
        here, px = theme(), theme().px
        view = self.getViewBox().sceneBoundingRect()
        bar = QRectF(view.right() + px(10), view.top(), px(10), view.height())
        shades = QLinearGradient(bar.bottomLeft(), bar.topLeft())
        for i, stop in enumerate(STOPS):
            shades.setColorAt(i / (len(STOPS) - 1), QColor(f"#{stop}"))
        painter.save()
        painter.fillRect(bar, shades)
        painter.setFont(here.font("caption"))
        painter.setPen(here.colour("muted"))
        line = px(16)
        for part, text in self.bar_words().items():
            if part == 0.5 and bar.height() <= 4 * line:
                continue
            y = min(max(bar.bottom() - part * bar.height() - line / 2, bar.top()), bar.bottom())
            y = min(y, bar.bottom() - line)
            place = QRectF(bar.right() + px(4), y, px(BAR - 24), line)
            flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(place, flags, text)
        if self.hasFocus():
            paint_focus(painter, QRectF(self.viewport().rect()))
        painter.restore()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        self.choose(*self._cell_at(event))

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.choose(-1, -1)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        moves = {
            Qt.Key.Key_Left: (-1, 0),
            Qt.Key.Key_Right: (1, 0),
            Qt.Key.Key_Down: (0, -1),
            Qt.Key.Key_Up: (0, 1),
        }
        move = moves.get(Qt.Key(event.key()))
        if move is None or not self._values.size:
            event.ignore()
            return
        (x, y), (across, up) = self.cell, self.shape()
        at = (0, 0) if x < 0 else (x + move[0], y + move[1])
        self.choose(min(max(at[0], 0), across - 1), min(max(at[1], 0), up - 1))

    def _prepare(self) -> None:
        self.setMenuEnabled(False)
        self.hideButtons()
        self.setMouseEnabled(x=False, y=False)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(self._name)
        self.getViewBox().disableAutoRange()
        self.getViewBox().setDefaultPadding(0)

    def _dress(self, axis: Any) -> None:
        here = theme()
        axis.setPen(pg.mkPen(here.colour("ctl")))
        axis.setTextPen(pg.mkPen(here.colour("muted")))
        axis.setTickFont(here.font("caption"))
        axis.label.setFont(here.font("caption"))

    def _extent(self) -> QRectF:
        """Where the cells lie, in the units of the axes."""
        ends = []
        for axis, count in zip(self._axes, self._values.shape, strict=True):
            low, high = (axis.low, axis.high) if axis else (0.0, float(max(count, 1)))
            # A parameter that does not vary has room, too.
            ends.append((low, high) if high > low else (low - 0.5, low + 0.5))
        (left, right), (low, high) = ends
        return QRectF(left, low, right - left, high - low)

    def _cell_at(self, event: QMouseEvent) -> tuple[int, int]:
        spot = self.getViewBox().mapSceneToView(self.mapToScene(event.position().toPoint()))
        extent, (across, up) = self._extent(), self.shape()
        if not extent.contains(spot):
            return -1, -1
        x = int((spot.x() - extent.left()) / extent.width() * across)
        y = int((spot.y() - extent.top()) / extent.height() * up)
        return min(x, across - 1), min(y, up - 1)

    def _place_mark(self) -> None:
        (x, y), (across, up), extent = self.cell, self.shape(), self._extent()
        self._mark.setVisible(0 <= x < across and 0 <= y < up)
        if self._mark.isVisible():
            wide, tall = extent.width() / across, extent.height() / up
            self._mark.setRect(extent.left() + x * wide, extent.top() + y * tall, wide, tall)
