"""The groups of a data set as a tree: which alphabet stands on which side of the split."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QModelIndex, QRectF, Qt, Signal, Slot
from PySide6.QtGui import QPainter, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QWidget

from workbench.app.pages.data.view import (
    SPLIT_SERIES,
    SPLIT_WORDS,
    SPLITS,
    DataView,
    Group,
)
from workbench.app.theme import theme
from workbench.app.widgets import CELL, Cell, Panel, SearchField, Tree
from workbench.app.widgets.table import TreeDelegate
from workbench.schema.nouns import Words, plural

_GROUP = int(Qt.ItemDataRole.UserRole) + 7


class GroupsPanel(Panel):
    """Splits, and under each its alphabets, say, with how many characters they have.

    Signals:
        chosen(object): a Group, cut to what the search found in it.
    """

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Groups", padding=8, parent=parent)
        self._view: DataView | None = None
        self.search = SearchField("Search")
        self.search.searched.connect(self._search)
        self._model = QStandardItemModel(self)
        self.tree = Tree("Groups")
        self.tree.setMinimumHeight(theme().px(48))  # two lines where a problem takes room above
        self.tree.setModel(self._model)
        self.tree.setItemDelegate(_GroupDelegate(self.tree))
        self.tree.selectionModel().currentChanged.connect(self._moved)
        self.body.addWidget(self.search)
        self.body.addWidget(self.tree, 1)

    def set_view(self, view: DataView | None) -> None:
        """Show another data set, and choose its first alphabet or the same as before."""
        before = self.current()
        self._view = view
        if view is None:
            self._model.clear()
            self.title.setText("Groups")
            self.search.setPlaceholderText("Search")
            return
        self.title.setText(view.words.groups.capitalize())
        self.tree.setAccessibleName(view.words.groups.capitalize())
        self.search.setPlaceholderText(f"Search {view.words.count(len(view.bank.classes))}")
        self._fill(view.matching(self.search.text()))
        if before is None or not self.choose(before.name):
            self._choose_first()

    def _words(self) -> Words:
        return self._view.words if self._view is not None else Words()

    def current(self) -> Group | None:
        found = self.tree.currentIndex().data(_GROUP)
        return found if isinstance(found, Group) else None

    @Slot(str)
    def choose(self, name: str) -> bool:
        """Make the alphabet of that name current; False if it is not shown."""
        for row in range(self._model.rowCount()):
            branch = self._model.item(row)
            for place in range(branch.rowCount()):
                item = branch.child(place)
                if item.data(_GROUP).name == name:
                    self.tree.setCurrentIndex(item.index())
                    return True
        return False

    def _fill(self, groups: Sequence[Group]) -> None:
        self._model.clear()
        searching = bool(self.search.text().strip())
        for split in (*SPLITS, ""):
            own = [group for group in groups if group.split == split]
            if not own:
                continue
            classes, noun = sum(len(group.classes) for group in own), self._words().group
            words = f"{len(own)} {plural(noun) if len(own) > 1 else noun} · {classes:,}"
            branch = _item(Cell(SPLIT_WORDS[split], words, strong=True, series=SPLIT_SERIES[split]))
            for group in own:
                leaf = _item(Cell(group.name, f"{len(group.classes)}"))
                leaf.setData(group, _GROUP)
                branch.appendRow(leaf)
            self._model.appendRow(branch)
            # Held out is what one looks at first; the long list of the training side opens on
            # demand.
            self.tree.setExpanded(branch.index(), searching or split != "train" or len(own) <= 6)

    def _choose_first(self) -> None:
        for row in range(self._model.rowCount()):
            branch = self._model.item(row)
            if self.tree.isExpanded(branch.index()):
                self.tree.setCurrentIndex(branch.child(0).index())
                return
        if self._model.rowCount():
            self.tree.setCurrentIndex(self._model.item(0).child(0).index())

    @Slot(str)
    def _search(self, text: str) -> None:
        if self._view is None:
            return
        before = self.current()
        self._fill(self._view.matching(text))
        if before is None or not self.choose(before.name):
            self._choose_first()

    @Slot(QModelIndex, QModelIndex)
    def _moved(self, index: QModelIndex, before: QModelIndex) -> None:
        group = index.data(_GROUP)
        if isinstance(group, Group):
            self.chosen.emit(group)


class _GroupDelegate(TreeDelegate):
    """A square of the split's colour before its word."""

    def _paint_content(self, painter: QPainter, rect: Any, cell: Cell, chosen: bool) -> None:
        if cell.series is None:
            super()._paint_content(painter, rect, cell, chosen)
            return
        here = theme()
        side = here.px(8)
        box = QRectF(rect.left() + here.px(4), rect.center().y() - side / 2, side, side)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(here.series(cell.series))
        painter.drawRoundedRect(box, 1.5, 1.5)
        moved = rect.adjusted(here.px(14), 0, 0, 0)
        super()._paint_content(painter, moved, replace(cell, series=None), chosen)


def _item(cell: Cell) -> QStandardItem:
    item = QStandardItem(cell.spoken())
    item.setData(cell, CELL)
    return item
