"""A part of a form that folds."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, QVariantAnimation, Signal, Slot
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from workbench.app.theme import Themed, theme
from workbench.app.widgets.badge import IconLabel
from workbench.app.widgets.text import Label

FOLD_MS = 120
QWIDGETSIZE_MAX = 16_777_215


class Section(QWidget, Themed):
    """Head with chevron, title and a muted summary; the body shows while it is open.

    It slides for 120 ms when the person opens or closes it, unless less motion is asked for.

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
        self._open = opened
        self._fold = QVariantAnimation(self)
        self._fold.setDuration(FOLD_MS)
        self._fold.valueChanged.connect(self._folding)
        self._fold.finished.connect(self._folded)
        self.set_open(opened)
        self.follow_theme()

    def is_open(self) -> bool:
        return self._open

    def set_open(self, opened: bool) -> None:
        """Open or close it at once."""
        self._open = opened
        self._fold.stop()
        self._folded()
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
            height = self._box.height() if self._open else self._box.sizeHint().height()
            self.set_open(not self._open)
            self.toggled.emit(self._open)
            if not theme().reduced_motion:
                self._slide(height)
            return True
        return super().eventFilter(watched, event)

    def _slide(self, height: int) -> None:
        """Let the body of that height slide to where it already belongs."""
        self._fold.setStartValue(0 if self._open else height)
        self._fold.setEndValue(height if self._open else 0)
        self._box.show()
        self._fold.start()

    @Slot()
    def _folding(self) -> None:
        self._box.setMaximumHeight(int(self._fold.currentValue()))

    @Slot()
    def _folded(self) -> None:
        self._box.setMaximumHeight(QWIDGETSIZE_MAX)
        self._box.setVisible(self._open)

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
