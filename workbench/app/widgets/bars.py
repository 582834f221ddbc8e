"""A probability as a bar."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from workbench.app.theme import Themed, theme
from workbench.app.widgets.series import paint_class_number


class BarRow(QWidget, Themed):
    """Ringed number, name, bar, value at the right; a tick marks the value before adaptation.

    Args:
        number: of the class, from 1; also picks the series colour unless `series` (from 0) is
            given.
        name_width: px at 100 % for the name, so that rows below each other align.
    """

    def __init__(
        self,
        number: int,
        name: str = "",
        series: int | None = None,
        name_width: int = 48,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._number, self._name, self._name_width = number, name, name_width
        self._series = number - 1 if series is None else series
        self._value: float | None = None
        self._before: float | None = None
        self._chosen = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.follow_theme()
        self.set(None)

    def set(self, value: float | None, before: float | None = None, chosen: bool = False) -> None:
        """Probabilities from 0 to 1; None shows "–". `chosen` is the answer."""
        self._value, self._before, self._chosen = value, before, chosen
        label = self._name or f"class {self._number}"
        self.setAccessibleName(f"{label}: {self.value_text()}" + (", the answer" if chosen else ""))
        self.update()

    def set_name(self, name: str) -> None:
        self._name = name
        self.set(self._value, self._before, self._chosen)

    def set_name_width(self, width: int) -> None:
        self._name_width = width
        self.update()

    def value_text(self) -> str:
        return "–" if self._value is None else f"{100 * self._value:.1f} %"

    def retheme(self) -> None:
        self.setFixedHeight(theme().px(32))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme().px(320), theme().px(32))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme().px(self._name_width + 160), theme().px(32))

    def paintEvent(self, event: QPaintEvent) -> None:
        here, px = theme(), theme().px
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle = self.height() / 2
        paint_class_number(
            painter, QRectF(0, middle - px(10), px(20), px(20)), self._number, self._series
        )
        font = here.font("strong" if self._chosen else "body")
        painter.setFont(font)
        painter.setPen(here.colour("text"))
        left = float(px(28))
        name = QFontMetrics(font).elidedText(
            self._name, Qt.TextElideMode.ElideRight, px(self._name_width)
        )
        row = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(
            QRectF(left, 0, px(self._name_width), self.height()),
            row | Qt.AlignmentFlag.AlignLeft,
            name,
        )
        left += px(self._name_width) + px(8)
        track = QRectF(left, middle - px(8), self.width() - left - px(64), px(16))
        self._paint_bar(painter, track)
        painter.setPen(here.colour("text" if self._chosen else "text2"))
        painter.drawText(
            QRectF(self.width() - px(60), 0, px(60), self.height()),
            row | Qt.AlignmentFlag.AlignRight,
            self.value_text(),
        )
        painter.end()

    def _paint_bar(self, painter: QPainter, track: QRectF) -> None:
        here, px = theme(), theme().px
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(here.colour("hover"))
        painter.drawRoundedRect(track, px(2), px(2))
        if self._value:
            bar = QRectF(track)
            bar.setWidth(max(1.0, track.width() * min(self._value, 1.0)))
            radius = min(px(2), bar.width() / 2)
            painter.setBrush(here.series(self._series))
            painter.drawRoundedRect(bar, radius, radius)
        if self._before is not None:
            spot = round(track.left() + track.width() * self._before)
            top, height = round(track.top()) - px(2), round(track.height()) + px(4)
            # Its own ground around it keeps the tick visible on any bar.
            painter.fillRect(QRect(spot - 1, top, 3, height), here.colour("panel"))
            painter.fillRect(QRect(spot, top, 1, height), here.colour("text"))
