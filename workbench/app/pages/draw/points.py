"""Points of a function, set and moved by hand, and the curves that a model draws through them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from workbench.app.theme import Themed, theme
from workbench.app.widgets.axes import Axes, Range
from workbench.app.widgets.checkbox import paint_focus

Point = tuple[float, float]
REACH = 12  # px around a point in which the mouse takes hold of it
KEY_PART = 0.01  # of an axis that an arrow key moves a point, ten times that with Shift
_ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, 1),
    Qt.Key.Key_Down: (0, -1),
}


@dataclass(frozen=True, eq=False)
class Curve:
    """A line through (P, 2) points, in a series' colour, dashed where it is only for comparison."""

    name: str
    points: NDArray[np.float32]
    series: int
    dashed: bool = False


class PointsPlot(QWidget, Themed):
    """A click sets a point, a drag moves it, a click with the right button takes it away.

    With keys: Insert or Enter sets one, N goes to the next, arrows move it, Delete takes it away.

    Signals:
        began(): the person takes hold; what follows is one change.
        changed(list[Point]): one was set, moved or removed.
    """

    began = Signal()
    changed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._points: list[Point] = []
        self._curves: Sequence[Curve] = ()
        self._x: Range = (-5.0, 5.0)
        self._y: Range = (-5.0, 5.0)
        self._held = -1  # the point that is moved, or that keys move
        self._dragging = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setAccessibleDescription(
            "Enter sets a point, N goes to the next, arrow keys move it, Delete takes it away"
        )
        self._tell_name()
        self.follow_theme()

    @property
    def points(self) -> tuple[Point, ...]:
        return tuple(self._points)

    def set_ranges(self, x: Range, y: Range) -> None:
        self._x, self._y = x, y
        self.update()

    def set_points(self, points: Sequence[Point]) -> None:
        """Show other points; not told as a change."""
        self._points = list(points)
        self._held = min(self._held, len(self._points) - 1)
        self._tell_name()
        self.update()

    def set_curves(self, curves: Sequence[Curve]) -> None:
        self._curves = curves
        self.update()

    def axes(self) -> Axes:
        """Where numbers lie in the widget."""
        return Axes.within(QRectF(self.rect()), self._x, self._y)

    def retheme(self) -> None:
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme().px(560), theme().px(360))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme().px(280), theme().px(180))

    # ---------------------------------------------------------------------------------------- input

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.began.emit()
        found = self._at(event.position())
        if event.button() == Qt.MouseButton.RightButton and found >= 0:
            self._remove(found)
        elif event.button() == Qt.MouseButton.LeftButton:
            self._held = found if found >= 0 else self._add(self.axes().value(event.position()))
            self._dragging = True
            self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._dragging:
            self._move(self.axes().value(event.position()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._dragging = False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if not event.isAutoRepeat():
            self.began.emit()
        if key in (Qt.Key.Key_Insert, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            (left, right), (low, high) = self._x, self._y
            self._held = self._add(((left + right) / 2, (low + high) / 2))
        elif key == Qt.Key.Key_N and self._points:
            self._held = (self._held + 1) % len(self._points)
            self.update()
        elif key in _ARROWS and 0 <= self._held < len(self._points):
            great = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
            part = KEY_PART * (10 if great else 1)
            (x, y), (dx, dy) = self._points[self._held], _ARROWS[key]
            width, height = self._x[1] - self._x[0], self._y[1] - self._y[0]
            self._move((x + dx * part * width, y + dy * part * height))
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and self._held >= 0:
            self._remove(self._held)
        else:
            event.ignore()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.update()
        super().focusOutEvent(event)

    def _at(self, place: QPointF) -> int:
        """The nearest point within reach; -1 for none."""
        axes, reach = self.axes(), theme().px(REACH)
        far = [(axes.at(point) - place).manhattanLength() for point in self._points]
        nearest = int(np.argmin(far)) if far else -1
        return nearest if nearest >= 0 and far[nearest] <= reach else -1

    def _add(self, point: Point) -> int:
        self._points.append(point)
        self._tell()
        return len(self._points) - 1

    def _move(self, point: Point) -> None:
        (left, right), (low, high) = self._x, self._y
        x, y = min(max(point[0], left), right), min(max(point[1], low), high)
        if (x, y) != self._points[self._held]:
            self._points[self._held] = (x, y)
            self._tell()

    def _remove(self, index: int) -> None:
        del self._points[index]
        self._held = min(self._held, len(self._points) - 1)
        self._dragging = False
        self._tell()

    def _tell(self) -> None:
        self._tell_name()
        self.update()
        self.changed.emit(list(self._points))

    def _tell_name(self) -> None:
        count = len(self._points)
        self.setAccessibleName(f"Points: {count} point{'' if count == 1 else 's'}")

    # ------------------------------------------------------------------------------------- painting

    def paintEvent(self, event: QPaintEvent) -> None:
        here, axes = theme(), self.axes()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        axes.paint(painter)
        painter.save()
        painter.setClipRect(axes.plot)
        for curve in self._curves:
            style = Qt.PenStyle.DashLine if curve.dashed else Qt.PenStyle.SolidLine
            painter.setPen(QPen(here.series(curve.series), 1 if curve.dashed else 2, style))
            painter.drawPolyline(QPolygonF([axes.at(point) for point in curve.points]))
        painter.restore()
        for index, point in enumerate(self._points):
            held = index == self._held and (self.hasFocus() or self._dragging)
            painter.setPen(QPen(here.colour("accent" if held else "panel"), 2 if held else 1))
            painter.setBrush(here.colour("text"))
            radius = here.px(6 if held else 5)
            painter.drawEllipse(axes.at(point), radius, radius)
        if self.hasFocus():
            paint_focus(painter, QRectF(self.rect()))
        painter.end()


class CurveLegend(QWidget, Themed):
    """What each curve is, a line each."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._curves: Sequence[Curve] = ()
        self.follow_theme()

    def show_curves(self, curves: Sequence[Curve]) -> None:
        self._curves = curves
        self.setAccessibleName(", ".join(curve.name for curve in curves))
        self.setFixedHeight(theme().px(24) * len(curves))
        self.update()

    def retheme(self) -> None:
        self.setFixedHeight(theme().px(24) * len(self._curves))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        here, high = theme(), theme().px(24)
        painter = QPainter(self)
        painter.setFont(here.font("small"))
        for line, curve in enumerate(self._curves):
            style = Qt.PenStyle.DashLine if curve.dashed else Qt.PenStyle.SolidLine
            painter.setPen(QPen(here.series(curve.series), 1 if curve.dashed else 2, style))
            middle = round((line + 0.5) * high)
            painter.drawLine(0, middle, here.px(28), middle)
            painter.setPen(here.colour("text2"))
            room = QRectF(here.px(36), line * high, self.width() - here.px(36), high)
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, curve.name)
        painter.end()
