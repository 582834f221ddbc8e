"""The table of runs: cells made as they are looked at, so that ten thousand rows cost nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from PySide6.QtCore import (
    QModelIndex,
    QPersistentModelIndex,
    QPointF,
    QRect,
    QRectF,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPolygonF, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QStyle, QStyleOptionViewItem, QWidget

from workbench.app.pages.runs import rows as words
from workbench.app.pages.runs.rows import RunRow
from workbench.app.pages.train.figures import duration, whole
from workbench.app.theme import theme
from workbench.app.widgets import CELL, Cell, CellDelegate, CellModel, Column, Table
from workbench.app.widgets.badge import STATUSES

Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()

COLUMNS = [
    Column("pick", "", width=40),
    Column("star", "", width=36),
    Column("number", "Run", width=60),
    Column("algorithm", "Algorithm", width=212),
    Column("dataset", "Data set", width=92),
    Column("task", "Way × shot", width=88),
    Column("status", "Status", width=124),
    Column("best", "Best validation", "right", 128),
    Column("step", "At step", "right", 76),
    Column("last", "Last", "right", 64),
    Column("duration", "Duration", "right", 108),
    Column("device", "Device", width=68),
    Column("tags", "Tags", width=92),
]
SHARES = (0, 0, 0, 3, 2, 1, 2, 2, 1, 1, 2, 1, 6)
"""How the columns share the room that is over."""

SORTABLE = {column.key for column in COLUMNS} - {"pick"}
FALLING = {"number", "star", "best", "step", "last", "duration"}
"""Columns in which the first click puts the greatest on top."""

WAITING = {"pause": "Pausing", "resume": "Going on", "stop": "Stopping", "abort": "Stopping"}
STAR = (12, 2, 15.09, 8.26, 22, 9.27, 17, 14.14, 18.18, 21.02, 12, 17.77, 5.82, 21.02, 7, 14.14, 2)
STAR_POINTS = [QPointF(x, y) for x, y in zip(STAR[::2], (*STAR[1::2], 9.27), strict=True)] + [
    QPointF(8.91, 8.26)
]


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
        return _cell(run, key, series, self.asked.get(run.run, ""))

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


def _cell(row: RunRow, key: str, series: int | None, asked: str) -> Cell:
    summary, picked = row.summary, series is not None
    match key:
        case "pick":
            return Cell(checked=picked, tip=f"Compare run {row.number} (Space)")
        case "star":
            on = summary.starred
            tip = "Starred (S)" if on else "Star it (S)"
            return Cell(icon="star", icon_tone="warn" if on else "muted", tip=tip)
        case "number":
            return Cell(str(row.number), strong=True, tip=row.run)
        case "algorithm":
            return Cell(row.algorithm, strong=picked, series=series, tip=row.facts.subject)
        case "dataset":
            return Cell(row.dataset)
        case "task":
            return Cell(row.task)
        case "status":
            return _status(row, asked)
        case "best":
            value, interval = words.best_words(row)
            return Cell(value, muted=interval, strong=value != "–")
        case "step":
            return Cell(whole(summary.best.step) if summary.best else "–", tone="text2")
        case "last":
            return Cell(words.last_words(row), tone="text2")
        case "duration":
            return Cell(duration(summary.duration_s), tone="text2")
        case "device":
            return Cell(row.device or "–", tone="text2")
    return Cell(
        icon="file-text" if summary.notes else "",
        icon_tone="muted",
        outlined=summary.tags,
        tip=summary.notes or ", ".join(summary.tags),
    )


def _status(row: RunRow, asked: str) -> Cell:
    summary = row.summary
    state = "stopping" if asked in ("stop", "abort") else summary.status.value
    icon, word, tone = STATUSES[state]
    said = WAITING.get(asked) or row.status_word or word
    return Cell(badge=said, badge_icon=icon, badge_tone=tone, tip=summary.reason)


class RunsTable(Table):
    """Runs, newest on top. Space picks, S stars, Enter opens, Del deletes.

    Signals:
        star_asked(str): the person clicked on a run's star, or pressed S.
        opened(str): the person double-clicked on a run, or pressed Enter.
        current_changed(): another run is looked at.
        sort_asked(str): the person clicked on the head of that column.
        scrolled(): other rows are in view.
    """

    star_asked = Signal(str)
    opened = Signal(str)
    current_changed = Signal()
    sort_asked = Signal(str)
    scrolled = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Runs", parent)
        self.runs = RunsModel(self)
        self._row_delegate = _RowDelegate(parent=self)
        self.setItemDelegate(self._row_delegate)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.set_model(self.runs)
        head = self.horizontalHeader()
        head.setSectionsClickable(True)
        head.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        head.sectionClicked.connect(self._head_clicked)
        self.doubleClicked.connect(self._double_clicked)
        self.selectionModel().currentRowChanged.connect(self._current_moved)
        self.verticalScrollBar().valueChanged.connect(self.scrolled)

    def show_runs(self, rows: Sequence[RunRow]) -> None:
        """Show these rows; the current run, what is selected and where one has scrolled stay."""
        current, selected = self.current_run(), self.selected_runs()
        top = self.verticalScrollBar().value()
        before = self.runs.keys()
        self.runs.show_runs(rows)
        if before != self.runs.keys():
            self._restore(current, selected)
            self.verticalScrollBar().setValue(top)
        self.scrolled.emit()

    def current_run(self) -> str:
        """The run that is looked at; empty for none."""
        row = self.currentIndex().row()
        found = self.runs.run(row)
        return found.run if found is not None else ""

    def set_current_run(self, run: str) -> None:
        row = self.runs.row_of(run)
        if row >= 0:
            self.setCurrentIndex(self.runs.index(row, 2))

    def selected_runs(self) -> list[str]:
        """The runs that Del deletes, from top to bottom."""
        chosen = {index.row() for index in self.selectionModel().selectedRows()}
        return [self.runs.key_of(row) for row in sorted(chosen)]

    def rows_in_view(self) -> tuple[int, int]:
        """The first and the last row that are wholly in view, from 1; (0, 0) for none."""
        count, height = self.runs.rowCount(), self.verticalHeader().defaultSectionSize()
        if not count or not height:
            return 0, 0
        top = self.verticalScrollBar().value()
        first = -(-top // height) + 1
        last = min(count, (top + self.viewport().height()) // height)
        return first, max(first, last)

    def retheme(self) -> None:
        super().retheme()
        self._share_room()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._share_room()
        self.scrolled.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        run, plain = self.current_run(), not event.modifiers()
        if run and plain and event.key() == Qt.Key.Key_S:
            self.star_asked.emit(run)
        elif run and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and plain:
            self.opened.emit(run)
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """The check box of a row picks it, and leaves the row that is looked at alone."""
        if self._over_marks(event):
            event.accept()
            return
        super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        index = self.indexAt(event.position().toPoint())
        if self._over_marks(event) and COLUMNS[index.column()].key == "star":
            self.star_asked.emit(self.runs.key_of(index.row()))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self._over_marks(event):
            event.accept()
            return
        super().mouseDoubleClickEvent(event)

    def _over_marks(self, event: QMouseEvent) -> bool:
        index = self.indexAt(event.position().toPoint())
        return index.isValid() and COLUMNS[index.column()].key in ("pick", "star")

    def _restore(self, current: str, selected: Iterable[str]) -> None:
        self.set_current_run(current)
        chosen = [self.runs.row_of(run) for run in selected]
        if len(chosen) > 1:
            flag = self.selectionModel().SelectionFlag
            for row in chosen:
                if row >= 0:
                    self.selectionModel().select(self.runs.index(row, 0), flag.Select | flag.Rows)

    def _share_room(self) -> None:
        px, head = theme().px, self.horizontalHeader()
        widths = [px(column.width) for column in COLUMNS]
        spare = max(0, self.viewport().width() - sum(widths))
        whole_share = sum(SHARES)
        for i, (width, share) in enumerate(zip(widths, SHARES, strict=True)):
            head.resizeSection(i, width + spare * share // whole_share)

    @Slot(int)
    def _head_clicked(self, section: int) -> None:
        if COLUMNS[section].key in SORTABLE:
            self.sort_asked.emit(COLUMNS[section].key)

    @Slot(QModelIndex)
    def _double_clicked(self, index: QModelIndex) -> None:
        self.opened.emit(self.runs.key_of(index.row()))

    @Slot(QModelIndex, QModelIndex)
    def _current_moved(self, _now: QModelIndex, _before: QModelIndex) -> None:
        self.current_changed.emit()


class _RowDelegate(CellDelegate):
    """Picked rows stand on `soft`; the row that is looked at has a bar at its left end."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        model = index.model()
        if not isinstance(model, RunsModel):
            super().paint(painter, option, index)
            return
        shown = QStyleOptionViewItem(option)
        flag = QStyle.StateFlag
        looked_at = bool(option.state & flag.State_Selected)
        shown.state = option.state & ~flag.State_Selected
        if model.is_picked(index.row()):
            shown.state |= flag.State_Selected
        elif looked_at:
            shown.state |= flag.State_MouseOver
        super().paint(painter, shown, index)
        cell = index.data(CELL)
        if isinstance(cell, Cell) and cell.icon == "star" and cell.icon_tone == "warn":
            self._fill_star(painter, QRectF(option.rect))
        if looked_at and index.column() == 0:
            bar = QRect(option.rect.left(), option.rect.top(), 3, option.rect.height() - 1)
            painter.fillRect(bar, theme().colour("accent"))

    def _fill_star(self, painter: QPainter, rect: QRectF) -> None:
        px = theme().px
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        side = px(16)
        painter.translate(
            round(rect.left() + px(self._pad)), round(rect.center().y() - 0.5 - side / 2)
        )
        painter.scale(side / 24, side / 24)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme().colour("warn"))
        painter.drawPolygon(QPolygonF(STAR_POINTS))
        painter.restore()
