"""What the window says when there is nothing, when something is wrong, when something can be
undone.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from workbench.app.theme import Themed, theme
from workbench.app.widgets.badge import IconLabel
from workbench.app.widgets.buttons import Button, IconButton
from workbench.app.widgets.text import Label

UNDO_SECONDS = 10


def announce(widget: QWidget, text: str) -> None:
    """Let a screen reader say `text`."""
    QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(widget, text))


class EmptyState(QWidget, Themed):
    """What belongs here, and the button that brings it.

    Signals:
        acted(): the button was pressed.
    """

    acted = Signal()

    def __init__(
        self, icon: str, sentence: str, button: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._icon = IconLabel(icon, "muted", 32)
        self._sentence = Label(sentence, "body", "text2", wrap=True)
        self._sentence.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._button = Button(button)
        self._button.clicked.connect(self.acted)
        self._button.setVisible(bool(button))
        self._column = QVBoxLayout(self)
        self._column.addStretch(1)
        self._column.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignHCenter)
        self._column.addWidget(self._sentence)
        self._column.addWidget(self._button, 0, Qt.AlignmentFlag.AlignHCenter)
        self._column.addStretch(1)
        self.follow_theme()

    def set(self, icon: str, sentence: str, button: str = "") -> None:
        self._icon.set(icon)
        self._sentence.setText(sentence)
        self._button.setText(button)
        self._button.setVisible(bool(button))

    def sentence(self) -> str:
        return self._sentence.text()

    def retheme(self) -> None:
        self._column.setSpacing(theme().px(12))


class ProblemBox(QFrame, Themed):
    """What is wrong and what to do, under the thing that is wrong.

    Signals:
        remedied(): the person pressed the remedy.
    """

    remedied = Signal()

    def __init__(
        self, message: str = "", hint: str = "", remedy: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("Problem")
        self._icon = IconLabel("circle-alert", "bad")
        self._message = Label("", "smallstrong", wrap=True)
        self._hint = Label("", "small", wrap=True)
        self._remedy = Button("", small=True)
        self._remedy.clicked.connect(self.remedied)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self._message)
        words.addWidget(self._hint)
        self._row = QHBoxLayout(self)
        self._row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        self._row.addLayout(words, 1)
        self._row.addWidget(self._remedy, 0, Qt.AlignmentFlag.AlignTop)
        self.set(message, hint, remedy)
        self.follow_theme()

    def set(self, message: str, hint: str = "", remedy: str = "") -> None:
        """Show another problem. It is announced when the box is in view."""
        news = message != self._message.text()
        self._message.setText(message)
        self._hint.setText(hint)
        self._hint.setVisible(bool(hint))
        self._remedy.setText(remedy)
        self._remedy.setVisible(bool(remedy))
        self.setAccessibleName(f"Problem: {message} {hint}".strip())
        if news and message and self.isVisible():
            announce(self, f"{message} {hint}".strip())

    def message(self) -> str:
        return self._message.text()

    def retheme(self) -> None:
        px = theme().px
        self._row.setContentsMargins(px(12), px(8), px(12), px(8))
        self._row.setSpacing(px(10))


class UndoBar(QFrame, Themed):
    """A bar at the foot of its parent that says what was done and offers to undo it, for 10 s.

    Signals:
        undone(): Undo was pressed.
        closed(): it went away, undone or not.
    """

    undone = Signal()
    closed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("UndoBar")
        self._undo: Callable[[], None] | None = None
        self._text = Label("", "body", elide=True)
        self._button = Button("Undo", icon="undo-2", small=True)
        self._button.clicked.connect(self._pressed)
        self._cross = IconButton("x", "Close")
        self._cross.clicked.connect(self.close_bar)
        self._row = QHBoxLayout(self)
        self._row.addWidget(self._text)
        self._row.addWidget(self._button)
        self._row.addWidget(self._cross)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(UNDO_SECONDS * 1000)
        self._timer.timeout.connect(self.close_bar)
        parent.installEventFilter(self)
        self.hide()
        self.follow_theme()

    def offer(self, text: str, undo: Callable[[], None]) -> None:
        """Say what was done; `undo` runs if the person asks for it in time."""
        self._undo = undo
        self._button.show()
        self._show(text)

    def say(self, text: str) -> None:
        """Say something that needs no answer."""
        self._undo = None
        self._button.hide()
        self._show(text)

    def text(self) -> str:
        return self._text.text()

    def retheme(self) -> None:
        px = theme().px
        self._row.setContentsMargins(px(16), px(8), px(8), px(8))
        self._row.setSpacing(px(12))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        return super().eventFilter(watched, event)

    def _show(self, text: str) -> None:
        self._text.setText(text)
        self._place()
        self.show()
        self.raise_()
        announce(self, text)
        self._timer.start()

    def _place(self) -> None:
        self.adjustSize()
        parent = self.parentWidget()
        if parent is None:
            return
        around = parent.rect()
        below, margin = theme().px(48), theme().px(32)  # above a status bar
        self.resize(min(self.width(), around.width() - margin), self.height())
        self.move((around.width() - self.width()) // 2, around.height() - self.height() - below)

    @Slot()
    def _pressed(self) -> None:
        undo, self._undo = self._undo, None
        self.close_bar()
        if undo is not None:
            undo()
        self.undone.emit()

    @Slot()
    def close_bar(self) -> None:
        self._timer.stop()
        if self.isVisible():
            self.hide()
            self.closed.emit()
