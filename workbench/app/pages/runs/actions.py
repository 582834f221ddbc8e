"""What a person does to runs: hold them, go on with them, delete them, mark them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from workbench.app.pages.runs.background import Background
from workbench.app.pages.runs.rows import RunRow
from workbench.app.pages.train.figures import run_title
from workbench.errors import WorkbenchError
from workbench.protocol import Event, Failed, Progress, ResumeRun, RunStarted
from workbench.store import RunStatus

if TYPE_CHECKING:
    from workbench.app.context import Context

CONTINUE = "continue"


class Actions(QObject):
    """Asks store and engine, and remembers what has not happened yet.

    Attributes:
        asked: by run: "pause", "resume", "stop", or "continue" from its checkpoint.

    Signals:
        done(): something on disk is different.
        asked_changed(): `asked` is different.
        resumed(str): a run that had ended trains again.
    """

    done = Signal()
    asked_changed = Signal()
    resumed = Signal(str)

    def __init__(self, context: Context, background: Background, parent: QObject) -> None:
        super().__init__(parent)
        self._context, self._background = context, background
        self.asked: dict[str, str] = {}

    def control(self, run: str, action: str) -> None:
        """Ask whoever trains the run to "pause", "resume" or "stop"."""
        self._ask(run, action)
        work = partial(self._request, run, action)
        self._background.ask(work, self._done, partial(self._refused, run))

    def go_on(self, run: str) -> None:
        """Train on from the run's last checkpoint."""
        if run not in self.asked:
            self._ask(run, CONTINUE)
            self._context.link.request(ResumeRun, partial(self._resume_answered, run), run=run)

    def delete(self, runs: Sequence[str]) -> None:
        """Move runs to the trash, and offer to bring them back."""
        self._background.ask(partial(self._move, runs, False), self._deleted, self._not_moved)

    def mark(self, run: str, **fields: Any) -> None:
        """Keep a star, tags or notes."""
        self._background.ask(partial(self._set_user, run, fields), self._done)

    def notice(self, rows: Iterable[RunRow]) -> None:
        """Forget what was asked of runs that have done it."""
        states = {row.run: row.summary.status for row in rows if row.run in self.asked}
        for run, action in list(self.asked.items()):
            if action != CONTINUE and _happened(action, states.get(run)):
                self._forget(run)

    def _ask(self, run: str, action: str) -> None:
        self.asked[run] = action
        self.asked_changed.emit()

    def _forget(self, run: str) -> None:
        if self.asked.pop(run, ""):
            self.asked_changed.emit()

    def _refused(self, run: str, error: WorkbenchError) -> None:
        self._forget(run)
        self._background.failed.emit(error.message, error.hint)

    def _not_moved(self, error: WorkbenchError) -> None:
        self._background.failed.emit(error.message, error.hint)
        self.done.emit()

    def _resume_answered(self, run: str, event: Event) -> None:
        if isinstance(event, Progress):
            return
        self._forget(run)
        if isinstance(event, RunStarted):
            self.resumed.emit(event.run)
        elif isinstance(event, Failed) and not event.cancelled:
            words = f"{run_title(run)} could not be resumed. {event.message}"
            self._context.shell.add_message(words, "bad", event.hint)
            self._context.shell.undo_bar.say(words)
        self.done.emit()

    def _request(self, run: str, action: str) -> None:
        self._context.store.open(run).request(action)

    def _set_user(self, run: str, fields: dict[str, Any]) -> None:
        self._context.store.open(run).set_user(**fields)

    def _move(self, runs: Sequence[str], back: bool) -> Sequence[str]:
        for run in runs:
            if back:
                self._context.store.restore(run)
            else:
                self._context.store.delete(run)
        return runs

    def _deleted(self, runs: Sequence[str]) -> None:
        words = f"{run_title(runs[0])} deleted" if len(runs) == 1 else f"{len(runs)} runs deleted"
        self._context.shell.offer_undo(words, partial(self._restore, runs))
        self.done.emit()

    def _restore(self, runs: Sequence[str]) -> None:
        self._background.ask(partial(self._move, runs, True), self._done, self._not_moved)

    def _done(self, _found: object) -> None:
        self.done.emit()


def _happened(action: str, status: RunStatus | None) -> bool:
    if status is RunStatus.RUNNING:
        return action == "resume"
    return status is not RunStatus.PAUSED or action == "pause"
