"""Points on a plane, each an image: a picture appears where the mouse rests, a click chooses."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from workbench.app.theme import Themed, theme
from workbench.app.widgets.checkbox import paint_focus
from workbench.app.widgets.tiles import paint_tile, tinted

_DOT, _CHOSEN, _REACH = 3.0, 5.5, 14
_PICTURE, _MARGIN = 72, 20
_GOLDEN = 0.381966  # of the circle of hues: neighbours in number are far apart in colour

ImageOf = Callable[[int], NDArray[Any]]


class MapView(QWidget, Themed):
    """Images as points.

    Arrow keys go to the nearest point in that direction, Enter chooses it.

    Signals:
        picked(int): the person chose the image at that position of those that were set.
    """

    picked = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._places = np.zeros((0, 2))
        self._shown = np.zeros((0, 2))  # in px
        self._kinds = np.zeros(0, np.int64)
        self._names: Callable[[int], str] = str
        self._image_of: ImageOf | None = None
        self._current = -1
        self._colours: list[QColor] = []
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.follow_theme()
        self._tell()

    def set_points(
        self,
        places: NDArray[Any],
        kinds: Sequence[int],
        image_of: ImageOf,
        names: Callable[[int], str],
    ) -> None:
        """Show images.

        Args:
            places: (P, 2).
            kinds: (P,) numbers that become colours.
            image_of, names: of the image at a position.
        """
        self._places, self._kinds = np.asarray(places, float), np.asarray(kinds)
        self._image_of, self._names = image_of, names
        self._current = -1
        self.retheme()
        self._lay_out()
        self._tell()

    def set_kinds(self, kinds: Sequence[int]) -> None:
        """Colour the same points otherwise."""
        self._kinds = np.asarray(kinds)
        self.retheme()

    def clear(self) -> None:
        self.set_points(np.zeros((0, 2)), [], lambda _: np.zeros((1, 1), np.uint8), str)

    def count(self) -> int:
        return len(self._places)

    def current(self) -> int:
        """The point that the mouse or a key is at, -1 for none."""
        return self._current

    def place_of(self, index: int) -> QPointF:
        """Where a point lies, in px."""
        return QPointF(*self._shown[index])

    def retheme(self) -> None:
        lightness = 0.66 if theme().dark else 0.42
        most = int(self._kinds.max(initial=0)) + 1
        self._colours = [
            QColor.fromHslF((0.55 + number * _GOLDEN) % 1.0, 0.62, lightness)
            for number in range(most)
        ]
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme().px(420), theme().px(320))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme().px(160), theme().px(120))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay_out()

    def leaveEvent(self, event: Any) -> None:
        super().leaveEvent(event)
        if not self.hasFocus():
            self._go(-1)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._go(self._nearest(event.position()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        index = self._nearest(event.position())
        self._go(index)
        if index >= 0:
            self.picked.emit(index)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        ways = {
            Qt.Key.Key_Left: (-1, 0),
            Qt.Key.Key_Right: (1, 0),
            Qt.Key.Key_Up: (0, -1),
            Qt.Key.Key_Down: (0, 1),
        }
        key = Qt.Key(event.key())
        if key in ways and self.count():
            self._go(self._next(np.array(ways[key])))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._current >= 0:
            self.picked.emit(self._current)
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        dot = theme().px(1) * _DOT
        for (x, y), kind in zip(self._shown, self._kinds, strict=True):
            painter.setBrush(self._colours[kind])
            painter.drawEllipse(QPointF(x, y), dot, dot)
        if self._current >= 0:
            self._paint_current(painter)
        if self.hasFocus():
            paint_focus(painter, QRectF(self.rect()).adjusted(1, 1, -1, -1))
        painter.end()

    def _paint_current(self, painter: QPainter) -> None:
        here, px = theme(), theme().px
        place, index = self.place_of(self._current), self._current
        painter.setPen(QPen(here.colour("text"), 1.5))
        painter.setBrush(self._colours[int(self._kinds[index])])
        painter.drawEllipse(place, px(1) * _CHOSEN, px(1) * _CHOSEN)
        painter.setFont(here.font("caption"))
        words = self._names(index)
        side, pad = px(_PICTURE), px(6)
        wide = max(side, painter.fontMetrics().horizontalAdvance(words)) + 2 * pad
        high = side + px(20) + 2 * pad
        left = (
            place.x() + px(12)
            if place.x() + px(12) + wide < self.width()
            else place.x() - px(12) - wide
        )
        top = min(max(place.y() - high / 2, 0), self.height() - high)
        card = QRectF(max(left, 0), max(top, 0), wide, high)
        painter.setPen(QPen(here.colour("border"), 1))
        painter.setBrush(here.colour("panel"))
        painter.drawRoundedRect(card, px(6), px(6))
        if self._image_of is not None:
            box = QRect(round(card.center().x() - side / 2), round(card.top() + pad), side, side)
            paint_tile(painter, box, tinted(self._image_of(index)))
        painter.setPen(here.colour("text"))
        line = QRectF(card.left(), card.bottom() - px(22), card.width(), px(18))
        painter.drawText(line, Qt.AlignmentFlag.AlignCenter, words)

    def _lay_out(self) -> None:
        """Fill the room on both axes: units mean nothing on such a map."""
        if self.count():
            margin = theme().px(_MARGIN)
            low, high = self._places.min(axis=0), self._places.max(axis=0)
            share = (self._places - low) / np.maximum(high - low, 1e-9)
            room = np.array([self.width() - 2 * margin, self.height() - 2 * margin])
            self._shown = margin + share * [1, -1] * room + [0, room[1]]
        else:
            self._shown = np.zeros((0, 2))
        self.update()

    def _nearest(self, place: QPointF) -> int:
        if not self.count():
            return -1
        apart = np.hypot(*(self._shown - [place.x(), place.y()]).T)
        index = int(apart.argmin())
        return index if apart[index] <= theme().px(_REACH) else -1

    def _next(self, way: NDArray[np.int64]) -> int:
        """The nearest point that lies rather in that direction than aside."""
        if self._current < 0:
            return 0
        apart = self._shown - self._shown[self._current]
        along = apart @ way
        aside = np.abs(apart @ way[::-1])
        cost = np.where((along > 0) & (aside <= along), along + aside, np.inf)
        return int(cost.argmin()) if np.isfinite(cost).any() else self._current

    def _go(self, index: int) -> None:
        if index != self._current:
            self._current = index
            self._tell()
            self.update()

    def _tell(self) -> None:
        words = f"Map of {self.count():,} images"
        at = f", at {self._names(self._current)}" if self._current >= 0 else ""
        self.setAccessibleName(words + at)
