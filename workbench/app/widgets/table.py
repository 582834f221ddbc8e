"""Tables and trees."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QTreeView, QWidget

from workbench.app.theme import Themed, pixmap, theme
from workbench.app.theme.tokens import SIZES
from workbench.app.widgets.cells import CELL, Cell, CellDelegate

Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()


@dataclass(frozen=True)
class Column:
    """A column: the key of its cells, its title, how it aligns and its width in px at 100 % (0: as
    wide as its content).

    At most one column stretches.
    """

    key: str
    title: str
    align: str = "left"
    width: int = 0
    stretch: bool = False


class CellModel(QAbstractTableModel):
    """Rows of `Cell`s, each row with a key that stays when rows come and go.

    Signals:
        checked_changed(str, bool): the person ticked or cleared the check of the row with that key.
    """

    checked_changed = Signal(str, bool)

    def __init__(self, columns: Sequence[Column], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.columns = list(columns)
        self._rows: list[Mapping[str, Cell]] = []
        self._keys: list[str] = []

    def set_rows(self, rows: Sequence[Mapping[str, Cell]], keys: Sequence[str]) -> None:
        """Show other rows. Where the keys are the same, selection and scrolling stay."""
        if list(keys) == self._keys:
            changed = [i for i, row in enumerate(rows) if dict(row) != dict(self._rows[i])]
            self._rows = list(rows)
            for i in changed:
                self.dataChanged.emit(self.index(i, 0), self.index(i, len(self.columns) - 1))
            return
        self.beginResetModel()
        self._rows, self._keys = list(rows), list(keys)
        self.endResetModel()

    def key_of(self, row: int) -> str:
        return self._keys[row]

    def row_of(self, key: str) -> int:
        """Row with that key, -1 for none."""
        return self._keys.index(key) if key in self._keys else -1

    def keys(self) -> list[str]:
        return list(self._keys)

    def cell(self, row: int, column: int) -> Cell:
        return self._rows[row].get(self.columns[column].key, Cell())

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        cell = self.cell(index.row(), index.column())
        if role == CELL:
            align = self.columns[index.column()].align
            return cell if cell.align == align else replace(cell, align=align)
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return cell.spoken()
        if role == Qt.ItemDataRole.ToolTipRole:
            return cell.tip or None
        if role == Qt.ItemDataRole.CheckStateRole and cell.checked is not None:
            return Qt.CheckState.Checked if cell.checked else Qt.CheckState.Unchecked
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        column = self.columns[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.title
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = (
                Qt.AlignmentFlag.AlignRight
                if column.align == "right"
                else Qt.AlignmentFlag.AlignLeft
            )
            return int(side | Qt.AlignmentFlag.AlignVCenter)
        return None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column's `sort` values, or texts; cells without a value come last."""
        name = self.columns[column].key

        def value(i: int) -> tuple[bool, Any]:
            cell = self._rows[i].get(name, Cell())
            key = cell.sort if cell.sort is not None else cell.text.lower()
            return (isinstance(key, str), key)

        down = order == Qt.SortOrder.DescendingOrder
        ranked = sorted(range(len(self._rows)), key=value, reverse=down)
        self.layoutAboutToBeChanged.emit()
        old = self.persistentIndexList()
        keys = [self._keys[i.row()] for i in old]
        self._rows = [self._rows[i] for i in ranked]
        self._keys = [self._keys[i] for i in ranked]
        new = [self.index(self._keys.index(k), i.column()) for k, i in zip(keys, old, strict=True)]
        self.changePersistentIndexList(old, new)
        self.layoutChanged.emit()

    def toggle(self, row: int, column: int) -> None:
        """Tell that the person ticked a cell; the owner of the rows answers with `set_rows`."""
        cell = self.cell(row, column)
        if cell.checked is not None:
            self.checked_changed.emit(self._keys[row], not cell.checked)


