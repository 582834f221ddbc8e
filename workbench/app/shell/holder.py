"""Gives a page the whole room, and scroll bars when that is not enough."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QScrollArea, QWidget

SPARE_WIDTH, SPARE_HEIGHT = 1.02, 1.08
"""A page may be pressed by so much before it scrolls: what layouts ask for is a little generous."""


class PageHolder(QScrollArea):
    """Room for one page. Nothing of it is ever cut off: at 200 % on a small screen it scrolls.

    The page is offered the room first, so that it may fold; only what it needs after that can
    exceed the room.
    """

    def __init__(self, page: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidget(page)
        page.installEventFilter(self)
        self._fitting = False
        # A page that grows asks for another layout many times; one answer is enough.
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(0)
        self._later.timeout.connect(self._fit)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest and not self._fitting:
            self._later.start()
        return super().eventFilter(watched, event)

    @Slot()
    def _fit(self) -> None:
        page = self.widget()
        if page is None or self._fitting:
            return
        self._fitting = True
        room = self.maximumViewportSize()
        if self._size(room, _need(page)) != page.size():
            page.resize(room)
            page.resize(self._size(room, _need(page)))
        self._fitting = False

    def _size(self, room: QSize, need: QSize) -> QSize:
        """Size of a page that needs `need` in `room`; the bar of one direction takes from the
        other.
        """
        wide = need.width() > SPARE_WIDTH * room.width()
        tall = need.height() > SPARE_HEIGHT * room.height()
        bar = self.verticalScrollBar().sizeHint().width()
        width = need.width() if wide else room.width() - (bar if tall else 0)
        height = need.height() if tall else room.height() - (bar if wide else 0)
        return QSize(width, height)


def _need(page: QWidget) -> QSize:
    return page.minimumSizeHint().expandedTo(page.minimumSize())
