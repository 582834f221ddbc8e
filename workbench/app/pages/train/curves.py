"""Loss and accuracy over a run: one x axis, one crosshair, one read-out."""

from __future__ import annotations

import math
import time

import numpy as np
from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from workbench.app.pages.train.feed import Columns, Floats, RunFeed
from workbench.app.pages.train.figures import RunFacts, RunFigures
from workbench.app.pages.train.legend import BEFORE, NORM, RATE, TRAIN, VALIDATION, CurveLegend
from workbench.app.pages.train.pace import Pace
from workbench.app.plots import CurvePlot, link_plots
from workbench.app.theme import theme
from workbench.app.widgets import IconButton, Label, Panel, Segmented, Slider

AXES = {"step": ("Step", "step"), "tasks": ("Tasks", "tasks"), "seconds": ("Time", "seconds")}
SMOOTHING = 90  # percent
LONG_S = 300.0  # from here on the time axis counts minutes


class CurvesPanel(Panel):
    """The curves of one run. It draws on `update_run` alone, and only what is new.

    Signals:
        stale(): a person asks for the same curves drawn otherwise.
        exported(str), export_failed(str, str): as of the plots.
    """

    stale = Signal()
    exported = Signal(str)
    export_failed = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Curves", padding=0, parent=parent)
        self._axis, self._long, self._seconds = "step", False, 0.0
        self._seen: tuple[object, ...] = ()
        self._end = 0.0  # x of its last row then
        self.pace = Pace()
        self._pending: list[CurvePlot] = []
        self._facts: RunFacts | None = None
        self._make_tools()
        self._legend = CurveLegend()
        self._legend.changed.connect(self._legend_changed)
        self.checks = self._legend.checks
        self._stack = QVBoxLayout()
        self._stack.setSpacing(0)
        self.body.addLayout(self._legend)
        self.body.addLayout(self._stack, 1)
        self._plots: list[CurvePlot] = []
        self._make_plots(regression=False)
        self.retheme()

    def set_facts(self, facts: RunFacts) -> None:
        """Make ready for a run: another measure has other axes."""
        before, self._facts = self._facts, facts
        if facts.regression != (before is not None and before.regression):
            self._make_plots(facts.regression)
        for plot in self._plots:
            plot.clear_series()
            plot.set_future(None)
        if not facts.regression:
            self.accuracy.set_chance(None if math.isnan(facts.chance) else 100 * facts.chance)
        self._fit_legend()
        self.choose_axis(self._axis)

    def plots(self) -> list[CurvePlot]:
        """The plots in view, from top to bottom."""
        return [plot for plot in self._plots if not plot.isHidden()]

    def flush(self) -> None:
        """Draw now what still waits for its turn."""
        while self._pending:
            self._draw(self._pending.pop(0))

    def redraw(self) -> None:
        """Draw at the next `update_run`, whatever it costs."""
        self._seen = ()
        self.pace.begin()
        self._pending.clear()

    def update_run(self, feed: RunFeed, figures: RunFigures, alive: bool) -> bool:
        """Draw what is new; whether anything was drawn."""
        if self._pending:  # one plot at a time, so that no turn of the loop is long
            self._draw(self._pending.pop(0))
            return True
        facts = self._facts
        before = self._seen
        if facts is None or not self._is_due(feed, figures, alive):
            return False
        self._follow_length(figures.seconds)
        self._set_train(feed.train, facts)
        if before[1:] != self._seen[1:]:
            self._set_validation(feed.validation, facts)
        self._set_future(feed, figures, facts, alive)
        self._pending = self.plots()
        if self._pending:
            self._draw(self._pending.pop(0))
        return True

    def _is_due(self, feed: RunFeed, figures: RunFigures, alive: bool) -> bool:
        """Whether there is anything new that is worth drawing now."""
        # The steps to come move with each step, but a pixel of theirs is many steps.
        shape = (feed.restarted, len(feed.validation), self._axis, alive, figures.steps)
        end = float(self._x(feed.train)[-1]) if len(feed.train) else 0.0
        moved = self.loss.pixels(self._end, end)
        if (feed.version, shape) == self._seen or not self.pace.due(shape, moved):
            return False
        self._seen, self._end = (feed.version, shape), end
        return True

    def _draw(self, plot: CurvePlot) -> None:
        began = time.perf_counter()
        plot.refresh()
        self.pace.spent(time.perf_counter() - began + plot.paint_seconds)

    def _set_train(self, rows: Columns, facts: RunFacts) -> None:
        x = self._x(rows)
        self.loss.set_series(TRAIN, x, rows["loss"], series=0, noisy=True)
        if not facts.regression:
            self.accuracy.set_series(TRAIN, x, 100 * rows["accuracy"], series=0, noisy=True)
        self.extra.set_series(RATE, x, rows["outer_lr"], series=3, markers=False)
        self.extra.set_series(NORM, x, rows["grad_norm"], series=4, noisy=True)

    def _set_validation(self, rows: Columns, facts: RunFacts) -> None:
        x, scale = self._x(rows), 1 if facts.regression else 100
        value, interval = scale * rows["value"], scale * rows["interval"]
        before = scale * rows["before"]
        band = (value - interval, value + interval)
        plot = self.loss if facts.regression else self.accuracy
        plot.set_series(VALIDATION, x, value, *band, series=1, markers=True)
        if not facts.regression:
            self.loss.set_series(VALIDATION, x, rows["loss"], series=1, markers=True)
        has_before = bool(np.isfinite(before).any())
        self.checks[BEFORE].setVisible(has_before)
        if has_before:
            plot.set_series(BEFORE, x, before, series=2, dashed=True, markers=True)
        for name, check in self.checks.items():
            self._apply(name, check.isChecked())

    def _set_future(self, feed: RunFeed, figures: RunFigures, facts: RunFacts, alive: bool) -> None:
        start = end = None
        if alive and len(feed.train):
            start = float(self._x(feed.train)[-1])
            end = {
                "step": float(facts.steps),
                "tasks": float(facts.steps * facts.meta_batch),
                "seconds": self._time(figures.seconds + figures.seconds_left),
            }[self._axis]
            end = end if math.isfinite(end) and end > start else None
        for plot in self._plots:
            plot.set_future(start, end)

    def _x(self, rows: Columns) -> Floats:
        x = rows[AXES[self._axis][1]]
        return x / 60 if self._axis == "seconds" and self._long else x

    def _time(self, seconds: float) -> float:
        return seconds / 60 if self._long else seconds

    def _follow_length(self, seconds: float) -> None:
        """Count minutes once seconds are too many to read."""
        self._seconds = seconds
        if self._axis == "seconds" and self._long != (seconds > LONG_S):
            self.choose_axis(self._axis)

    @Slot(str)
    def choose_axis(self, key: str) -> None:
        """Draw over "step", "tasks" or "seconds"."""
        self._axis = key
        self._long = self._seconds > LONG_S
        unit = (", min" if self._long else ", s") if key == "seconds" else ""
        for plot in self._plots:
            plot.set_titles(x_title=AXES[key][0] + unit)
            plot.reset_view()
        self.redraw()
        self.stale.emit()

    def _make_plots(self, regression: bool) -> None:
        """Make one plot for an error, two for loss and accuracy; the lowest writes the x axis."""
        self._pending.clear()
        for old in self._plots:
            self._stack.removeWidget(old)
            old.deleteLater()
        log = self.scale.value() == "log"
        self.loss = CurvePlot(
            "Loss", y_title="Mean squared error" if regression else "Loss", log=log
        )
        self.extra = CurvePlot("Outer rate and gradient norm", y_title="Rate, norm", log=True)
        self._plots = [self.extra, self.loss]
        if not regression:
            self.accuracy = CurvePlot("Accuracy", y_title="Accuracy", unit="%", y_range=(0, 100))
            self._plots = [self.loss, self.extra, self.accuracy]
        link_plots(self._plots)
        for plot in self._plots:
            self._stack.addWidget(plot, 1)
            plot.set_smoothing(self._smoothing.value() / 100)
            plot.set_crosshair(self.crosshair.isChecked())
            plot.exported.connect(self.exported)
            plot.export_failed.connect(self.export_failed)
            plot.crosshair_changed.connect(self._crosshair_pressed)
            plot.x_asked.connect(self._next_axis)
            plot.getViewBox().sigResized.connect(self._touch)
        self.loss.log_changed.connect(self._log_pressed)
        self._show_extra()

    def _show_extra(self) -> None:
        shown = self.checks[RATE].isChecked() or self.checks[NORM].isChecked()
        self.extra.setVisible(shown)
        self.loss.crosshair.plots[:] = [p for p in self._plots if shown or p is not self.extra]

    def _make_tools(self) -> None:
        self._smoothing = Slider(0, 99, SMOOTHING, name="Smoothing")
        self._smoothing_text = Label(f"{SMOOTHING / 100:.2f}", "body")
        self._smoothing.valueChanged.connect(self._smooth)
        label = Label("Smoothing", "small", "text2")
        label.setBuddy(self._smoothing)
        self.axis = Segmented([(key, words) for key, (words, _) in AXES.items()], name="X axis")
        self.axis.changed.connect(self.choose_axis)
        self.scale = Segmented(
            [("linear", "Linear"), ("log", "Log loss")], "log", "Scale of the loss"
        )
        self.scale.changed.connect(self._scale_chosen)
        self.crosshair = IconButton("crosshair", "Crosshair (C)", checkable=True)
        self.crosshair.setChecked(True)
        self.crosshair.toggled.connect(self._crosshair_chosen)
        self._grow = IconButton("maximize", "Maximise (double click on the head)")
        self._grow.clicked.connect(self.toggle_maximised)
        self._export = IconButton("download", "Export a plot (Ctrl+E)")
        self._export.clicked.connect(self._ask_export)
        tools = (label, self._smoothing, self._smoothing_text, self.axis, self.scale)
        for tool in (*tools, self.crosshair, self._grow, self._export):
            self.add_tool(tool)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_legend()

    def _fit_legend(self) -> None:
        facts = self._facts
        tasks, trained_on = (facts.validation_tasks, facts.trained_on) if facts else (0, "")
        self._legend.fit(self.width(), tasks, trained_on)

    def retheme(self) -> None:
        super().retheme()
        px = theme().px
        if hasattr(self, "_legend"):
            self._legend.setContentsMargins(px(16), px(8), px(16), 0)
            self._legend.setSpacing(px(14))
            self._stack.setContentsMargins(px(8), px(4), px(16), px(8))
            self._smoothing_text.setFixedWidth(px(30))

    def _apply(self, name: str, shown: bool) -> None:
        for plot in self._plots:
            plot.set_visible(name, shown)

    @Slot()
    def _legend_changed(self) -> None:
        for name, check in self.checks.items():
            self._apply(name, check.isChecked())
        self._show_extra()
        for plot in self.plots():
            plot.refresh()

    @Slot(object)
    def _touch(self, _box: object) -> None:
        """Room for labels moves the axes of all plots after they were painted."""
        for plot in self._plots:
            plot.viewport().update()

    @Slot(int)
    def _smooth(self, percent: int) -> None:
        self._smoothing_text.setText(f"{percent / 100:.2f}")
        for plot in self._plots:
            plot.set_smoothing(percent / 100)
        self.redraw()
        self.stale.emit()

    @Slot()
    def _next_axis(self) -> None:
        keys = list(AXES)
        key = keys[(keys.index(self._axis) + 1) % len(keys)]
        self.axis.set_value(key)
        self.choose_axis(key)

    @Slot(str)
    def _scale_chosen(self, key: str) -> None:
        self.loss.set_log(key == "log")

    @Slot(bool)
    def _log_pressed(self, log: bool) -> None:
        self.scale.set_value("log" if log else "linear")

    @Slot(bool)
    def _crosshair_chosen(self, on: bool) -> None:
        for plot in self._plots:
            plot.set_crosshair(on)

    @Slot(bool)
    def _crosshair_pressed(self, on: bool) -> None:
        self.crosshair.setChecked(on)

    @Slot()
    def _ask_export(self) -> None:
        focused = next((plot for plot in self._plots if plot.hasFocus()), None)
        regression = self._facts is not None and self._facts.regression
        (focused or (self.loss if regression else self.accuracy)).ask_export()
