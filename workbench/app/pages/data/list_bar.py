"""Says that the tasks which are shown are those of a list, and leads back to drawn ones."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from workbench.app.theme import theme
from workbench.app.widgets import Button, IconLabel, Label
from workbench.inquiries import TasksOpened

_WORDS = {"train": "training"}


class ListBar(QWidget):
    """In the place of ways, shots and queries, which a list has decided.

    Signals:
        left(): the person wants drawn tasks again.
    """

    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        px = theme().px
        self._name = Label("", "strong", elide=True)
        self._facts = Label("", "small", "text2", elide=True)
        self.back = Button("Back to drawn tasks", icon="undo-2", small=True)
        self.back.setToolTip("Close the list and draw tasks by the settings again")
        self.back.clicked.connect(self.left)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self._name)
        words.addWidget(self._facts)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(px(8))
        row.addWidget(IconLabel("file-text", "muted"))
        row.addLayout(words, 1)
        row.addWidget(self.back)
        self.hide()

    def show_list(self, tasks: TasksOpened, title: str) -> None:
        """Say what it is; `title` is that of its data set."""
        name = Path(tasks.path).name
        split = _WORDS.get(tasks.split, tasks.split)
        words = "task" if tasks.count == 1 else "tasks"
        facts = " ".join(filter(None, (f"{tasks.count:,}", split, words, "of", title)))
        self._name.setText(name)
        self._facts.setText(facts)
        self.setToolTip(tasks.path)
        self.setAccessibleName(f"List {name}: {facts}")
        self.show()
