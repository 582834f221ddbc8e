"""Asks the engine about the newest drawing: one question is under way, only the newest waits."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from workbench.app.pages.draw.answer import Answer, Question
from workbench.app.pages.draw.trail import Trail
from workbench.protocol import Adapt, Adapted, Event, Failed

if TYPE_CHECKING:
    from workbench.app.engine_link import EngineLink


class Asker(QObject):
    """Signals:
    answered(Answer): to the newest question that the engine got to.
    failed(str, str): the question cannot be answered: what is wrong, and what to do.
    """

    answered = Signal(object)
    failed = Signal(str, str)

    def __init__(self, link: EngineLink, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._link = link
        self._trail = Trail()
        self._asked: Question | None = None
        self._next: Question | None = None

    @property
    def busy(self) -> bool:
        return self._asked is not None

    def ask(self, question: Question) -> None:
        """Ask now, or as soon as the question before is answered."""
        if self._asked is None:
            self._send(question)
        else:
            self._next = question

    def forget(self) -> None:
        """Nobody wants an answer any more: the one under way will not be told."""
        self._next = None
        self._asked = None

    def _send(self, question: Question) -> None:
        self._asked, self._next = question, None
        self._link.request(
            Adapt,
            partial(self._receive, question),  # not a lambda: the link must see whose it is
            run=question.run,
            support_x=question.support.x,
            support_y=question.support.y,
            query_x=question.query_x,
        )

    def _receive(self, question: Question, event: Event) -> None:
        if question is not self._asked or not isinstance(event, (Adapted, Failed)):
            return
        self._asked, waiting = None, self._next
        if waiting is not None:
            self._send(waiting)
        if isinstance(event, Adapted):
            self.answered.emit(Answer.of(question, event, self._trail))
        elif not event.cancelled and waiting is None:
            self.failed.emit(event.message, event.hint)
