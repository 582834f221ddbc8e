"""What the focused setting means: its sentence, flag and default."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from workbench.app.forms.arrangement import in_words
from workbench.app.theme import Themed, theme
from workbench.app.widgets import IconLabel, Label
from workbench.schema.layers import NAME
from workbench.schema.rows import Row, number
from workbench.schema.values import as_text

if TYPE_CHECKING:
    from workbench.app.draft import Draft


class HelpView(QWidget, Themed):
    """Tells of one row at a time."""

    def __init__(self, draft: Draft, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._draft = draft
        self._row: Row | None = None
        self._title = Label("", "strong")
        self._symbol = Label("", "body", "text2")
        self._text = Label("", "body", "text2", wrap=True)
        self._flag = Label("", "path", "muted", elide=True)
        self._flag.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._default = Label("", "caption", "muted", wrap=True)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        head = QHBoxLayout()
        head.addWidget(self._title)
        head.addWidget(self._symbol)
        head.addStretch(1)
        self._column.addLayout(head)
        self._column.addWidget(self._text)
        self._lines = [self._line("terminal", self._flag), self._line("book-open", self._default)]
        self._column.addStretch(1)
        draft.changed.connect(self._refresh)
        self.show_row(None)
        self.follow_theme()

    @Slot(object)
    def show_row(self, row: Row | None) -> None:
        """Tell of `row`; None says how to ask."""
        self._row = row
        self._refresh()

    def text(self) -> str:
        """The sentence in view."""
        return self._text.text()

    def flag(self) -> str:
        return self._flag.text()

    def retheme(self) -> None:
        self._column.setSpacing(theme().px(6))
        font = theme().font("body")
        font.setItalic(True)
        self._symbol.setFont(font)

    @Slot()
    def _refresh(self) -> None:
        row = self._row
        for line in self._lines:
            line.setVisible(row is not None)
        if row is None:
            self._title.setText("Help")
            self._symbol.setText("")
            self._text.setText("Go to a setting to read what it does.")
            return
        self._title.setText(row.label)
        self._symbol.setText(row.symbol)
        self._text.setText(row.help)
        flag = row.key.removesuffix(NAME) if row.union else row.key
        value = as_text(self._draft.value(row.key))
        self._flag.setText(f"--{flag} {value}".strip())
        words = f"Default {in_words(row, row.default)}"
        if row.suggest is not None:
            low, high = row.suggest
            words += f", usually {number(low)} – {number(high)}"
        self._default.setText(words if row.default != "" else "Empty by default")

    def _line(self, icon: str, label: Label) -> QWidget:
        whole = QWidget()
        line = QHBoxLayout(whole)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(theme().px(8))
        line.addWidget(IconLabel(icon, "muted"), 0, Qt.AlignmentFlag.AlignTop)
        line.addWidget(label, 1)
        self._column.addWidget(whole)
        return whole
