"""The rows of the table: cells made as they are looked at, so that many runs cost nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtWidgets import QWidget

from workbench.app.pages.runs import rows as words
from workbench.app.pages.runs.rows import RunRow
from workbench.app.pages.train.figures import NOTHING, duration, whole
from workbench.app.widgets import Cell, CellModel, Column
from workbench.app.widgets.badge import STATUSES

Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()

COLUMNS = [
    Column("pick", "", width=40),
    Column("star", "", width=36),
    Column("number", "Run", width=60),
    Column("algorithm", "Algorithm", width=196),
    Column("dataset", "Data set", width=92),
    Column("task", "Way × shot", width=88),
    Column("status", "Status", width=124),
    Column("best", "Best validation", "right", 128),
    Column("step", "At step", "right", 76),
    Column("last", "Last", "right", 64),
    Column("duration", "Duration", "right", 104),
    Column("device", "Device", width=60),
    Column("tags", "Tags", width=108),
]
SHARES = (0, 0, 0, 3, 2, 1, 2, 2, 1, 1, 2, 1, 6)
"""How the columns share the room that is over."""

SORTABLE = {column.key for column in COLUMNS} - {"pick"}
FALLING = {"number", "star", "best", "step", "last", "duration"}
"""Columns in which the first click puts the greatest on top."""

WAITING = {"pause": "Pausing", "resume": "Going on", "stop": "Stopping", "abort": "Stopping"}


class RunsModel(CellModel):
    """Rows of runs; picked ones with their series, those that were asked for something saying so.

    Attributes:
        series: of the picked runs.
        asked: what was asked of a run and has not happened yet.
        sorted_by: column, and whether the greatest is on top.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(COLUMNS, parent)
        self._runs: list[RunRow] = []
        self.series: Mapping[str, int] = {}
        self.asked: Mapping[str, str] = {}
        self.sorted_by = ("number", True)

    def show_runs(self, rows: Sequence[RunRow]) -> None:
        """Show these runs in this order; where they are the same, nothing moves."""
        keys = [row.run for row in rows]
        if keys == self._keys:
            changed = [i for i, row in enumerate(rows) if row is not self._runs[i]]
            self._runs = list(rows)
            for i in changed:
                self.dataChanged.emit(self.index(i, 0), self.index(i, len(COLUMNS) - 1))
            return
        self.beginResetModel()
        self._runs, self._keys = list(rows), keys
        self.endResetModel()

    def repaint_all(self) -> None:
        """Colours or marks are others."""
        if self._runs:
            last = self.index(len(self._runs) - 1, len(COLUMNS) - 1)
            self.dataChanged.emit(self.index(0, 0), last)
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(COLUMNS) - 1)

    def run(self, row: int) -> RunRow | None:
        return self._runs[row] if 0 <= row < len(self._runs) else None

    def is_picked(self, row: int) -> bool:
        return self._keys[row] in self.series

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._runs)

    def cell(self, row: int, column: int) -> Cell:
        run, key = self._runs[row], COLUMNS[column].key
        series = self.series.get(run.run)
        if key == "pick":
            return _pick_cell(run, series)
        if key == "algorithm":
            picked = series is not None
            return Cell(run.algorithm, strong=picked, series=series, tip=run.facts.subject)
        if key == "status":
            return _status(run, self.asked.get(run.run, ""))
        return _PLAIN[key](run)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        found = super().headerData(section, orientation, role)
        across = orientation == Qt.Orientation.Horizontal
        if across and role == Qt.ItemDataRole.DisplayRole:
            column, down = self.sorted_by
            if COLUMNS[section].key == column and found:
                return f"{found} {'↓' if down else '↑'}"
        if across and role == Qt.ItemDataRole.AccessibleTextRole:
            return {"pick": "Compare", "star": "Starred"}.get(COLUMNS[section].key, found)
        return found


def _pick_cell(row: RunRow, series: int | None) -> Cell:
    return Cell(checked=series is not None, tip=f"Compare run {row.number} (Space)")


def _star_cell(row: RunRow) -> Cell:
    on = row.summary.starred
    tone, tip = ("warn", "Starred (S)") if on else ("muted", "Star it (S)")
    return Cell(icon="star", icon_tone=tone, tip=tip)


def _best_cell(row: RunRow) -> Cell:
    value, interval = words.best_words(row)
    return Cell(value, muted=interval, strong=bool(interval))


def _step_cell(row: RunRow) -> Cell:
    best = row.summary.best
    return Cell(whole(best.step) if best else NOTHING, tone="text2")


def _tags_cell(row: RunRow) -> Cell:
    summary = row.summary
    tip = "\n".join(part for part in (", ".join(summary.tags), summary.notes) if part)
    note = "file-text" if summary.notes else ""
    return Cell(icon=note, icon_tone="muted", outlined=summary.tags, tip=tip)


_PLAIN: Mapping[str, Callable[[RunRow], Cell]] = {
    "star": _star_cell,
    "number": lambda row: Cell(str(row.number), strong=True, tip=row.run),
    "dataset": lambda row: Cell(row.dataset),
    "task": lambda row: Cell(row.task),
    "best": _best_cell,
    "step": _step_cell,
    "last": lambda row: Cell(words.last_words(row), tone="text2"),
    "duration": lambda row: Cell(duration(row.summary.duration_s), tone="text2"),
    "device": lambda row: Cell(row.device or NOTHING, tone="text2"),
    "tags": _tags_cell,
}
"""The cells that depend on the run alone."""


def _status(row: RunRow, asked: str) -> Cell:
    summary = row.summary
    state = "stopping" if asked in ("stop", "abort") else summary.status.value
    icon, word, tone = STATUSES[state]
    said = WAITING.get(asked) or row.status_word or word
    return Cell(badge=said, badge_icon=icon, badge_tone=tone, tip=summary.reason)
