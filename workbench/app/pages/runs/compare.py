"""The compared runs as curves over one x axis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QStackedWidget, QWidget

from workbench.app.pages.runs.rows import RunRow
from workbench.app.plots import CurvePlot
from workbench.app.theme.tokens import SERIES_MARKS
from workbench.app.widgets import EmptyState, IconButton, Panel, Segmented
from workbench.store import Store

AXES = {"step": "Step", "tasks": "Tasks", "seconds": "Time"}
LONG_S = 300.0  # from here on the time axis counts minutes


@dataclass(frozen=True)
class Validations:
    """The validations of a run: a (M,) column each; NaN where the run has no such column."""

    run: str
    updated: float
    step: NDArray[np.float64]
    tasks: NDArray[np.float64]
    seconds: NDArray[np.float64]
    value: NDArray[np.float64]
    interval: NDArray[np.float64]
    loss: NDArray[np.float64]


def read_validations(store: Store, run: str, updated: float) -> Validations:
    """Read a run's validations from its folder.

    Args:
        updated: when the run last said something, by which one knows whether this is old.

    Raises:
        StoreError: the run is gone or damaged.
    """
    rows = store.open(run).metrics("validation")
    names = rows.dtype.names or ()
    columns = {
        name: np.asarray(rows[name], np.float64) if name in names else np.full(len(rows), np.nan)
        for name in ("step", "tasks", "seconds", "value", "interval", "loss")
    }
    return Validations(run, updated, **columns)


class ComparePanel(Panel):
    """Validation of the compared runs, with its 95 % interval.

    Signals:
        exported(str), export_failed(str, str): as of the plot.
    """

    exported = Signal(str)
    export_failed = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Compare", padding=8, parent=parent)
        self._rows: Sequence[tuple[RunRow, int]] = ()
        self._found: dict[str, Validations] = {}
        self._shape: tuple[object, ...] = ()
        self.measure = Segmented([("value", "Accuracy"), ("loss", "Loss")], name="Measure")
        self.measure.changed.connect(self._draw)
        self.axis = Segmented(list(AXES.items()), name="X axis")
        self.axis.changed.connect(self._draw)
        self._cross = IconButton("crosshair", "Crosshair (C)", checkable=True)
        self._cross.setChecked(True)
        self._grow = IconButton("maximize", "Maximise (double click on the head)")
        self._grow.clicked.connect(self.toggle_maximised)
        self._save = IconButton("download", "Export the plot (Ctrl+E)")
        for tool in (self.measure, self.axis, self._cross, self._grow, self._save):
            self.add_tool(tool)
        self.plot = CurvePlot("Validation of the compared runs")
        self._cross.toggled.connect(self.plot.set_crosshair)
        self.plot.crosshair_changed.connect(self._cross.setChecked)
        self._save.clicked.connect(self.plot.ask_export)
        self.plot.exported.connect(self.exported)
        self.plot.export_failed.connect(self.export_failed)
        self._empty = EmptyState("activity", "Pick runs in the table to compare them.")
        self._stack = QStackedWidget()
        self._stack.addWidget(self.plot)
        self._stack.addWidget(self._empty)
        self.body.addWidget(self._stack, 1)

    def show_runs(self, rows: Sequence[tuple[RunRow, int]], found: dict[str, Validations]) -> None:
        """Draw these runs.

        Args:
            rows: with their series.
            found: the validations that were read so far, by run.
        """
        self._rows, self._found = rows, dict(found)
        self._draw()

    @Slot()
    def _draw(self) -> None:
        rows = self._drawable()
        regression = bool(rows) and rows[0][0].regression
        self.measure.set_label("value", "Error" if regression else "Accuracy")
        self.measure.set_enabled(
            "loss", not regression, "The loss of a regression is its error." if regression else ""
        )
        measure = "value" if regression else self.measure.value()
        seconds = [
            float(self._found[row.run].seconds[-1])
            for row, _ in rows
            if len(self._found[row.run].seconds)
        ]
        minutes = self.axis.value() == "seconds" and max(seconds, default=0.0) > LONG_S
        self._shape_plot(regression, measure, minutes, tuple((r.run, s) for r, s in rows))
        for row, series in rows:
            self._curve(row, series, measure, minutes)
        self._tell(rows, regression)
        self.plot.refresh()

    def _drawable(self) -> list[tuple[RunRow, int]]:
        """Runs whose numbers are there and can share an axis: the kind of the first one."""
        read = [(row, series) for row, series in self._rows if row.run in self._found]
        return [pair for pair in read if pair[0].regression == read[0][0].regression]

    def _shape_plot(
        self, regression: bool, measure: str, minutes: bool, runs: tuple[tuple[str, int], ...]
    ) -> None:
        shape = (regression, measure, self.axis.value(), minutes, runs)
        if shape == self._shape:
            return
        self._shape = shape
        self.plot.clear_series()
        axis = self.axis.value()
        unit = (", min" if minutes else ", s") if axis == "seconds" else ""
        title, percent = "Validation accuracy", "%"
        if measure == "loss" or regression:
            title, percent = ("Mean squared error" if regression else "Validation loss"), ""
        self.plot.set_titles(AXES[axis] + unit, title, percent)
        self.plot.reset_view()

    def _curve(self, row: RunRow, series: int, measure: str, minutes: bool) -> None:
        found = self._found[row.run]
        x = getattr(found, self.axis.value()) / (60 if minutes else 1)
        dashed = SERIES_MARKS[series].dashed
        if measure == "loss":
            self.plot.set_series(
                row.title, x, found.loss, series=series, markers=True, dashed=dashed
            )
            return
        scale = 1 if row.regression else 100
        value, half = scale * found.value, scale * found.interval
        self.plot.set_series(
            row.title,
            x,
            value,
            value - half,
            value + half,
            series=series,
            markers=True,
            dashed=dashed,
        )

    def _tell(self, rows: Sequence[tuple[RunRow, int]], regression: bool) -> None:
        left_out = [
            row.number for row, _ in self._rows if rows and row.regression != rows[0][0].regression
        ]
        tasks = {row.facts.validation_tasks for row, _ in rows}
        words = "validation"
        if len(tasks) == 1 and 0 not in tasks:
            words += f", {tasks.pop()} tasks"
        if regression or self.measure.value() != "loss":
            words += ", 95 % band"
        if left_out:
            others = "accuracy" if regression else "error"
            words = f"without {', '.join(map(str, left_out))}: {others}"
        self.set_muted(words if rows else "")
        empty = not any(len(self._found[row.run].step) for row, _ in rows)
        if len(rows) < len(self._rows) and not left_out:
            return  # what was there stays until the numbers are read
        if empty and self._rows:
            self._empty.set("activity", "Nothing was validated yet.")
        elif empty:
            self._empty.set("activity", "Pick runs in the table to compare them.")
        self._stack.setCurrentWidget(self._empty if empty else self.plot)
