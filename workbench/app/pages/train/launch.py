"""Where to compute, what it takes, and the button that starts it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QLocale, Qt, Signal, Slot
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QWidget

from workbench.app.pages.train.estimator import Estimator
from workbench.app.theme import Themed, theme
from workbench.app.widgets import (
    Button,
    Combo,
    IconLabel,
    Label,
    Link,
    Panel,
    ProblemBox,
    ProgressLine,
    Rule,
)
from workbench.errors import Problem
from workbench.protocol import Failed, Progress

if TYPE_CHECKING:
    from workbench.app.draft import Draft
    from workbench.app.engine_link import EngineLink
    from workbench.protocol import Device

DEVICE = "device"
AUTO = "auto"
MEASURED = "Time and memory are measured on the first tasks, on this computer as busy as it is now."


class DevicePanel(Panel):
    """Chooses the device, explains it and why another is not there; then what the run will take."""

    def __init__(self, draft: Draft, link: EngineLink, parent: QWidget | None = None) -> None:
        super().__init__("Device and cost", parent=parent)
        self._draft, self._link = draft, link
        self.estimator = Estimator(draft, link, self)
        self.estimator.changed.connect(self._show_cost)
        self.combo = Combo(name="Device")
        self.combo.setSizeAdjustPolicy(Combo.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.combo.chosen.connect(self._chosen)
        self._why = Label("", "small", "text2", wrap=True)
        self._others = Label("", "caption", "muted", wrap=True)
        self._problem = ProblemBox()
        self._problem.remedied.connect(self._remedy)
        self._problem.hide()
        self._cost = CostTable()
        for widget in (self.combo, self._problem, self._why, self._others, Rule(), self._cost):
            self.body.addWidget(widget)
        self.body.addStretch(1)
        self._bad: Problem | None = None
        draft.changed.connect(self.refresh)
        link.state_changed.connect(self.refresh)
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Show the draft and the devices as they are."""
        devices, chosen = self._link.devices, str(self._draft.value(DEVICE) or AUTO)
        self._show_choices(devices, chosen)
        found = _find(devices, self._link.recommended if chosen == AUTO else chosen)
        if found is not None:
            self._why.setText(found.explanation)
        elif self._link.state == "ready":
            self._why.setText("There is no such device here.")
        else:
            self._why.setText("The engine looks for devices while it starts.")
        absent = [d for d in devices if not d.available and d is not found]
        self._others.setText("\n".join(f"{d.title}: {d.explanation}" for d in absent))
        self._others.setVisible(bool(absent))
        self._show_cost()

    @Slot()
    def _show_cost(self) -> None:
        self._cost.show_figures([*cost_figures(self._draft), *self.estimator.figures()])
        self._cost.setToolTip(self.estimator.reason() or MEASURED)

    def explanation(self) -> str:
        """What is said of the chosen device."""
        return self._why.text()

    def set_problems(self, problems: Sequence[Problem]) -> None:
        """Show the one that is about the device."""
        self.estimator.set_allowed(not problems)
        self._bad = next((p for p in problems if p.path == DEVICE), None)
        self.combo.set_bad(self._bad is not None)
        self._problem.setVisible(self._bad is not None)
        if self._bad is not None:
            word = f"Choose {self._bad.remedy}" if self._bad.remedy else ""
            self._problem.set(self._bad.message, self._bad.hint, word)

    def _show_choices(self, devices: Sequence[Device], chosen: str) -> None:
        best = _find(devices, self._link.recommended)
        first = f"Automatic: {best.title}" if best else "Automatic"
        items = [(AUTO, first)] + [(d.name, d.title) for d in devices]
        if chosen not in {key for key, _ in items}:
            items.append((chosen, chosen))
        present = [
            (self.combo.itemData(i), self.combo.itemText(i)) for i in range(self.combo.count())
        ]
        if present != items:
            self.combo.set_items(items)
            for device in devices:
                self.combo.set_enabled_item(device.name, device.available, device.explanation)
        self.combo.set_value(chosen)
        self.combo.setToolTip(self.combo.currentText())

    @Slot(str)
    def _chosen(self, name: str) -> None:
        self._draft.settle()
        self._draft.set(DEVICE, name)

    @Slot()
    def _remedy(self) -> None:
        if self._bad is not None:
            self._draft.set(DEVICE, self._bad.remedy)


