"""Teach a model of functions by hand: a few points, and the curve it draws through them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QWidget

from workbench.app.pages.draw.models import Model
from workbench.app.pages.draw.points import Curve, CurveLegend, Point, PointsPlot
from workbench.app.theme import theme
from workbench.app.widgets import Button, IconButton, Label, Panel, ProblemBox, Slider
from workbench.protocol import Adapt, Adapted, Event, Failed, PreviewTask, TaskPreviewed

if TYPE_CHECKING:
    from workbench.app.engine_link import EngineLink

AGAIN_MS = 1000  # while a run trains, its curve changes without a hand
UNDO_STEPS = 200
FINE = 201  # places at which a curve is asked for
X_RANGE, HEIGHT = (-5.0, 5.0), 5.0  # where a run's settings do not say
BEFORE, AFTER, TRUTH = 5, 0, 2  # series
EMPTY = "Click into the plot: the model adapts to your points, and draws the curve it believes in."


class RegressionTwin(QWidget):
    """The Draw page of a run that predicts numbers.

    What is asked is asked again while the run trains.
    """

    def __init__(self, link: EngineLink, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._link = link
        self._run = ""
        self._values: dict[str, Any] = {}
        self._answer: Adapted | None = None
        self._truth: NDArray[np.float32] | None = None
        self._asked = self._sampled = 0
        self._x = np.linspace(*X_RANGE, FINE, dtype=np.float32)[:, None]
        self._past: list[tuple[Point, ...]] = []
        self.plot = PointsPlot()
        self.plot.began.connect(self._remember)
        self.plot.changed.connect(self.ask)
        self._again = QTimer(self, singleShot=True, interval=AGAIN_MS)
        self._again.timeout.connect(self.ask)
        self.problem = ProblemBox()
        self.problem.hide()
        self.step = Slider(0, 0, 0, "Inner step", width=200)
        self.step.valueChanged.connect(self._show)
        self._step_words = Label("", "body")
        self.legend = CurveLegend()
        self.figures: dict[str, Label] = {}
        self._build()
        self._show()

    def show_model(self, run: str, model: Model) -> None:
        """Answer with another run, or with the same one after more steps."""
        if run != self._run:
            self._run, self._values = run, model.values
            self._set_ranges()
        self.ask()

    @Slot()
    def ask(self) -> None:
        """Ask for the curve through the points."""
        points = np.array(self.plot.points, np.float32).reshape(-1, 2)
        if not self._run or not len(points):
            self._asked, self._answer = 0, None
            self._show()
            return
        self._asked = self._link.request(
            Adapt,
            self._answered,
            run=self._run,
            support_x=points[:, :1],
            support_y=points[:, 1:],
            query_x=np.concatenate([self._x, points[:, :1]]),
        )

    @Slot()
    def sample(self) -> None:
        """Take the points of a task of the family, and show its curve."""
        self._sampled = self._link.request(
            PreviewTask,
            self._task_came,
            values=self._values,
            split="test",
            index=random.randrange(2**31 - 1),
        )

    @Slot()
    def clear(self) -> None:
        self._truth = None
        self._replace(())

    @Slot()
    def undo(self) -> None:
        """Take back the last change of the points."""
        while self._past:
            before = self._past.pop()
            if before != self.plot.points:  # a click that changed nothing is nothing to undo
                self.plot.set_points(before)
                break
        self.ask()

    def heard(self) -> None:
        """The run has made a step while the page is in view."""
        if not self._again.isActive():
            self._again.start()

    def close_view(self) -> None:
        self._again.stop()

    # ------------------------------------------------------------------------------------ building

    def _build(self) -> None:
        px = theme().px
        ask = Panel("Points", "click sets one, drag moves it, right click takes it away")
        self.undo_button = IconButton("undo-2", "Undo (Ctrl+Z)")
        self.clear_button = IconButton("trash-2", "Clear all points (undo brings them back)")
        self.undo_button.clicked.connect(self.undo)
        self.clear_button.clicked.connect(self.clear)
        self.sample_button = Button("Sample task", "dices", small=True)
        self.sample_button.clicked.connect(self.sample)
        for tool in (self.undo_button, self.clear_button, self.sample_button):
            ask.add_tool(tool)
        ask.body.addWidget(self.problem)
        ask.body.addWidget(self.plot, 1)
        shortcut = QShortcut(QKeySequence("Ctrl+Z"), self)
        shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        shortcut.activated.connect(self.undo)
        answer = Panel("Curve")
        answer.setFixedWidth(px(320))
        row = QHBoxLayout()
        row.addWidget(Label("Inner step", "body", "text2"))
        row.addWidget(self.step, 1)
        answer.body.addLayout(row)
        answer.body.addWidget(self._step_words)
        answer.body.addSpacing(px(8))
        answer.body.addWidget(self.legend)
        answer.body.addSpacing(px(8))
        table = QGridLayout()
        table.setColumnStretch(0, 1)
        for line, name in enumerate(("Error on your points", "Before adaptation", "To the truth")):
            self.figures[name] = Label("–", "strong")
            table.addWidget(Label(name, "body", "text2"), line, 0)
            table.addWidget(self.figures[name], line, 1, Qt.AlignmentFlag.AlignRight)
        answer.body.addLayout(table)
        self._hint = Label(EMPTY, "small", "muted", wrap=True)
        answer.body.addSpacing(px(8))
        answer.body.addWidget(self._hint)
        answer.body.addStretch(1)
        whole = QHBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(px(16))
        whole.addWidget(ask, 1)
        whole.addWidget(answer)

    def _set_ranges(self) -> None:
        """As the run's functions were drawn."""
        own = {k.removeprefix("dataset."): v for k, v in self._values.items()}
        x = float(own.get("x_min", X_RANGE[0])), float(own.get("x_max", X_RANGE[1]))
        height = float(own.get("amplitude_max", HEIGHT)) * 1.1
        self._x = np.linspace(*x, FINE, dtype=np.float32)[:, None]
        self._truth = None
        self.plot.set_ranges(x, (-height, height))

    # ------------------------------------------------------------------------------------- answers

    @Slot()
    def _remember(self) -> None:
        self._past = [*self._past[-UNDO_STEPS:], self.plot.points]

    def _replace(self, points: Sequence[Point]) -> None:
        self._remember()
        self.plot.set_points(points)
        self.ask()

    def _task_came(self, event: Event) -> None:
        if event.request != self._sampled:
            return
        if isinstance(event, TaskPreviewed):
            self._truth = event.curve
            pairs = zip(event.support_x[:, 0], event.support_y[:, 0], strict=True)
            self._replace([(float(x), float(y)) for x, y in pairs])
        elif isinstance(event, Failed) and not event.cancelled:
            self._say(event.message, event.hint)

    def _answered(self, event: Event) -> None:
        if event.request != self._asked:
            return
        if isinstance(event, Adapted):
            last = self.step.value() == self.step.maximum()
            self._answer = event
            self.step.setRange(0, len(event.steps) - 1)
            if last:
                self.step.setValue(self.step.maximum())
            self._say("", "")
            self._show()
        elif isinstance(event, Failed) and not event.cancelled:
            self._say(event.message, event.hint)

    def _say(self, message: str, hint: str) -> None:
        self.problem.setVisible(bool(message))
        self.problem.set(message, hint)

    @Slot()
    def _show(self) -> None:
        """The curve after the chosen inner step, and its figures."""
        answer, moment = self._answer, self.step.value()
        self.undo_button.setEnabled(bool(self._past))
        self.clear_button.setEnabled(bool(self.plot.points))
        self.step.setEnabled(answer is not None and len(answer.steps) > 1)
        self._hint.setVisible(answer is None)
        curves = [] if self._truth is None else [Curve("truth", self._truth, TRUTH, dashed=True)]
        if answer is not None:
            moment = min(moment, len(answer.steps) - 1)
            curves += [
                Curve("before adaptation", self._curve(answer, 0), BEFORE, dashed=True),
                Curve(after(answer.steps[moment]), self._curve(answer, moment), AFTER),
            ]
        self.plot.set_curves(curves)
        self.legend.show_curves(curves)
        self._show_figures(answer, moment)

    def _show_figures(self, answer: Adapted | None, moment: int) -> None:
        words = dict.fromkeys(self.figures, "–")
        self._step_words.setText("")
        if answer is not None:
            self._step_words.setText(after(answer.steps[moment]).capitalize())
            own = np.array([y for _, y in self.plot.points], np.float32)
            near = answer.answers[:, FINE : FINE + len(own), 0]
            if near.shape[1] == len(own):
                errors = ((near - own) ** 2).mean(1)
                words["Error on your points"] = f"{errors[moment]:.3g}"
                words["Before adaptation"] = f"{errors[0]:.3g}"
            if self._truth is not None:
                true = np.interp(self._x[:, 0], self._truth[:, 0], self._truth[:, 1])
                error = ((answer.answers[moment, :FINE, 0] - true) ** 2).mean()
                words["To the truth"] = f"{error:.3g}"
        for name, label in self.figures.items():
            label.setText(words[name])

    def _curve(self, answer: Adapted, moment: int) -> NDArray[np.float32]:
        return np.concatenate([self._x, answer.answers[moment, :FINE, :1]], axis=1)


def after(step: int) -> str:
    """Where in the inner loop."""
    if step == 0:
        return "before adaptation"
    return f"after {step} inner step{'' if step == 1 else 's'}"
