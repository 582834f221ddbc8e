"""Starts, resumes and holds runs; each answer stands where it was asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from workbench.app.pages.train.notes import EndNote
from workbench.app.pages.train.setup import SetupView
from workbench.app.pages.train.watch import RunWatch
from workbench.errors import StoreError
from workbench.protocol import (
    ControlRun,
    Event,
    Failed,
    Progress,
    ResumeRun,
    RunStarted,
    StartRun,
    Validated,
)

if TYPE_CHECKING:
    from workbench.app.context import Context

CONTROLS = ("pause", "resume", "stop", "abort")


class Starter(QObject):
    """Asks the worker, or through the store whoever trains.

    Signals:
        started(str): this run trains now.
        changed(): something is waited for, or has been answered.
        refused(): the watched run did not do what was asked.
    """

    started = Signal(str)
    changed = Signal()
    refused = Signal()

    def __init__(self, context: Context, setup: SetupView, note: EndNote, parent: QObject) -> None:
        super().__init__(parent)
        self._context, self._setup, self._note = context, setup, note
        self._request = 0  # the open request to start or resume; 0 for none
        self._watch: RunWatch | None = None

    @property
    def waiting(self) -> bool:
        """Whether a start or a resume has not been answered yet."""
        return self._request != 0

    @Slot()
    def start(self) -> None:
        """Train with the draft as it is; with problems, show them, and nothing starts."""
        if not self._setup.start_box.start.isEnabled():
            self._setup.show_first_problem()
            return
        self._setup.set_waiting(True)
        values = self._context.draft.values
        self._request = self._context.link.request(StartRun, self._start_answered, values=values)

    @Slot()
    def cancel(self) -> None:
        """Start no more."""
        if self._request:
            self._context.link.cancel(self._request)

    def resume(self, run: str) -> None:
        """Go on with a run that has ended."""
        if not self._request:
            link = self._context.link
            self._request = link.request(ResumeRun, self._resume_answered, run=run)
            self.changed.emit()

    def control(self, watch: RunWatch, action: str) -> None:
        """Pause, resume, stop or abort a run, in whichever process it trains."""
        if not watch.alive or action not in CONTROLS:
            return
        self._watch, watch.asked = watch, action
        link = self._context.link
        if link.state == "stopped":  # the run is another process's
            try:
                watch.reader.request(action)
            except StoreError as error:
                self._context.shell.add_message(error.message, "bad", error.hint)
        else:
            link.request(ControlRun, self._control_answered, run=watch.run, action=action)
        self.changed.emit()

    def _start_answered(self, event: Event) -> None:
        if isinstance(event, Progress):
            self._setup.start_box.show_progress(event)
            return
        self._request = 0
        self._setup.set_waiting(False)
        if isinstance(event, RunStarted):
            self.started.emit(event.run)
        elif isinstance(event, Validated):
            self._setup.checker.show(event.problems)
            self._setup.show_first_problem()
        elif isinstance(event, Failed):
            self._setup.start_box.show_failure(event)
            self._say(event)
        self.changed.emit()

    def _resume_answered(self, event: Event) -> None:
        if isinstance(event, Progress):
            return
        self._request = 0
        if isinstance(event, RunStarted):
            self.started.emit(event.run)
        elif isinstance(event, Failed):
            self._note.show_failure(event)
            self._say(event)
        self.changed.emit()

    def _control_answered(self, event: Event) -> None:
        if isinstance(event, Failed) and self._watch is not None:
            self._watch.asked = ""
            self._say(event)
            self.refused.emit()

    def _say(self, event: Failed) -> None:
        # What has details is reported with them elsewhere.
        if not event.cancelled and not event.detail:
            self._context.shell.add_message(event.message, "bad", event.hint)
