"""A data set in the catalogue row: pictures, figures, and whether it is on this computer."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPixmap, QPolygonF
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from workbench.app.theme import Themed, pixmap, theme
from workbench.app.widgets.tiles import paint_tile, tinted

HEIGHT = 88
HEIGHT_FOLDED = 40
_WIDTH = 216
_TILE = 29


class DatasetCard(QAbstractButton, Themed):
    """One data set; checked while it is the one shown below.

    Signals:
        clicked(): the person wants to see it.
    """

    def __init__(self, key: str, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.key = key
        self._lines: tuple[str, ...] = ()
        self._state = ("", "", "muted")  # icon, words, tone
        self._pictures: list[NDArray[np.uint8]] = []
        self._curves: list[NDArray[np.float32]] = []
        self._fraction: float | None = None
        self._folded = False
        self.setText(title)
        self.setCheckable(True)
        self.setAutoExclusive(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.follow_theme()

    def set_lines(self, *lines: str) -> None:
        """At most two lines of figures under the title."""
        self._lines = lines
        self._told()

    def set_state(self, icon: str, words: str, tone: str, fraction: float | None = None) -> None:
        """What can be done with it now; `fraction` adds a small bar."""
        self._state, self._fraction = (icon, words, tone), fraction
        self._told()

    def set_pictures(self, images: Sequence[NDArray[np.uint8]]) -> None:
        """At most four (H, W) images, ink high."""
        self._pictures = list(images)[:4]
        self.update()

    def set_curves(self, curves: Sequence[NDArray[np.float32]]) -> None:
        """At most three curves (points, 2), both axes in 0..1, y up."""
        self._curves = list(curves)[:3]
        self.update()

    def set_folded(self, folded: bool) -> None:
        """One line of 40 px: title and state only."""
        self._folded = folded
        self.retheme()

    def state_words(self) -> str:
        return self._state[1]

    def _told(self) -> None:
        self.setAccessibleName(", ".join((self.text(), *self._lines, self._state[1])))
        self.setToolTip(", ".join(self._lines) if self._folded else "")
        self.update()

    def retheme(self) -> None:
        self.setFixedHeight(theme().px(HEIGHT_FOLDED if self._folded else HEIGHT))
        self.setFixedWidth(theme().px(_WIDTH))
        self._told()
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        return QSize(theme().px(_WIDTH), self.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_frame(painter)
        if self._folded:
            self._paint_line(painter)
        else:
            self._paint_pictures(painter)
            self._paint_words(painter)
        painter.end()

    def _paint_frame(self, painter: QPainter) -> None:
        here = theme()
        strong = self.isChecked() or self.hasFocus()
        width = 2 if strong else 1
        painter.setPen(QPen(here.colour("accent" if strong else "border"), width))
        painter.setBrush(
            here.colour("hover" if self.underMouse() and not self.isChecked() else "panel")
        )
        half = width / 2
        box = QRectF(self.rect()).adjusted(half, half, -half, -half)
        painter.drawRoundedRect(box, here.px(6), here.px(6))
        if self.isChecked() and self.hasFocus():
            painter.setPen(QPen(here.colour("accent"), 1))
            painter.drawRoundedRect(box.adjusted(3, 3, -3, -3), here.px(4), here.px(4))

    def _paint_line(self, painter: QPainter) -> None:
        here = theme()
        side, left = here.px(16), here.px(12)
        name, words, tone = self._state
        middle = self.height() / 2
        painter.drawPixmap(round(left), round(middle - side / 2), self._pixmap(name, tone))
        left += side + here.px(8)
        painter.setFont(here.font("strong"))
        painter.setPen(here.colour("text"))
        room = self.width() - left - here.px(8)
        title = painter.fontMetrics().horizontalAdvance(self.text())
        painter.drawText(QRectF(left, 0, room, self.height()), _MIDDLE, self.text())
        painter.setFont(here.font("small"))
        painter.setPen(here.colour(tone))
        rest = room - title - here.px(8)
        words = painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, int(rest))
        painter.drawText(QRectF(left + title + here.px(8), 0, rest, self.height()), _MIDDLE, words)

    def _paint_pictures(self, painter: QPainter) -> None:
        here = theme()
        tile, gap = here.px(_TILE), here.px(6)
        side = 2 * tile + gap
        left, top = here.px(12), (self.height() - side) // 2
        if self._curves or not self._pictures:
            frame = QRectF(left + 0.5, top + 0.5, side - 1, side - 1)
            painter.setPen(here.colour("border"))
            painter.setBrush(here.colour("tile" if self._curves else "inset"))
            painter.drawRoundedRect(frame, here.px(4), here.px(4))
            if self._curves:
                self._paint_curves(painter, frame)
            else:
                name = "image" if self._fraction is None else "image-down"
                icon = here.px(20)
                at = QPointF(left + (side - icon) / 2, top + (side - icon) / 2)
                painter.drawPixmap(at, pixmap(name, "muted", 20, self.devicePixelRatio()))
            return
        for index, image in enumerate(self._pictures):
            x, y = left + (index % 2) * (tile + gap), top + (index // 2) * (tile + gap)
            paint_tile(painter, QRect(x, y, tile, tile), tinted(image))

    def _paint_curves(self, painter: QPainter, frame: QRectF) -> None:
        here = theme()
        painter.setBrush(Qt.BrushStyle.NoBrush)
        inner = frame.adjusted(here.px(4), here.px(6), -here.px(4), -here.px(6))
        for index, curve in enumerate(self._curves):
            painter.setPen(QPen(here.series(index), 1.25))
            points = [
                QPointF(
                    inner.left() + float(x) * inner.width(),
                    inner.bottom() - float(y) * inner.height(),
                )
                for x, y in curve
            ]
            painter.drawPolyline(QPolygonF(points))

    def _paint_words(self, painter: QPainter) -> None:
        here = theme()
        left = here.px(12) + 2 * here.px(_TILE) + here.px(6) + here.px(12)
        room = self.width() - left - here.px(8)
        top = (self.height() - here.px(68)) // 2
        painter.setFont(here.font("strong"))
        painter.setPen(here.colour("text"))
        self._paint_text(painter, QRectF(left, top, room, here.px(20)), self.text())
        painter.setFont(here.font("caption"))
        painter.setPen(here.colour("muted"))
        for index, line in enumerate(self._lines[:2]):
            at = QRectF(left, top + here.px(20 + 16 * index), room, here.px(16))
            self._paint_text(painter, at, line)
        name, words, tone = self._state
        foot = QRectF(left, top + here.px(53), room, here.px(16))
        if self._fraction is not None:
            bar = QRectF(left, foot.center().y() - here.px(3), here.px(24), here.px(6))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(here.colour("hover"))
            painter.drawRoundedRect(bar, 2, 2)
            bar.setWidth(bar.width() * min(max(self._fraction, 0.0), 1.0))
            painter.setBrush(here.colour("accent"))
            painter.drawRoundedRect(bar, 2, 2)
            foot.setLeft(left + here.px(30))
        elif name:
            painter.drawPixmap(QPointF(left, foot.top() + here.px(1)), self._pixmap(name, tone, 14))
            foot.setLeft(left + here.px(19))
        painter.setPen(here.colour(tone))
        self._paint_text(painter, foot, words)

    def _paint_text(self, painter: QPainter, box: QRectF, text: str) -> None:
        mode = Qt.TextElideMode.ElideRight
        painter.drawText(
            box, _MIDDLE, painter.fontMetrics().elidedText(text, mode, int(box.width()))
        )

    def _pixmap(self, name: str, tone: str, size: int = 16) -> QPixmap:
        return pixmap(name or "database", tone, size, self.devicePixelRatio())


_MIDDLE = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