class CostTable(QWidget, Themed):
    """Name and figure in each line, the figures aligned at the right."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setColumnStretch(0, 1)
        self._labels: list[tuple[Label, Label]] = []
        self.follow_theme()

    def show_figures(self, figures: Sequence[tuple[str, str]]) -> None:
        for row, (name, value) in enumerate(figures):
            if row == len(self._labels):
                pair = (Label("", "body", "text2", elide=True), Label("", "strong"))
                self._labels.append(pair)
                self._grid.addWidget(pair[0], row, 0)
                self._grid.addWidget(pair[1], row, 1, Qt.AlignmentFlag.AlignRight)
            self._labels[row][0].setText(name)
            self._labels[row][1].setText(value)
        for row, pair in enumerate(self._labels):
            for label in pair:
                label.setVisible(row < len(figures))

    def retheme(self) -> None:
        self._grid.setVerticalSpacing(theme().px(4))


def cost_figures(draft: Draft) -> list[tuple[str, str]]:
    """What is known of the effort before the first step, from settings that are numbers."""
    steps = _whole(draft.value("training.steps"))
    batch = _whole(draft.value("training.meta_batch"))
    every = _whole(draft.value("validation.every"))
    tasks = _whole(draft.value("validation.tasks"))
    figures = [
        ("Steps", _grouped(steps)),
        ("Tasks in all", _grouped(steps * batch if steps and batch else None)),
    ]
    if steps and every and tasks:
        rounds = steps // every + (1 if steps % every else 0)
        figures.append(("Validations", f"{_grouped(rounds)} × {_grouped(tasks)} tasks"))
    return figures


class StartBox(Panel):
    """What blocks the start, and Start.

    Signals:
        start_asked(): the person wants to train.
        show_asked(): where is the problem?
        back_asked(): back to the run that trains.
        restart_asked(): the engine has stopped and is wanted again.
        cancel_asked(): do not start after all.
    """

    start_asked = Signal()
    show_asked = Signal()
    back_asked = Signal()
    restart_asked = Signal()
    cancel_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._icon = IconLabel("circle-check", "ok")
        self._line = Label("", "strong", wrap=True)
        self.show_link = Link("Show")
        self.show_link.clicked.connect(self.show_asked)
        self.back_link = Link("Back to the run")
        self.back_link.clicked.connect(self.back_asked)
        self.restart_link = Link("Restart")
        self.restart_link.clicked.connect(self.restart_asked)
        self.cancel_link = Link("Cancel")
        self.cancel_link.clicked.connect(self.cancel_asked)
        self.start = Button("Start training", "play", kind="filled")
        self.start.setToolTip("Ctrl+Enter")
        self.start.clicked.connect(self.start_asked)
        line = QHBoxLayout()
        line.setSpacing(theme().px(8))
        line.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignVCenter)
        line.addWidget(self._line, 1)
        links = (self.show_link, self.back_link, self.restart_link, self.cancel_link)
        for link in links:
            line.addWidget(link, 0, Qt.AlignmentFlag.AlignTop)
        self.body.addLayout(line)
        self._bar = ProgressLine(name="Preparing")
        self._bar.hide()
        self._failure = ProblemBox()
        self._failure.hide()
        self.body.addWidget(self._bar)
        self.body.addWidget(self._failure)
        self.body.addWidget(self.start)
        self.setAccessibleName("Start")
        self.back_link.hide()
        self.show_state([], "starting")

    def text(self) -> str:
        """The sentence beside the button."""
        return self._line.text()

    def show_progress(self, progress: Progress) -> None:
        """What is being made ready before the first step, such as the data."""
        self._icon.set("loader-circle", "text2")
        self._line.setText(progress.text or "Preparing…")
        self._bar.show()
        self._bar.set_fraction(progress.done / progress.total if progress.total else None)

    def show_failure(self, failed: Failed) -> None:
        """Why the run did not start."""
        self._failure.setVisible(not failed.cancelled)
        self._failure.set(failed.message, failed.hint)

    def show_state(
        self, problems: Sequence[Problem], engine: str, waiting: bool = False, training: str = ""
    ) -> None:
        """Say how it stands.

        Args:
            problems: what blocks the start.
            engine: starting, ready or stopped.
            waiting: Start was pressed, the answer is to come.
            training: title of the run that occupies the engine; empty for none.
        """
        count = len(problems)
        self._bar.setVisible(waiting and not self._bar.isHidden())
        if waiting:
            self._failure.hide()
        icon, tone, words, blocked = "circle-check", "ok", "Ready to start", ""
        if training:
            icon, tone, words = "circle-play", "ok", f"{training} is training"
            blocked = "Stop the run that trains, or wait for its end."
        elif engine == "stopped":
            icon, tone, words = "circle-alert", "bad", "The engine has stopped"
            blocked = "Restart the engine first."
        elif count:
            noun = "problem" if count == 1 else "problems"
            icon, tone, words = "circle-alert", "bad", f"{count} {noun} to solve before starting"
            blocked = "Solve the problems first."
        elif waiting:
            words = "Starting…" if engine == "ready" else "Engine is starting…"
            icon, tone = "loader-circle", "text2"
            blocked = "The run starts as soon as the engine is ready."
        elif engine == "starting":
            icon, tone, words = "loader-circle", "text2", "Engine is starting…"
        self._icon.set(icon, tone)
        self._line.setText(words)
        self._line.set_tone("bad" if tone == "bad" else "text")
        self.show_link.setVisible(bool(count) and not training and engine != "stopped")
        self.cancel_link.setVisible(waiting)
        self.restart_link.setVisible(engine == "stopped" and not training)
        self.start.set_enabled_because(blocked)
        if not blocked:
            self.start.setToolTip("Ctrl+Enter")


def _find(devices: Sequence[Device], name: str) -> Device | None:
    """The device of that name; "cuda" stands for the first of its kind."""
    for device in devices:
        if device.name in (name, f"{name}:0"):
            return device
    return None


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _grouped(value: int | None) -> str:
    return "–" if value is None else QLocale().toString(value)
