"""Asks the engine to score a run, one at a time, and keeps what it answers."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from workbench.app.pages.runs import scores
from workbench.app.pages.runs.background import Background
from workbench.app.pages.runs.scores import Scored, Scores
from workbench.app.pages.train.figures import run_title
from workbench.protocol import Evaluate, Evaluated, Event, Failed, Progress

if TYPE_CHECKING:
    from workbench.app.context import Context


class Scorer(QObject):
    """Scores runs and remembers their scores.

    Attributes:
        run: the run that is being scored; empty for none.

    Signals:
        changed(): there is another score, or the work began or ended.
        progressed(str, int, int): what is done, how much of it, of how much; 0 while unknown.
        failed(str, str): the message and the hint.
    """

    changed = Signal()
    progressed = Signal(str, int, int)
    failed = Signal(str, str)

    def __init__(self, context: Context, background: Background, parent: QObject) -> None:
        super().__init__(parent)
        self._link, self._background = context.link, background
        self._path = context.store.root / scores.FILE
        self._scores: Scores = {}
        self._request = 0
        self.run = ""
        background.ask(partial(scores.load, self._path), self._loaded)

    def of(self, run: str) -> dict[str, Scored]:
        """A run's scores, by split."""
        return self._scores.get(run, {})

    def score(self, run: str, split: str, tasks: str = "") -> None:
        """Score a run on "validation", "test" or a "list" of tasks, a file, unless another is being
        scored."""
        if self.run:
            return
        self.run = run
        answered = partial(self._answered, run, split, Path(tasks).name)
        of = "test" if tasks else split
        self._request = self._link.request(Evaluate, answered, run=run, split=of, tasks=tasks)
        self.progressed.emit(f"{run_title(run)}: waiting for the engine", 0, 0)
        self.changed.emit()

    @Slot()
    def cancel(self) -> None:
        """Give up what is at work."""
        if self.run:
            self._link.cancel(self._request)

    def _answered(self, run: str, split: str, source: str, event: Event) -> None:
        if isinstance(event, Progress):
            self.progressed.emit(f"{run_title(run)}: {_lower(event.text)}", event.done, event.total)
            return
        self.run = ""
        if isinstance(event, Evaluated):
            found = scores.scored(event, source)
            self._scores.setdefault(run, {})[split] = found
            self._background.ask(partial(scores.save, self._path, run, split, found))
        self.progressed.emit("", 0, 0)
        self.changed.emit()
        if isinstance(event, Failed) and not event.cancelled:
            self.failed.emit(event.message, event.hint)

    def _loaded(self, found: Scores) -> None:
        self._scores = {**found, **self._scores}
        self.changed.emit()


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
