"""The list of algorithms, grouped by family, with search."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QSize, Qt, Signal, Slot
from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QAbstractItemView, QVBoxLayout, QWidget

from workbench.app.theme import theme
from workbench.app.widgets import CELL, Cell, EmptyState, Panel, SearchField, Tree
from workbench.schema.rows import Option

if TYPE_CHECKING:
    from workbench.app.draft import Draft
    from workbench.schema.catalogue import Catalogue

ALGORITHM = "algorithm.name"
DATASET = "dataset.name"
OTHERS = "Other"
WIDTH = 264  # px at 100 %, as long as there is room


def families(options: Iterable[Option]) -> dict[str, list[Option]]:
    """The options by family, the largest family first."""
    found: dict[str, list[Option]] = {}
    for option in options:
        found.setdefault(option.family or OTHERS, []).append(option)
    return dict(sorted(found.items(), key=lambda item: (-len(item[1]), item[0])))


def matches(option: Option, text: str) -> bool:
    """Whether every word of `text` occurs in what is known of the option."""
    paper = option.paper.label if option.paper else ""
    known = " ".join(
        (
            option.name,
            option.title,
            option.family,
            paper,
            option.summary,
            option.choose_when,
            *option.traits,
        )
    ).lower()
    return all(word in known for word in text.lower().split())


class AlgorithmList(Panel):
    """Chooses the draft's algorithm. Those that cannot do the chosen data are muted and say why.

    Signals:
        picked(str): the person chose an algorithm by its name.
    """

    picked = Signal(str)

    def __init__(self, draft: Draft, catalogue: Catalogue, parent: QWidget | None = None) -> None:
        self._draft, self._catalogue = draft, catalogue
        self._options = catalogue.options("algorithm")
        super().__init__("Algorithm", str(len(self._options)), padding=0, parent=parent)
        self.search = SearchField("Search by name, paper or idea")
        self.tree = Tree("Algorithms")
        self.tree.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self._model = QStandardItemModel(self)
        self.tree.setModel(self._model)
        self._nothing = EmptyState("search", "No algorithm matches.", "Clear search")
        self._nothing.acted.connect(self.search.clear)
        around = QVBoxLayout()
        around.setContentsMargins(theme().px(8), theme().px(8), theme().px(8), theme().px(4))
        around.addWidget(self.search)
        self.body.addLayout(around)
        self.body.addWidget(self.tree, 1)
        self.body.addWidget(self._nothing, 1)
        self._kind = ""
        self._filter = ""
        self.search.searched.connect(self.set_filter)
        self.tree.selectionModel().currentChanged.connect(self._current_changed)
        draft.changed.connect(self._follow)
        self._fill()

    def names(self) -> list[str]:
        """The algorithms in view, from top to bottom."""
        return [name for name, _ in self._leaves()]

    def sizeHint(self) -> QSize:
        return QSize(theme().px(WIDTH), super().sizeHint().height())

    @Slot(str)
    def set_filter(self, text: str) -> None:
        """Show only what matches; everything where the text is empty."""
        self._filter = text
        self._fill()

    def _fill(self) -> None:
        self._kind = self._data_kind()
        shown = [option for option in self._options if matches(option, self._filter)]
        selection = self.tree.selectionModel()
        selection.blockSignals(True)
        self._model.clear()
        for family, options in families(shown).items():
            parent = _item(Cell(family, muted=str(len(options)), strong=True), "")
            parent.setFlags(Qt.ItemFlag.ItemIsEnabled)
            for option in options:
                parent.appendRow(_item(self._cell(option), option.name))
            self._model.appendRow(parent)
        self.tree.expandAll()
        selection.blockSignals(False)
        self.tree.setVisible(bool(shown))
        self._nothing.setVisible(not shown)
        self._select()

    def _cell(self, option: Option) -> Cell:
        year = str(option.paper.year) if option.paper else ""
        tip = option.summary
        if self._kind and not option.does(self._kind):
            kinds = " and ".join(option.kinds)
            tip = f"{option.title} does {kinds}; the chosen data are {self._kind}."
        able = not self._kind or option.does(self._kind)
        return Cell(option.title, muted=year, tone="text" if able else "muted", tip=tip)

    def _data_kind(self) -> str:
        option = self._catalogue.option("dataset", str(self._draft.value(DATASET)))
        return option.kind if option else ""

    def _leaves(self) -> list[tuple[str, QModelIndex]]:
        found = []
        for row in range(self._model.rowCount()):
            parent = self._model.item(row)
            for child in range(parent.rowCount()):
                item = parent.child(child)
                found.append((str(item.data(Qt.ItemDataRole.UserRole)), item.index()))
        return found

    def _select(self) -> None:
        chosen = str(self._draft.value(ALGORITHM))
        selection = self.tree.selectionModel()
        selection.blockSignals(True)
        for name, index in self._leaves():
            if name == chosen:
                self.tree.setCurrentIndex(index)
        selection.blockSignals(False)
        self.tree.viewport().update()

    @Slot(QModelIndex, QModelIndex)
    def _current_changed(self, current: QModelIndex, _before: QModelIndex) -> None:
        name = current.data(Qt.ItemDataRole.UserRole)
        if name and name != self._draft.value(ALGORITHM):
            self._draft.settle()
            self._draft.set(ALGORITHM, str(name))
            self.picked.emit(str(name))

    @Slot()
    def _follow(self) -> None:
        if self._data_kind() != self._kind:
            self._fill()
        else:
            self._select()


def _item(cell: Cell, name: str) -> QStandardItem:
    item = QStandardItem(cell.text)
    item.setData(cell, CELL)
    item.setData(name, Qt.ItemDataRole.UserRole)
    item.setToolTip(cell.tip)
    item.setEditable(False)
    return item
