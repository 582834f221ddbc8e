"""The gap between before and after adaptation: what meta-learning is for."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from workbench.app.pages.train.figures import NOTHING, RunFacts, short, whole
from workbench.app.pages.train.watch import RunWatch
from workbench.app.plots import CurvePlot
from workbench.app.theme import Themed, theme
from workbench.app.widgets import Figure, IconLabel, Label

CURVE = "Validation"


class AdaptationView(QWidget, Themed):
    """Before, after, gain, and the measure after each inner step, of the last validation."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.before, self.after, self.gain = Figure("Before"), Figure("After"), Figure("Gain")
        self._arrow = IconLabel("arrow-right", "muted")
        self.before.value.set_use("title")
        self.after.value.set_use("title")
        self.plot = CurvePlot("Adaptation", "Inner step", "", log=False, labels=False)
        self._row = QHBoxLayout()
        self._row.addWidget(self.before)
        self._row.addStretch(1)
        self._row.addWidget(self._arrow)
        self._row.addStretch(1)
        self._row.addWidget(self.after)
        self._row.addStretch(2)
        self._row.addWidget(self.gain)
        self._note = Label("", "small", "text2", wrap=True)
        self._plot_box = QVBoxLayout()
        self._plot_box.addWidget(self.plot)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addLayout(self._row)
        self._column.addWidget(self._note)
        self._column.addLayout(self._plot_box, 1)
        self._facts: RunFacts | None = None
        self._shown = -1
        self.follow_theme()

    def retheme(self) -> None:
        px = theme().px
        self._column.setSpacing(px(8))
        self._row.setSpacing(px(8))
        self.plot.setMinimumHeight(px(96))

    def set_run(self, watch: RunWatch) -> None:
        """Make ready for a run."""
        facts = self._facts = watch.facts
        self._shown = -1
        self.plot.clear_series()
        self.plot.set_y_range(None if facts.regression else (0, 100))
        self.plot.set_chance(None if math.isnan(facts.chance) else 100 * facts.chance, " ")
        self.plot.set_titles("Inner step")
        self.gain.set_caption("Change" if facts.regression else "Gain")  # errors should fall
        for figure in (self.before, self.after, self.gain):
            figure.set(NOTHING, "")
        self._show_gap(True)
        self._say("Known after the first validation.")

    def update_run(self, watch: RunWatch) -> None:
        """Show the last validation, if it is another."""
        rows = watch.feed.validation
        facts, step = self._facts, int(rows.last("step")) if len(rows) else -1
        if facts is None or step == self._shown or step < 0:
            return
        self._shown = step
        self.plot.set_titles(f"Inner step, validation at step {whole(step)}")
        value, interval, before = (rows.last(name) for name in ("value", "interval", "before"))
        names = rows.numbered("trace_")
        steps = [int(name.removeprefix("trace_")) for name in names]
        last = steps[-1] if steps else 0
        self.after.set_caption(f"After {last} step{'s' if last > 1 else ''}" if last else "Answer")
        self._show_gap(last > 0)
        self._show_figures(facts, value, interval, before)
        self._show_curve(facts, steps, np.array([rows.last(name) for name in names]), interval)

    def _show_gap(self, walked: bool) -> None:
        """A method without an inner loop has an answer alone."""
        for part in (self.before, self._arrow, self.gain):
            part.setVisible(walked)
        for place in (1, 3):  # on both sides of the arrow
            self._row.setStretch(place, int(walked))

    def _show_figures(self, facts: RunFacts, value: float, interval: float, before: float) -> None:
        if facts.regression:
            self.before.set(short(before))
            self.after.set(short(value), f"± {short(interval)}")
            change = value - before
            self.gain.set(f"{'+' if change > 0 else ''}{short(change)}")
            return
        self.before.set(NOTHING if math.isnan(before) else f"{100 * before:.1f} %")
        self.after.set(f"{100 * value:.1f}", f"± {100 * interval:.1f} %")
        gain = 100 * (value - before)
        self.gain.set(NOTHING if math.isnan(gain) else f"{gain:+.1f}")

    def _show_curve(
        self,
        facts: RunFacts,
        steps: list[int],
        trace: np.ndarray[tuple[int], np.dtype[np.float64]],
        interval: float,
    ) -> None:
        finite = int(np.isfinite(trace).sum())
        if finite < 2:
            self._say(
                "There is no inner loop here: the method answers from the support set at once."
            )
            return
        self._say("")
        y = trace * (1 if facts.regression else 100)
        self.plot.set_series(CURVE, steps, y, series=1, markers=True)
        trained = facts.inner_steps
        beyond = 0 < trained < steps[-1]
        words = (
            "" if facts.regression else "beyond training"
        )  # an error's curve ends where they would stand
        self.plot.set_future(*((trained, steps[-1], words) if beyond else (None,)))
        self.plot.setToolTip("Shaded: more inner steps than in training" if beyond else "")
        self.plot.refresh()

    def _say(self, text: str) -> None:
        self._note.setText(text)
        self._note.setVisible(bool(text))
        self.plot.setVisible(not text)
