"""The settings of the compared runs side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QRectF, Qt, Slot
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtWidgets import QHBoxLayout, QHeaderView, QStackedWidget, QVBoxLayout, QWidget

from workbench.app.pages.runs.differences import Difference, against_defaults, compare
from workbench.app.pages.runs.rows import RunRow
from workbench.app.theme import Themed, theme
from workbench.app.widgets import (
    Cell,
    CellModel,
    CheckBox,
    Column,
    EmptyState,
    IconLabel,
    Label,
    Table,
)
from workbench.app.widgets.series import paint_line_sample
from workbench.schema.catalogue import Catalogue

FIRST = Column("setting", "Setting", width=180)


class SettingsView(QWidget, Themed):
    """A row a setting, a column a run; one run alone stands beside the defaults."""

    def __init__(self, catalogue: Catalogue, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._catalogue = catalogue
        self._shown: tuple[object, ...] = ()
        self._all: list[Difference] = []
        self.muted = ""
        self.model = _Model(self)
        self.table = Table("Differences between the settings")
        self.table.setSelectionMode(Table.SelectionMode.SingleSelection)
        self.table.set_model(self.model)
        self._empty = EmptyState(
            "columns-2", "Pick runs in the table to see what tells them apart."
        )
        self._stack = QStackedWidget()
        self._stack.addWidget(self.table)
        self._stack.addWidget(self._empty)
        self._same = Label("", "small", "muted", elide=True)
        self._icon = IconLabel("equal", "muted", 16)
        self.only = CheckBox("Only what differs", checked=True)
        self.only.toggled.connect(self._fill)
        self._foot = QHBoxLayout()
        for widget in (self._icon, self._same):
            self._foot.addWidget(widget)
        self._foot.addStretch(1)
        self._foot.addWidget(self.only)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addWidget(self._stack, 1)
        self._column.addLayout(self._foot)
        self._fill()
        self.follow_theme()

    def show_runs(self, rows: Sequence[tuple[RunRow, int]]) -> None:
        """Show the settings of these runs, each with its series."""
        shown = tuple((row.run, row.number, series) for row, series in rows)
        if shown == self._shown:
            return
        self._shown = shown
        if len(rows) == 1:
            self._all = against_defaults(rows[0][0].values, self._catalogue)
            heads: list[tuple[str, int | None]] = [("Default", None)]
        else:
            self._all = compare([row.values for row, _ in rows], self._catalogue)
            heads = []
        self.model.set_heads(heads + [(str(row.number), series) for row, series in rows])
        self._fill()

    def keys(self) -> list[str]:
        """The settings in view."""
        return self.model.keys()

    def retheme(self) -> None:
        px = theme().px
        self._foot.setContentsMargins(px(16), px(4), px(16), px(6))
        self._foot.setSpacing(px(8))

    @Slot()
    def _fill(self) -> None:
        differing = [found for found in self._all if found.differs]
        shown = differing if self.only.isChecked() else self._all
        self.model.set_rows([_cells(found) for found in shown], [found.key for found in shown])
        alone = len(self._shown) == 1
        self.muted = ""
        if self._shown:
            of = "from the defaults" if alone else f"of {len(self._all)} settings"
            self.muted = f"{len(differing)} {of}"
        same = len(self._all) - len(differing)
        self._same.setText(f"{same} settings are the same" if self._all else "")
        self._icon.setVisible(bool(self._all))
        if self._all and not shown:
            what = "Everything is at its default." if alone else "The settings are all the same."
            self._empty.set("equal", what)
        elif not self._all:
            self._empty.set("columns-2", "Pick runs in the table to see what tells them apart.")
        self._stack.setCurrentWidget(self.table if shown else self._empty)
        self._fit()

    def _fit(self) -> None:
        head = self.table.horizontalHeader()
        for i in range(1, self.model.columnCount()):
            head.setSectionResizeMode(i, QHeaderView.ResizeMode.Stretch)
        head.setSectionResizeMode(0, QHeaderView.ResizeMode.Interactive)
        head.resizeSection(0, theme().px(FIRST.width))


class _Model(CellModel):
    """Columns that come and go; a head has its run's line before its number."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__([FIRST], parent)
        self._series: list[int | None] = [None]

    def set_heads(self, heads: Sequence[tuple[str, int | None]]) -> None:
        self.beginResetModel()
        self._rows, self._keys = [], []
        self.columns = [FIRST, *(Column(str(i), title) for i, (title, _) in enumerate(heads))]
        self._series = [None, *(series for _, series in heads)]
        self.endResetModel()

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        across = orientation == Qt.Orientation.Horizontal
        if across and role == Qt.ItemDataRole.DecorationRole:
            series = self._series[section] if section < len(self._series) else None
            return None if series is None else _line_sample(series)
        return super().headerData(section, orientation, role)


def _line_sample(series: int) -> QPixmap:
    px = theme().px
    density = 2.0
    picture = QPixmap(int(px(24) * density), int(px(16) * density))
    picture.setDevicePixelRatio(density)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    paint_line_sample(painter, QRectF(0, 0, px(20), px(16)), series)
    painter.end()
    return picture


def _cells(found: Difference) -> dict[str, Cell]:
    tip = f"{found.group}: {found.help}" if found.help else found.group
    cells = {"setting": Cell(found.label, muted=found.symbol or "", tip=tip)}
    for i, (value, odd) in enumerate(zip(found.values, found.odd, strict=True)):
        cells[str(i)] = Cell(value, strong=odd, tip=f"{value} {found.unit}".strip())
    return cells
