"""Checks a draft as one types: at once by the catalogue, then by the worker, whose word counts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from workbench.errors import Problem
from workbench.protocol import Event, Failed, Validate, Validated

if TYPE_CHECKING:
    from workbench.app.draft import Draft
    from workbench.app.engine_link import EngineLink
    from workbench.schema.catalogue import Catalogue

PAUSE_MS = 250


class Checker(QObject):
    """The problems of a draft.

    What only the worker can know (whether a file is there, say) stays until it answers again, so
    that rows do not flicker while one types.

    Signals:
        problems_changed(list[Problem]): other problems than before; an empty list when all is well.
        notes_changed(tuple[str, …]): what the worker finds worth knowing.
    """

    problems_changed = Signal(object)
    notes_changed = Signal(object)

    def __init__(
        self, draft: Draft, catalogue: Catalogue, link: EngineLink, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._draft, self._catalogue, self._link = draft, catalogue, link
        self.problems: list[Problem] = []
        self.notes: tuple[str, ...] = ()
        self._local: list[Problem] = []
        self._answered: list[Problem] = []  # what only the worker found
        self._seen = draft.values
        self._request = 0
        self._pause = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._pause.timeout.connect(self._ask)
        draft.changed.connect(self.check)
        link.state_changed.connect(self._engine_changed)
        self.check()

    @Slot()
    def check(self) -> None:
        """Check at once, and ask the worker in a moment."""
        values = self._draft.values
        touched = {
            key
            for key in self._seen.keys() | values.keys()
            if self._seen.get(key) != values.get(key)
        }
        self._seen = values
        self._answered = [p for p in self._answered if p.path not in touched]
        self._local = self._catalogue.check(values)
        self._tell()
        self._pause.start()

    def show(self, problems: Sequence[Problem]) -> None:
        """Take over what the worker found on another occasion, as when a run was to start."""
        self._take(list(problems))

    @Slot(str)
    def _engine_changed(self, state: str) -> None:
        if state == "ready":
            self._pause.start()

    @Slot()
    def _ask(self) -> None:
        if self._link.state != "ready":
            return  # asked again when it is
        self._request = self._link.request(Validate, self._hear, values=self._draft.values)

    def _hear(self, event: Event) -> None:
        if event.request != self._request or self._pause.isActive():
            return  # a later question is open
        if isinstance(event, Failed):
            self._answered = []
            self._tell()
        elif isinstance(event, Validated):
            self._take(list(event.problems))
            if event.notes != self.notes:
                self.notes = event.notes
                self.notes_changed.emit(event.notes)

    def _take(self, problems: list[Problem]) -> None:
        self._local = [p for p in self._local if p in problems]
        self._answered = [p for p in problems if p not in self._local]
        self._tell()

    def _tell(self) -> None:
        known = {problem.path for problem in self._answered}
        problems = [p for p in self._local if p.path not in known] + self._answered
        if problems != self.problems:
            self.problems = problems
            self.problems_changed.emit(list(problems))
