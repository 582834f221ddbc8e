"""The table of runs: what one does to its rows with mouse and keys, and how they are painted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from PySide6.QtCore import (
    QModelIndex,
    QPointF,
    QRect,
    QRectF,
    QSignalBlocker,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import QKeyEvent, QKeySequence, QMouseEvent, QPainter, QPolygonF, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QStyle, QStyleOptionViewItem, QWidget

from workbench.app.pages.runs.model import COLUMNS, SHARES, SORTABLE, Index, RunsModel
from workbench.app.pages.runs.rows import RunRow
from workbench.app.theme import theme
from workbench.app.widgets import CELL, Cell, CellDelegate, Table

STAR = (12, 2, 15.09, 8.26, 22, 9.27, 17, 14.14, 18.18, 21.02, 12, 17.77, 5.82, 21.02, 7, 14.14, 2)
STAR_POINTS = [QPointF(x, y) for x, y in zip(STAR[::2], (*STAR[1::2], 9.27), strict=True)] + [
    QPointF(8.91, 8.26)
]


class RunsTable(Table):
    """Runs, newest on top. Space picks, S stars, Enter opens, Del deletes.

    Signals:
        star_asked(str): the person clicked on a run's star, or pressed S.
        opened(str): the person double-clicked on a run, or pressed Enter.
        delete_asked(): the person pressed Del: the selected runs shall go.
    current_changed(): another run is looked at.
        sort_asked(str): the person clicked on the head of that column.
        scrolled(): other rows are in view.
    """

    star_asked = Signal(str)
    opened = Signal(str)
    delete_asked = Signal()
    current_changed = Signal()
    sort_asked = Signal(str)
    scrolled = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Runs", parent)
        self.runs = RunsModel(self)
        self._wanted = ""  # looked at before the filter took it away
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
        place, top = self.currentIndex().row(), self.verticalScrollBar().value()
        before = self.runs.keys()
        self.runs.show_runs(rows)
        if before != self.runs.keys():
            with QSignalBlocker(self.selectionModel()):
                self._restore(current, place, selected)
            self.verticalScrollBar().setValue(top)
            self.viewport().update()
            if self.current_run() != current:
                self.current_changed.emit()
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
        elif run and event.matches(QKeySequence.StandardKey.Delete):
            self.delete_asked.emit()
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

    def _restore(self, current: str, place: int, selected: Iterable[str]) -> None:
        """Look at the same run, at the one that was last looked at, or at the same place."""
        wanted = self._wanted or current
        row = self.runs.row_of(wanted)
        self._wanted = wanted if row < 0 else ""
        if row < 0:
            row = min(max(place, 0), self.runs.rowCount() - 1)
        self.setCurrentIndex(self.runs.index(row, 2))
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
        self._wanted = ""
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

    def _paint_content(self, painter: QPainter, rect: QRectF, cell: Cell, chosen: bool) -> None:
        super()._paint_content(painter, rect, self._fitting(cell, rect.width()), chosen)

    def _fitting(self, cell: Cell, width: float) -> Cell:
        """With only as many tags as there is room for, and how many are left out."""
        if len(cell.outlined) < 2 or self._width(cell) <= width:
            return cell
        for kept in range(len(cell.outlined) - 1, 0, -1):
            more = f"+{len(cell.outlined) - kept}"
            shorter = replace(cell, outlined=(*cell.outlined[:kept], more))
            if self._width(shorter) <= width:
                return shorter
        return replace(cell, outlined=(f"{len(cell.outlined)} tags",))

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
