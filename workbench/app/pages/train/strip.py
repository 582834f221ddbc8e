"""Progress in one line of figures."""

from __future__ import annotations

import math
from datetime import datetime

from PySide6.QtWidgets import QHBoxLayout, QWidget

from workbench.app.pages.train.figures import (
    ALIVE,
    NOTHING,
    RunFacts,
    RunFigures,
    duration,
    ends_at,
    measure,
    speed,
    whole,
)
from workbench.app.theme import theme
from workbench.app.widgets import Figure, Panel, ProgressLine
from workbench.store import RunStatus, RunSummary

TONES = {
    RunStatus.PAUSED: "warn",
    RunStatus.FAILED: "bad",
    RunStatus.DIED: "bad",
    RunStatus.DONE: "ok",
}
PLACES = ("step", "done", "elapsed", "left", "speed", "seen", "best", "seed")
CAPTIONS = {
    "step": "Step",
    "done": "Done",
    "elapsed": "Elapsed",
    "left": "Left",
    "speed": "Speed",
    "seen": "Seen",
    "best": "Best validation",
    "seed": "Seed",
}


class FigureStrip(Panel):
    """Step, share, times, speed, tasks, best validation, seed; below them a progress line."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self._row = QHBoxLayout()
        super().__init__(parent=parent)
        self.setAccessibleName("Progress")
        self.figures = {place: Figure(CAPTIONS[place]) for place in PLACES}
        for place in PLACES:
            if place != PLACES[0]:
                self._row.addStretch(1)
            self._row.addWidget(self.figures[place])
        self._line = ProgressLine(name="Training")
        self.body.addLayout(self._row)
        self.body.addWidget(self._line)

    def retheme(self) -> None:
        super().retheme()
        px = theme().px
        self.body.setContentsMargins(px(16), px(10), px(16), px(14))
        self._row.setSpacing(px(12))

    def show_run(self, facts: RunFacts, summary: RunSummary, figures: RunFigures) -> None:
        """Show how far a run is."""
        alive = summary.status in ALIVE
        self._set("step", whole(figures.step), f"of {whole(figures.steps)}")
        self._set("done", f"{math.floor(100 * figures.fraction)} %")
        self._set("elapsed", duration(figures.seconds))
        running = alive and summary.status is RunStatus.RUNNING
        left = duration(figures.seconds_left) if alive else NOTHING
        when = ends_at(figures.seconds_left, datetime.now().astimezone()) if running else ""
        self._set("left", left, when)
        self._set("speed", speed(figures.tasks_per_second), "tasks/s")
        self._set("seen", whole(figures.tasks), "tasks")
        self._show_best(facts, summary)
        self._set("seed", str(facts.seed))
        self._line.set_fraction(figures.fraction)
        self._line.set_tone(TONES.get(summary.status, "accent"))

    def _show_best(self, facts: RunFacts, summary: RunSummary) -> None:
        best = summary.best
        if best is None:
            self._set("best", NOTHING, "not validated yet")
        else:
            words = measure(best.value, best.interval, facts.regression)
            self._set("best", words, f"step {whole(best.step)}")

    def _set(self, place: str, value: str, suffix: str = "") -> None:
        figure = self.figures[place]
        if figure.value.text() != value or figure.suffix.text() != suffix:
            figure.set(value, suffix)
