"""How tasks are chosen: the losses that a sampler has seen, and how often it drew what."""

from __future__ import annotations

import math
from typing import Any

from PySide6.QtCore import Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from workbench.app.pages.train.cells import MEAN, Picture, picture_of, slices_of, words_of
from workbench.app.pages.train.figures import short, whole
from workbench.app.pages.train.heat import HeatMap
from workbench.app.pages.train.watch import RunWatch
from workbench.app.theme import Themed, theme
from workbench.app.widgets import Combo, EmptyState, Label, Segmented
from workbench.errors import StoreError
from workbench.store.tables import SeenTable, TableAxes, read_axes, read_table, table_version

UNIFORM = (
    "Uniform draws keep no record of losses: every task is as likely as any other. "
    "Choose another sampler to see here which tasks are hard and how often they come."
)
SOON = "The sampler's table appears with the first steps."
BOTH = 560  # px at 100 % from which losses and draws stand side by side
FIGURES = (
    ("epsilon", "ε", "The part of the draws that takes any task"),
    ("table_mean", "mean", "Mean of the losses in the table"),
    ("table_spread", "spread", "Their standard deviation"),
    ("table_correlation", "ρ", "Spearman's correlation of draws with losses"),
)


class SamplingView(QWidget, Themed):
    """Heat-maps of a sampler's table. It reads on `update_run` alone, and only a new table."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._axes: TableAxes | None = None
        self._table: SeenTable | None = None
        self._picture: Picture | None = None
        self._version = (0, 0)
        self._rows = -1
        self.which = Segmented([("losses", "Loss"), ("counts", "Draws")], name="What is shown")
        self.which.changed.connect(self._choose)
        self.slices = Combo(name="Slice of the third parameter")
        self.slices.chosen.connect(self._lay_out)
        self.figures = Label("", "caption", "text2", elide=True)
        self.maps = {
            "losses": HeatMap("Loss last seen"),
            "counts": HeatMap("Draws so far", counts=True),
        }
        self.readout = Label("", "caption", "muted", elide=True)
        self.empty = EmptyState("dices", SOON)
        self._top = QHBoxLayout()
        self._titles = {key: Label(m, "captionstrong") for key, m in _TITLES.items()}
        self._middle = QHBoxLayout()
        self._halves = {key: QWidget() for key in self.maps}
        for key, plot in self.maps.items():
            column = QVBoxLayout(self._halves[key])
            column.setContentsMargins(0, 0, 0, 0)
            column.setSpacing(0)
            column.addWidget(self._titles[key])
            column.addWidget(plot, 1)
            self._middle.addWidget(self._halves[key], 1)
            plot.cell_changed.connect(self._read)
        self._top.addWidget(self.which)
        self._top.addWidget(self.slices)
        self._top.addStretch(1)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addLayout(self._top)
        self._column.addLayout(self._middle, 1)
        self._column.addWidget(self.readout)
        self._column.addWidget(self.figures)
        self._column.addWidget(self.empty, 1)
        self._show_parts()
        self.follow_theme()

    def set_run(self, watch: RunWatch) -> None:
        """Make ready for a run."""
        self._axes = self._table = self._picture = None
        self._version, self._rows = (0, 0), -1
        self.figures.setText("")
        for plot in self.maps.values():
            plot.choose(-1, -1)
        sampler = _sampler(watch.summary.config)
        self.empty.set("dices", UNIFORM if sampler in ("", "uniform") else SOON)
        self._show_parts()

    def update_run(self, watch: RunWatch) -> None:
        """Show the table if it is another."""
        self._show_figures(watch)
        folder = watch.reader.folder
        version = table_version(folder)
        if version == self._version:
            return
        self._version = version
        try:
            self._axes = self._axes or read_axes(folder)
            self._table = read_table(folder)
        except StoreError as error:
            self._table = None
            self.empty.set("circle-alert", error.message)
        if self._table is not None and self._axes is not None:
            self.slices.set_items(slices_of(self._table, self._axes))
        self._show_parts()
        self._lay_out()

    def retheme(self) -> None:
        px = theme().px
        self._column.setSpacing(px(4))
        self._top.setSpacing(px(8))
        self._middle.setSpacing(px(8))
        for plot in self.maps.values():
            plot.setMinimumHeight(px(80))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._show_parts()

    def _show_figures(self, watch: RunWatch) -> None:
        rows = watch.feed.train
        if len(rows) == self._rows:
            return
        self._rows = len(rows)
        found = [(sign, rows.last(name), words) for name, sign, words in FIGURES]
        known = [(sign, value, words) for sign, value, words in found if math.isfinite(value)]
        self.figures.setText(" · ".join(f"{sign} {short(value)}" for sign, value, _ in known))
        self.figures.setToolTip("\n".join(f"{sign}: {words}" for sign, _, words in known))

    def _show_parts(self) -> None:
        full = self._table is not None and self._axes is not None
        wide = self.width() >= theme().px(BOTH)
        self.empty.setVisible(not full)
        self.which.setVisible(full and not wide)
        self.slices.setVisible(full and self.slices.count() > 0)
        self.figures.setVisible(full)
        self.readout.setVisible(full)
        for key, half in self._halves.items():
            half.setVisible(full and (wide or key == self.which.value()))
            self._titles[key].setVisible(full and wide)

    @Slot()
    def _lay_out(self) -> None:
        if self._table is None or self._axes is None:
            return
        at = int(self.slices.value() or MEAN)
        self._picture = picture_of(self._table, self._axes, at)
        for key, plot in self.maps.items():
            plot.set_axes(self._picture.x, self._picture.y)
            plot.set_values(getattr(self._picture, key))
        self._read(-1, -1)

    @Slot(str)
    def _choose(self, _key: str) -> None:
        self._show_parts()

    @Slot(int, int)
    def _read(self, _x: int, _y: int) -> None:
        if self._picture is None or self._axes is None or self._table is None:
            return
        plot = next((p for p in self.maps.values() if p.cell[0] >= 0), self.maps["losses"])
        words = words_of(self._picture, self._axes, *plot.cell)
        self.readout.setText(words or self._summary())

    def _summary(self) -> str:
        """What stands where no cell is pointed at."""
        if self._table is None or self._axes is None:
            return ""
        cells, drawn = self._table.counts.size, int((self._table.counts > 0).sum())
        kind = "classes" if self._axes.classes else "bins"
        at = whole(self._table.step)
        return f"{whole(drawn)} of {whole(cells)} {kind} drawn by step {at}"


_TITLES = {"losses": "Loss last seen", "counts": "Draws so far"}


def _sampler(config: dict[str, Any]) -> str:
    chosen = config.get("sampler")
    return str(chosen.get("name", "")) if isinstance(chosen, dict) else ""
