"""A part of a form that folds."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from workbench.app.theme import Themed, theme
from workbench.app.widgets.badge import IconLabel
from workbench.app.widgets.text import Label


class Section(QWidget, Themed):
    """Head with chevron, title and a muted summary; the body shows while it is open.

    Attributes:
        body: the layout to fill.

    Signals:
        toggled(bool): the person opened or closed it.
    """

    toggled = Signal(bool)

    def __init__(
        self, title: str, muted: str = "", opened: bool = True, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.head = QFrame()
        self.head.setObjectName("SectionHead")
        self.head.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.head.installEventFilter(self)
        self._chevron = IconLabel("chevron-down", "muted", 14)
        self.title = Label(title, "strong")
        self.muted = Label(muted, "small", "muted", elide=True)
        self._row = QHBoxLayout(self.head)
        self._row.addWidget(self._chevron)
        self._row.addWidget(self.title)
        self._row.addWidget(self.muted, 1)
        self._box = QWidget()
        self.body = QVBoxLayout(self._box)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.head)
        column.addWidget(self._box)
        self.set_open(opened)
        self.follow_theme()

    def is_open(self) -> bool:
        return not self._box.isHidden()

    def set_open(self, opened: bool) -> None:
        self._box.setVisible(opened)
        self._chevron.set("chevron-down" if opened else "chevron-right")
        state = "open" if opened else "closed"
        self.head.setAccessibleName(f"{self.title.text()}, {state}")

    def set_muted(self, text: str) -> None:
        self.muted.setText(text)

    def retheme(self) -> None:
        px = theme().px
        self.head.setFixedHeight(px(32))
        self._row.setContentsMargins(px(14), 0, px(16), 0)
        self._row.setSpacing(px(8))
        self.muted.setContentsMargins(px(8), 0, 0, 0)
        self.body.setContentsMargins(px(16), px(4), px(16), px(4))
        self.body.setSpacing(0)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.head and self._asks_to_toggle(event):
            self.set_open(not self.is_open())
            self.toggled.emit(self.is_open())
            return True
        return super().eventFilter(watched, event)

    @staticmethod
    def _asks_to_toggle(event: QEvent) -> bool:
        if isinstance(event, QMouseEvent) and event.type() == QEvent.Type.MouseButtonRelease:
            return event.button() == Qt.MouseButton.LeftButton
        keys = (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter)
        return (
            isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.KeyPress
            and event.key() in keys
        )
