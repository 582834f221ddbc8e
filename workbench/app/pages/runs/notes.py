"""What a person keeps about a run: tags and notes."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtWidgets import QPlainTextEdit, QVBoxLayout, QWidget

from workbench.app.pages.runs.rows import RunRow
from workbench.app.theme import Themed, theme
from workbench.app.widgets import Label, LineField

SAVE_AFTER_MS = 600


class NotesView(QWidget, Themed):
    """Tags and notes of the run that is looked at; what is typed is kept by itself.

    Signals:
        tags_changed(str, list[str]): of that run.
        notes_changed(str, str): of that run.
    """

    tags_changed = Signal(str, object)
    notes_changed = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._run = ""
        self._kept_tags: list[str] = []
        self._kept_notes = ""
        self.tags = LineField(placeholder="baseline, paper settings", name="Tags")
        self.notes = QPlainTextEdit()
        self.notes.setPlaceholderText("What was tried, what came of it")
        self.notes.setAccessibleName("Notes")
        self.notes.setTabChangesFocus(True)
        self._labels = [
            Label("Tags, by commas", "small", "text2"),
            Label("Notes", "small", "text2"),
        ]
        self._labels[0].setBuddy(self.tags)
        self._labels[1].setBuddy(self.notes)
        self._column = QVBoxLayout(self)
        for widget in (self._labels[0], self.tags, self._labels[1]):
            self._column.addWidget(widget)
        self._column.addWidget(self.notes, 1)
        self._timer = QTimer(self, singleShot=True, interval=SAVE_AFTER_MS)
        self._timer.timeout.connect(self.flush)
        self.tags.textEdited.connect(self._timer.start)
        self.tags.editingFinished.connect(self.flush)
        self.notes.textChanged.connect(self._timer.start)
        self.setEnabled(False)  # until there is a run to keep it for
        self.follow_theme()

    def show_run(self, row: RunRow | None) -> None:
        """Show what is kept of a run; what is being typed for it stays."""
        run = row.run if row is not None else ""
        if run != self._run:
            self.flush()
            self._run = run
            self._fill(row)
        elif row is not None and not self._timer.isActive() and not self._typing():
            self._fill(row)
        self.setEnabled(row is not None)

    @Slot()
    def flush(self) -> None:
        """Keep what was typed now."""
        self._timer.stop()
        if not self._run:
            return
        tags = [tag.strip() for tag in self.tags.text().split(",") if tag.strip()]
        if tags != self._kept_tags:
            self._kept_tags = tags
            self.tags_changed.emit(self._run, tags)
        notes = self.notes.toPlainText()
        if notes != self._kept_notes:
            self._kept_notes = notes
            self.notes_changed.emit(self._run, notes)

    def retheme(self) -> None:
        px = theme().px
        self._column.setContentsMargins(px(16), px(12), px(16), px(16))
        self._column.setSpacing(px(4))
        self.notes.setFont(theme().font("body"))

    def _typing(self) -> bool:
        return self.tags.hasFocus() or self.notes.hasFocus()

    def _fill(self, row: RunRow | None) -> None:
        tags = list(row.summary.tags) if row is not None else []
        notes = row.summary.notes if row is not None else ""
        self._kept_tags, self._kept_notes = tags, notes
        if self.tags.text() != ", ".join(tags):
            self.tags.setText(", ".join(tags))
        if self.notes.toPlainText() != notes:
            self.notes.setPlainText(notes)
        self._timer.stop()
