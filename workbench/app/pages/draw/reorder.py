"""Drags a card to another place in its column."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QApplication, QFrame, QScrollArea, QWidget

from workbench.app.pages.draw.cards import ClassCardView
from workbench.app.theme import Themed, theme

SCROLL_MS, SCROLL_PX, EDGE = 30, 8, 24


class DropLine(QFrame, Themed):
    """Where the card would stand."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()
        self.follow_theme()

    def retheme(self) -> None:
        self.setStyleSheet(f"background: {theme().tokens.accent};")


class Reorder(QObject):
    """Watches the cards of a scrolled column. Esc drops nothing.

    Signals:
        moved(int, int): the card of a row was dropped; the row it takes, once it is taken out.
    """

    moved = Signal(int, int)

    def __init__(
        self, area: QScrollArea, inside: QWidget, cards: Sequence[ClassCardView], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._area, self._inside, self._cards = area, inside, cards
        self._line = DropLine(inside)
        self._row = -1  # of the card that was pressed; -1 while none is
        self._start = self._pointer = QPoint()
        self._dragging = False
        self._timer = QTimer(self, interval=SCROLL_MS)
        self._timer.timeout.connect(self._scroll)

    def watch(self, card: ClassCardView) -> None:
        """Let a card be dragged by its picture and by everything that is no button or field."""
        for handle in (card, card.tile):
            handle.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if self._dragging and isinstance(event, QKeyEvent):
            if event.type() == QEvent.Type.KeyPress and event.key() == Qt.Key.Key_Escape:
                self._stop()
            return True
        if isinstance(event, QMouseEvent) and isinstance(watched, QWidget):
            return self._mouse(watched, event)
        return False

    def _mouse(self, watched: QWidget, event: QMouseEvent) -> bool:
        kind, here = event.type(), event.globalPosition().toPoint()
        self._pointer = here
        if kind == QEvent.Type.MouseButtonPress and event.button() == Qt.MouseButton.LeftButton:
            card = watched if isinstance(watched, ClassCardView) else watched.parentWidget()
            rows = [row for row, one in enumerate(self._cards) if one is card]
            self._row, self._start = (rows[0] if rows else -1), here
        elif kind == QEvent.Type.MouseMove and self._row >= 0:
            far = (here - self._start).manhattanLength() >= QApplication.startDragDistance()
            if not self._dragging and far and len(self._cards) > 1:
                self._begin()
            if self._dragging:
                self._show_line()
                return True
        elif kind == QEvent.Type.MouseButtonRelease and self._row >= 0:
            self._drop()
        return False

    def _begin(self) -> None:
        self._dragging = True
        for card in self._cards:
            card.commit_name()
        self._cards[self._row].set_lifted(True)
        self._line.raise_()
        self._line.show()
        self._timer.start()
        application = QApplication.instance()
        if application is not None:
            application.installEventFilter(self)  # for Esc, wherever the focus is

    def _drop(self) -> None:
        row, to, dragging = self._row, self._place(), self._dragging
        self._stop()
        if dragging and to != row:
            self.moved.emit(row, to)

    def _stop(self) -> None:
        if 0 <= self._row < len(self._cards):
            self._cards[self._row].set_lifted(False)
        application = QApplication.instance()
        if self._dragging and application is not None:
            application.removeEventFilter(self)
        self._row, self._dragging = -1, False
        self._timer.stop()
        self._line.hide()

    def _gap(self) -> int:
        """How many cards stand above the pointer."""
        y = self._inside.mapFromGlobal(self._pointer).y()
        return sum(card.geometry().center().y() < y for card in self._cards)

    def _place(self) -> int:
        gap = self._gap()
        return gap - 1 if gap > self._row else gap

    def _show_line(self) -> None:
        gap, wide = self._gap(), theme().px(2)
        y = self._cards[gap].y() if gap < len(self._cards) else self._cards[-1].geometry().bottom()
        self._line.setGeometry(0, max(0, y - wide // 2 - 1), self._inside.width(), wide)

    @Slot()
    def _scroll(self) -> None:
        """Follow a card that is held at the edge of what is in view."""
        view, bar = self._area.viewport(), self._area.verticalScrollBar()
        y = view.mapFromGlobal(self._pointer).y()
        edge = theme().px(EDGE)
        step = -1 if y < edge else 1 if y > view.height() - edge else 0
        if step:
            bar.setValue(bar.value() + step * theme().px(SCROLL_PX))
            self._show_line()
