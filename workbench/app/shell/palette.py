"""Ctrl+K: find a page, an action or a run by a few letters, and do it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QModelIndex, QObject, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QFrame, QListView, QVBoxLayout, QWidget

from workbench.app.theme import Themed, theme
from workbench.app.widgets.cells import CELL, Cell, CellDelegate
from workbench.app.widgets.inputs import LineField
from workbench.app.widgets.text import Label

SHOWN = 60
ROWS = 12
GROUPS = ("Page", "Action", "Run")


@dataclass(frozen=True)
class Command:
    """Something that the palette can do.

    Attributes:
        title: "Start training".
        group: "Page", "Action", "Run".
        run: what happens.
        keys: the keys that do the same, to be learned in passing.
    """

    title: str
    group: str
    run: Callable[[], object]
    keys: str = ""
    icon: str = "arrow-right"


def ranked(commands: Sequence[Command], text: str) -> list[Command]:
    """The commands that hold all words of `text`, best first: at the start, then at a word's
    start, then anywhere.
    """
    words = text.lower().split()
    found = []
    for place, command in enumerate(commands):
        title = f"{command.title} {command.group}".lower()
        if all(word in title for word in words):
            found.append((_distance(title, words), place, command))
    return [command for _, _, command in sorted(found, key=lambda f: f[:2])]


def _distance(title: str, words: Sequence[str]) -> int:
    if not words or title.startswith(words[0]):
        return 0
    return 1 if f" {words[0]}" in title else 2


class CommandPalette(QFrame, Themed):
    """A field and a list over the window. Up, Down, Enter, Esc.

    Signals:
        closed(): it went away.
    """

    closed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("Popup")
        self.setAccessibleName("Find or run")
        self._commands: list[Command] = []
        self._found: list[Command] = []
        self._before: QWidget | None = None
        self.field = LineField("", "Find a page, an action or a run", "Find or run")
        self.field.installEventFilter(self)
        self.field.textChanged.connect(self._search)
        self._model = QStandardItemModel(self)
        self.list = QListView()
        self.list.setModel(self._model)
        self.list.setItemDelegate(CellDelegate(line=False, parent=self.list))
        self.list.setAccessibleName("Found")
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setUniformItemSizes(True)
        self.list.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.list.clicked.connect(self._run)
        self._nothing = Label("Nothing found. Try fewer letters.", "body", "muted")
        self._column = QVBoxLayout(self)
        for widget in (self.field, self.list, self._nothing):
            self._column.addWidget(widget)
        self.hide()
        self.follow_theme()

    def open(self, commands: Sequence[Command]) -> None:
        """Show the palette with these commands and take the focus."""
        self._commands = sorted(commands, key=lambda c: GROUPS.index(c.group))
        self._before = self.window().focusWidget()
        self.field.clear()
        self._search("")
        self._place()
        self.show()
        self.raise_()
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def close_palette(self) -> None:
        if self.isVisible():
            self.hide()
            if self._before is not None:
                self._before.setFocus()
            self.closed.emit()

    def titles(self) -> list[str]:
        """What is found, in the order it is shown."""
        return [c.title for c in self._found]

    def retheme(self) -> None:
        px = theme().px
        self._column.setContentsMargins(px(8), px(8), px(8), px(8))
        self._column.setSpacing(px(8))
        self._place()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.field and isinstance(event, QKeyEvent):
            if event.type() == QEvent.Type.KeyPress and self._key(Qt.Key(event.key())):
                return True
        elif event.type() == QEvent.Type.FocusOut and self.isVisible():
            self._before = None  # the person went elsewhere: the focus stays there
            self.close_palette()
        return super().eventFilter(watched, event)

    def _key(self, key: Qt.Key) -> bool:
        step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(key, 0)
        if step and self._found:
            row = (self.list.currentIndex().row() + step) % len(self._found)
            self.list.setCurrentIndex(self._model.index(row, 0))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._run(self.list.currentIndex())
        elif key == Qt.Key.Key_Escape:
            self.close_palette()
        else:
            return bool(step)
        return True

    @Slot(str)
    def _search(self, text: str) -> None:
        self._found = ranked(self._commands, text)[:SHOWN]
        self._model.clear()
        for command in self._found:
            item = QStandardItem(command.title)
            muted = "   ".join(p for p in (command.group, command.keys) if p)
            item.setData(Cell(text=command.title, muted=muted, icon=command.icon), CELL)
            self._model.appendRow(item)
        self._place()
        self.list.setVisible(bool(self._found))
        self._nothing.setVisible(not self._found)
        if self._found:
            self.list.setCurrentIndex(self._model.index(0, 0))

    @Slot(QModelIndex)
    def _run(self, index: QModelIndex) -> None:
        if index.isValid():
            command = self._found[index.row()]
            self.close_palette()
            self._uncover()
            command.run()

    def _uncover(self) -> None:
        """Paint what was under the palette now: a command that takes its time would leave a picture
        of the palette standing."""
        parent = self.parentWidget()
        if parent is not None:
            parent.repaint(self.geometry())

    def _place(self) -> None:
        parent = self.parentWidget()
        if parent is None:
            return
        px = theme().px
        width = min(px(560), parent.width() - px(32))
        rows = min(max(len(self._found), 1), ROWS)
        height = rows * px(32) + px(28) + px(3 * 8) + 2
        self.setGeometry((parent.width() - width) // 2, px(64), width, height)
