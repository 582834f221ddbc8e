"""What happened in the run that is looked at, newest first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QApplication, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from workbench.app.pages.runs.rows import RunRow
from workbench.app.pages.train.log import MOST, in_words
from workbench.app.theme import Themed, theme
from workbench.app.widgets import Cell, CellModel, Column, EmptyState, Label, Link, Table


class EventsView(QWidget, Themed):
    """The events of one run."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._row: RunRow | None = None
        self._lines: Sequence[Mapping[str, Any]] = ()
        self._model = CellModel(
            [Column("time", "Time", width=136), Column("text", "Message", stretch=True)], self
        )
        self._table = Table("Messages of the run")
        self._table.set_model(self._model)
        self._table.horizontalHeader().hide()
        self._empty = EmptyState("file-text", "Nothing was noted about this run.")
        self._stack = QStackedWidget()
        self._stack.addWidget(self._table)
        self._stack.addWidget(self._empty)
        self._count = Label("", "small", "muted")
        self._copy = Link("Copy all")
        self._copy.clicked.connect(self._copy_all)
        self._foot = QHBoxLayout()
        self._foot.addWidget(self._count)
        self._foot.addStretch(1)
        self._foot.addWidget(self._copy)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._stack, 1)
        column.addLayout(self._foot)
        self.show_events(None, ())
        self.follow_theme()

    def show_events(self, row: RunRow | None, lines: Sequence[Mapping[str, Any]]) -> None:
        """Show what happened in a run."""
        self._row, self._lines = row, lines
        shown = list(enumerate(lines))[-MOST:][::-1]
        cells = [self._cells(line) for _, line in shown]
        run = row.run if row is not None else ""
        self._model.set_rows(cells, [f"{run} {number}" for number, _ in shown])
        self._count.setText(f"{len(lines):,} messages" if lines else "")
        self._copy.setVisible(bool(lines))
        self._stack.setCurrentWidget(self._table if cells else self._empty)

    def texts(self) -> list[str]:
        """The messages in view, newest first."""
        return [self._model.cell(row, 1).text for row in range(self._model.rowCount())]

    def retheme(self) -> None:
        px = theme().px
        self._foot.setContentsMargins(px(16), px(4), px(16), px(6))

    def _cells(self, line: Mapping[str, Any]) -> dict[str, Cell]:
        icon, tone, text = in_words(line, self._row.facts if self._row is not None else None)
        when = datetime.fromtimestamp(float(line.get("time", 0))).astimezone()
        moment = Cell(f"{when:%d %b %H:%M:%S}", tone="muted", tip=f"{when:%d %b %Y, %H:%M:%S}")
        return {"time": moment, "text": Cell(text, icon=icon, icon_tone=tone, tip=text)}

    @Slot()
    def _copy_all(self) -> None:
        cells = [self._cells(line) for line in self._lines]
        QApplication.clipboard().setText(
            "\n".join(f"{line['time'].tip}  {line['text'].text}" for line in cells)
        )
