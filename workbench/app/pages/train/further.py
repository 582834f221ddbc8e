"""What a run records besides loss and accuracy: a curve for each figure that a method measures."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from workbench.app.pages.train.besides import PERCENT, families, title
from workbench.app.pages.train.feed import Columns, RunFeed
from workbench.app.pages.train.figures import whole
from workbench.app.pages.train.watch import RunWatch
from workbench.app.plots import CurvePlot
from workbench.app.theme import Themed, theme
from workbench.app.widgets import Combo, EmptyState, Label, Swatch

# What has a place of its own elsewhere.
KNOWN = frozenset(
    (
        *("step", "tasks", "seconds", "loss", "accuracy", "outer_lr", "grad_norm", "value"),
        *("interval", "before", "transductive", "transductive_interval"),
    )
)
TRACE, LOSS, SUPPORT = "trace_", "loss_", "support_"
INNER = "inner"
RECENT = 50  # rows of training that are averaged
IDLE_SHARE = 20  # drawing takes t; so many t are left for everything else
SOON = "Further figures appear with the first validation."
NONE = "This method records nothing beyond loss and accuracy."
AXES = {"presentation": "Presentation"}


@dataclass(frozen=True)
class Further:
    """One thing that can be drawn.

    Attributes:
        key: a column, or what numbered columns begin with, their underscore left out.
        numbered: the numbers of `key_1`, `key_2`, …; empty for a single column.
    """

    key: str
    title: str
    numbered: tuple[int, ...] = ()


def further_of(feed: RunFeed) -> list[Further]:
    """What the rows of a run have beyond what is shown elsewhere."""
    found = []
    if feed.inner.numbered(LOSS):
        found.append(Further(INNER, "Loss over the inner steps"))
    names = dict.fromkeys((*feed.train.names, *feed.validation.names))
    rest = [n for n in names if n not in KNOWN and not n.startswith(TRACE)]
    many = families(rest)
    for stem, numbers in many.items():
        found.append(Further(stem, title(stem), tuple(numbers)))
    inside = {f"{stem}_{number}" for stem, numbers in many.items() for number in numbers}
    return found + [Further(name, title(name)) for name in rest if name not in inside]


class FurtherView(QWidget, Themed):
    """One figure at a time, over the steps or, where it is numbered, over its numbers."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.choice = Combo(name="Figure")
        self.choice.chosen.connect(self._chosen)
        self.plot = CurvePlot("Further figures", labels=False)
        self.empty = EmptyState("activity", SOON)
        self._watch: RunWatch | None = None
        self._found: list[Further] = []
        self._version = -1
        self._rest_until = 0.0
        top = QHBoxLayout()
        top.addWidget(self.choice, 1)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self.legend = [(Swatch(index), Label("", "caption", "text2")) for index in range(2)]
        self._keys = QHBoxLayout()
        for parts in self.legend:
            for part in parts:
                self._keys.addWidget(part)
        self._keys.addStretch(1)
        self._column.addLayout(top)
        self._column.addLayout(self._keys)
        self._column.addWidget(self.plot, 1)
        self._column.addWidget(self.empty, 1)
        self.follow_theme()

    def set_run(self, watch: RunWatch) -> None:
        """Make ready for a run."""
        self._watch, self._version, self._rest_until = watch, -1, 0.0
        self._offer([])

    def update_run(self, watch: RunWatch) -> None:
        """Draw what is new."""
        now = time.perf_counter()
        if watch.feed.version == self._version or (watch.alive and now < self._rest_until):
            return
        self._watch, self._version = watch, watch.feed.version
        found = further_of(watch.feed)
        self.empty.set("activity", NONE if len(watch.feed.validation) else SOON)
        if found != self._found:
            self._offer(found)
        self._draw()
        end = time.perf_counter()
        self._rest_until = end + IDLE_SHARE * (end - now)

    def shown(self) -> Further | None:
        """What is drawn; None where there is nothing."""
        return next((f for f in self._found if f.key == self.choice.value()), None)

    def retheme(self) -> None:
        self._column.setSpacing(theme().px(4))
        self._keys.setSpacing(theme().px(6))
        self.plot.setMinimumHeight(theme().px(96))

    def _offer(self, found: list[Further]) -> None:
        self._found = found
        self.choice.set_items([(each.key, each.title) for each in found])
        self.choice.setVisible(bool(found))
        if not found:
            self.plot.clear_series()
            self._show_legend()
        self.plot.setVisible(bool(found))
        self.empty.setVisible(not found)

    @Slot(str)
    def _chosen(self, _key: str) -> None:
        self.plot.reset_view()
        self._draw()

    def _draw(self) -> None:
        further, watch = self.shown(), self._watch
        if further is None or watch is None:
            return
        self.plot.clear_series()
        if further.key == INNER:
            self._draw_inner(watch.feed.inner)
        elif further.numbered:
            self._draw_numbered(further, watch.feed)
        else:
            self._draw_steps(further, watch.feed)
        self._show_legend()
        self.plot.refresh()

    def _show_legend(self) -> None:
        names = {curve.index: curve.name for curve in self.plot.shown_curves()}
        for index, (swatch, label) in enumerate(self.legend):
            label.setText(names.get(index, ""))
            swatch.setVisible(index in names)
            label.setVisible(index in names)

    def _draw_steps(self, further: Further, feed: RunFeed) -> None:
        self.plot.set_titles("Step", further.title, "")
        for index, (name, rows) in enumerate(_streams(feed)):
            if further.key in rows.names:
                values = rows[further.key]
                self.plot.set_series(
                    name, rows["step"], values, series=index, noisy=not index, markers=index > 0
                )

    def _draw_numbered(self, further: Further, feed: RunFeed) -> None:
        percent = further.key in PERCENT
        unit, scale = ("%", 100) if percent else ("", 1)
        axis = AXES.get(further.key, "Number")
        step = f", validation at step {whole(feed.validation.last('step'))}"
        title = "Accuracy" if percent else further.title
        self.plot.set_titles(axis + (step if len(feed.validation) else ""), title, unit)
        for index, (name, rows) in enumerate(_streams(feed)):
            columns = [f"{further.key}_{number}" for number in further.numbered]
            known = [c for c in columns if c in rows.names]
            if not known or not len(rows):
                continue
            recent = 1 if index else RECENT  # a step of training has few tasks
            y = [scale * _mean(rows, column, recent) for column in columns]
            shown = name if index else f"{name}, last {min(recent, len(rows))} steps"
            self.plot.set_series(shown, further.numbered, y, series=index, markers=True)

    def _draw_inner(self, rows: Columns) -> None:
        step = whole(rows.last("step"))
        self.plot.set_titles(f"Inner step, validation at step {step}", "Loss", "")
        for index, (name, prefix) in enumerate((("Support set", SUPPORT), ("Queries", LOSS))):
            columns = rows.numbered(prefix)
            if columns:
                steps = [int(column.removeprefix(prefix)) for column in columns]
                y = [rows.last(column) for column in columns]
                self.plot.set_series(name, steps, y, series=index, markers=True)


def _streams(feed: RunFeed) -> tuple[tuple[str, Columns], ...]:
    return ("Train", feed.train), ("Validation", feed.validation)


def _mean(rows: Columns, column: str, recent: int) -> float:
    values = rows[column][-recent:]
    values = values[np.isfinite(values)]
    return float(values.mean()) if len(values) else float("nan")
