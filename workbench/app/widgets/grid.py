"""Thousands of thumbnails; only those in view are made."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any

import numpy.typing as npt
from PySide6.QtCore import QEvent, QRect, QRectF, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QHelpEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QToolTip, QWidget

from workbench.app.theme import Themed, theme
from workbench.app.widgets.checkbox import paint_focus
from workbench.app.widgets.tiles import paint_tile, tinted

KEPT = 2_000

ImageOf = Callable[[int], npt.NDArray[Any]]


class ThumbnailGrid(QAbstractScrollArea, Themed):
    """A grid of uint8 images (H, W), 255 = ink, each with a caption and, where given, a swatch.

    Arrow keys, Home, End and page keys move the current one, Enter activates it.

    Args:
        tile: side in px at 100 %.

    Signals:
        current_changed(int): another image is current.
        activated(int): a double click or Enter.
    """

    current_changed = Signal(int)
    activated = Signal(int)

    def __init__(
        self, tile: int = 64, name: str = "Images", gap: int = 10, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._tile, self._gap, self._name = tile, gap, name
        self._count, self._current = 0, -1
        self._image_of: ImageOf | None = None
        self._caption_of: Callable[[int], str] | None = None
        self._series_of: Callable[[int], int | None] | None = None
        self._kept: OrderedDict[int, QImage] = OrderedDict()
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().setMouseTracking(False)
        self._tell()
        self.follow_theme()

    def set_images(
        self,
        images: Sequence[npt.NDArray[Any]] | npt.NDArray[Any],
        captions: Sequence[str] | None = None,
        series: Sequence[int | None] | None = None,
    ) -> None:
        """Show `images`, an array (N, H, W) or a sequence of (H, W)."""
        caption_of = None if captions is None else lambda i: captions[i]
        series_of = None if series is None else lambda i: series[i]
        self.set_source(len(images), lambda i: images[i], caption_of, series_of)

    def set_source(
        self,
        count: int,
        image_of: ImageOf,
        caption_of: Callable[[int], str] | None = None,
        series_of: Callable[[int], int | None] | None = None,
    ) -> None:
        """Show `count` images that are asked for when they come into view."""
        self._count, self._image_of = count, image_of
        self._caption_of, self._series_of = caption_of, series_of
        self._kept.clear()
        self._current = min(self._current, count - 1)
        self._measure()
        self._tell()
        self.viewport().update()

    def count(self) -> int:
        return self._count

    def current(self) -> int:
        """Index of the current image, -1 for none."""
        return self._current

    def set_current(self, index: int) -> None:
        """Make an image current and scroll to it; a signal is sent when that is news."""
        index = min(max(index, -1), self._count - 1)
        if index == self._current:
            return
        self._current = index
        self._reveal(index)
        self._tell()
        self.viewport().update()
        self.current_changed.emit(index)

    def set_tile(self, size: int) -> None:
        """Side of a tile in px at 100 %."""
        self._tile = size
        self._measure()
        self.viewport().update()

    def columns(self) -> int:
        width = self.viewport().width() + self._space()
        return max(1, width // (self._side() + self._space()))

    def rect_of(self, index: int) -> QRect:
        """Where the tile `index` lies in the viewport, its caption left out."""
        row, column = divmod(index, self.columns())
        step = self._side() + self._space()
        top = row * self._row_height() - self.verticalScrollBar().value()
        return QRect(column * step, top, self._side(), self._side())

    def index_at(self, x: int, y: int) -> int:
        """Which tile lies at a point of the viewport, -1 for none."""
        column = x // (self._side() + self._space())
        row = (y + self.verticalScrollBar().value()) // self._row_height()
        index = row * self.columns() + column
        inside = 0 <= column < self.columns() and 0 <= index < self._count
        return index if inside else -1

    def height_for(self, rows: int) -> int:
        """Height in which `rows` rows are wholly in view."""
        return rows * self._row_height()

    def retheme(self) -> None:
        self._kept.clear()
        self._measure()
        self.viewport().update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        columns, height = self.columns(), self._row_height()
        top = self.verticalScrollBar().value()
        first = top // height * columns
        last = min(((top + self.viewport().height()) // height + 1) * columns, self._count)
        for index in range(first, last):
            self._paint_one(painter, index)
        if self.hasFocus() and self._current < 0:
            paint_focus(painter, QRectF(self.viewport().rect()))
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._measure()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.viewport().update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        index = self.index_at(round(event.position().x()), round(event.position().y()))
        if index >= 0:
            self.set_current(index)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        index = self.index_at(round(event.position().x()), round(event.position().y()))
        if index >= 0:
            self.activated.emit(index)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        page = max(1, self.viewport().height() // self._row_height()) * self.columns()
        moves = {
            Qt.Key.Key_Left: -1,
            Qt.Key.Key_Right: 1,
            Qt.Key.Key_Up: -self.columns(),
            Qt.Key.Key_Down: self.columns(),
            Qt.Key.Key_PageUp: -page,
            Qt.Key.Key_PageDown: page,
            Qt.Key.Key_Home: -self._count,
            Qt.Key.Key_End: self._count,
        }
        key = Qt.Key(event.key())
        if key in moves and self._count:
            self.set_current(min(max(self._current + moves[key], 0), self._count - 1))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._current >= 0:
            self.activated.emit(self._current)
        else:
            super().keyPressEvent(event)

    def viewportEvent(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            index = self.index_at(event.pos().x(), event.pos().y())
            if index >= 0 and self._caption_of is not None:
                QToolTip.showText(event.globalPos(), self._caption_of(index), self)
                return True
        return super().viewportEvent(event)

    def _paint_one(self, painter: QPainter, index: int) -> None:
        here, rect, chosen = theme(), self.rect_of(index), index == self._current
        paint_tile(painter, rect, self._picture(index), chosen=chosen)
        if chosen and self.hasFocus():
            paint_focus(painter, QRectF(rect.adjusted(-3, -3, 3, 3)))
        if self._caption_of is None:
            return
        line = QRect(rect.left(), rect.bottom() + here.px(4), rect.width(), here.px(16))
        painter.setFont(here.font("captionstrong" if chosen else "caption"))
        text = painter.fontMetrics().elidedText(
            self._caption_of(index), Qt.TextElideMode.ElideRight, line.width()
        )
        series = self._series_of(index) if self._series_of is not None else None
        if series is not None:
            side, words = here.px(8), painter.fontMetrics().horizontalAdvance(text)
            left = line.center().x() - (words + side + here.px(4)) // 2
            painter.fillRect(
                QRect(left, line.center().y() - side // 2, side, side), here.series(series)
            )
            line.setLeft(left + side + here.px(4))
            painter.setPen(here.colour("text2"))
            painter.drawText(line, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
            return
        painter.setPen(here.colour("accent" if chosen else "text2"))
        painter.drawText(line, Qt.AlignmentFlag.AlignCenter, text)

    def _picture(self, index: int) -> QImage:
        kept = self._kept.get(index)
        if kept is not None:
            self._kept.move_to_end(index)
            return kept
        picture = QImage() if self._image_of is None else tinted(self._image_of(index))
        self._kept[index] = picture
        if len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return picture

    def _side(self) -> int:
        return theme().px(self._tile)

    def _space(self) -> int:
        return theme().px(self._gap)

    def _row_height(self) -> int:
        caption = theme().px(24) if self._caption_of is not None else 0
        return self._side() + caption + theme().px(6 if caption else self._gap)

    def _measure(self) -> None:
        rows = -(-self._count // self.columns())
        bar = self.verticalScrollBar()
        bar.setRange(0, max(0, rows * self._row_height() - self.viewport().height()))
        bar.setPageStep(self.viewport().height())
        bar.setSingleStep(max(1, self._row_height() // 3))

    def _reveal(self, index: int) -> None:
        if index < 0:
            return
        bar, top = self.verticalScrollBar(), index // self.columns() * self._row_height()
        if top < bar.value():
            bar.setValue(top)
        elif top + self._row_height() > bar.value() + self.viewport().height():
            bar.setValue(top + self._row_height() - self.viewport().height())

    def _tell(self) -> None:
        text = f"{self._name}, {self._count:,}"
        if self._current >= 0 and self._caption_of is not None:
            text += f", current {self._caption_of(self._current)}"
        self.setAccessibleName(text)
