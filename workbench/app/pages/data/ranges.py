"""The settings of a family of functions, each range on one line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from itertools import groupby
from typing import Any

from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QWidget

from workbench.app.forms.controls import Control, control_for
from workbench.app.theme import Themed, theme
from workbench.app.widgets import Label
from workbench.schema.rows import Row

PAUSE_MS = 300  # new curves are drawn when a hand rests
FIELD = 136  # px at 100 %


class RangeEditor(QWidget, Themed):
    """A line for each group of settings: name, symbol, its controls, unit.

    Signals:
        changed(dict[str, object]): other values by dotted key, once the person rests.
    """

    changed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.controls: dict[str, Control] = {}
        self._rows: Sequence[Row] = ()
        self._edited: dict[str, object] = {}
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setColumnStretch(3, 1)
        self._pause = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._pause.timeout.connect(self._tell)
        self.follow_theme()

    def show_settings(self, rows: Sequence[Row], values: Mapping[str, Any]) -> None:
        """Show settings with the values they have; what is being typed stays."""
        if rows != self._rows:
            self._build(rows)
        for row in rows:
            if row.key not in self._edited:
                self.controls[row.key].show(values.get(row.key, row.default))

    def settle(self) -> None:
        """Say now what was edited, for something else will be shown."""
        if self._edited:
            self._tell()

    def retheme(self) -> None:
        self._grid.setHorizontalSpacing(theme().px(12))
        self._grid.setVerticalSpacing(theme().px(8))
        for control in self.controls.values():
            if control.row.type != "bool":
                control.widget.setFixedWidth(theme().px(FIELD))

    def _build(self, rows: Sequence[Row]) -> None:
        while (item := self._grid.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.deleteLater()
        self._rows, self._edited = rows, {}
        self.controls = {}
        for line, (title, group) in enumerate(groupby(rows, lambda row: row.group)):
            self._add_line(line, title, list(group))
        self.retheme()

    def _add_line(self, line: int, title: str, group: list[Row]) -> None:
        symbol = next((row.symbol for row in group if row.symbol), "")
        unit = next((row.unit for row in group if row.unit), "")
        self._grid.addWidget(Label(title, "body"), line, 0)
        self._grid.addWidget(Label(symbol, "body", "muted"), line, 1)
        place = QWidget()
        fields = QHBoxLayout(place)
        fields.setContentsMargins(0, 0, 0, 0)
        fields.setSpacing(theme().px(8))
        numbers = 0
        for row in sorted(group, key=lambda row: row.type == "bool"):
            control = control_for(row)
            control.edited.connect(partial(self._note, row.key))
            control.widget.setToolTip(row.help)
            self.controls[row.key] = control
            if row.type == "bool":
                fields.addWidget(Label(row.label, "small", "text2"))
            elif numbers:
                fields.addWidget(Label("–", "body", "muted"))
            numbers += row.type != "bool"
            fields.addWidget(control.widget)
        fields.addStretch(1)
        self._grid.addWidget(place, line, 2)
        self._grid.addWidget(Label(unit, "small", "muted", elide=True), line, 3)

    def _note(self, key: str, value: object) -> None:
        self._edited[key] = value
        self._pause.start()

    @Slot()
    def _tell(self) -> None:
        self._pause.stop()
        edited, self._edited = self._edited, {}
        self.changed.emit(edited)