class Table(QTableView, Themed):
    """Rows of 32 px on a panel without padding. Space ticks the current row's check.

    Signals:
        activated(QModelIndex), clicked(QModelIndex): Qt's own.
    """

    def __init__(self, name: str = "Table", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self._delegate = CellDelegate(parent=self)
        self.setItemDelegate(self._delegate)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setMouseTracking(True)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().hide()
        head = self.horizontalHeader()
        head.setHighlightSections(False)
        head.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        head.setMinimumSectionSize(24)
        self.setTabKeyNavigation(False)
        self.follow_theme()

    def set_model(self, model: CellModel) -> None:
        """Show a model, its columns as wide as they say."""
        self.setModel(model)
        model.modelReset.connect(self._fit)
        self._fit()

    def retheme(self) -> None:
        px = theme().px
        self.verticalHeader().setMinimumSectionSize(px(SIZES.row_table))
        self.verticalHeader().setDefaultSectionSize(px(SIZES.row_table))
        self.horizontalHeader().setFixedHeight(px(SIZES.row_table))
        self.horizontalHeader().setFont(theme().font("captionstrong"))
        self._fit()
        self.viewport().update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        model = self.model()
        if index.isValid() and isinstance(model, CellModel):
            left = self.visualRect(index).left()
            over_box = event.position().x() < left + theme().px(32)
            if over_box and model.cell(index.row(), index.column()).checked is not None:
                model.toggle(index.row(), index.column())
        super().mouseReleaseEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        model, current = self.model(), self.currentIndex()
        if event.key() == Qt.Key.Key_Space and isinstance(model, CellModel) and current.isValid():
            for column in range(len(model.columns)):
                if model.cell(current.row(), column).checked is not None:
                    model.toggle(current.row(), column)
                    return
        super().keyPressEvent(event)

    def _fit(self) -> None:
        model = self.model()
        if not isinstance(model, CellModel):
            return
        head = self.horizontalHeader()
        for i, column in enumerate(model.columns):
            if column.stretch:
                head.setSectionResizeMode(i, QHeaderView.ResizeMode.Stretch)
            elif column.width:
                head.resizeSection(i, theme().px(column.width))
            else:
                self.resizeColumnToContents(i)


class Tree(QTreeView, Themed):
    """Rows of 24 px with chevrons; items give a `Cell` for the role CELL, or plain text.

    Signals:
        activated(QModelIndex), clicked(QModelIndex): Qt's own.
    """

    def __init__(self, name: str = "Tree", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self._delegate = TreeDelegate(parent=self)
        self.setItemDelegate(self._delegate)
        self.setHeaderHidden(True)
        self.setUniformRowHeights(True)
        self.setMouseTracking(True)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.follow_theme()

    def retheme(self) -> None:
        self.setFont(theme().font("body"))
        self.setIndentation(theme().px(20))
        self.scheduleDelayedItemsLayout()

    def drawBranches(self, painter: QPainter, rect: QRect, index: Index) -> None:  # noqa: N802  Qt's name
        here = theme()
        if self.selectionModel().isSelected(self.model().index(index.row(), 0, index.parent())):
            painter.fillRect(rect, here.colour("soft"))
            painter.fillRect(
                QRect(rect.left(), rect.top(), 3, rect.height()), here.colour("accent")
            )
        if not self.model().hasChildren(index):
            return
        side = here.px(14)
        spot = QPoint(
            rect.right() - (self.indentation() + side) // 2, rect.center().y() - side // 2
        )
        name = "chevron-down" if self.isExpanded(index) else "chevron-right"
        painter.drawPixmap(spot, pixmap(name, "muted", 14, self.devicePixelRatioF()))


class TreeDelegate(CellDelegate):
    """Cells of a tree: 24 px, the muted text at the right end, the chosen one in accent."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(row=SIZES.row_tree, line=False, pad=4, parent=parent)

    def _paint_content(self, painter: QPainter, rect: Any, cell: Cell, chosen: bool) -> None:
        px = theme().px
        tone = "accent" if chosen else cell.tone
        strong = cell.strong or chosen
        shown = replace(cell, muted="", tone=tone, strong=strong)
        end = rect.adjusted(0, 0, -px(8), 0)
        if cell.muted:
            painter.setFont(theme().font("small"))
            painter.setPen(theme().colour("accent" if chosen else "muted"))
            flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
            painter.drawText(end, flags, cell.muted)
            words = painter.fontMetrics().horizontalAdvance(cell.muted)
            end.setRight(end.right() - words - px(8))
        super()._paint_content(painter, end, shown, chosen)

    def sizeHint(self, option: Any, index: Index) -> QSize:
        return QSize(super().sizeHint(option, index).width(), theme().px(SIZES.row_tree))
