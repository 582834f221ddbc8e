"""Asks the chosen run about the board, again and again while it trains; for contrast the same model
untrained, and whichever runs are compared with it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from workbench.app.pages.draw.answer import Answer, Question
from workbench.app.pages.draw.asker import Asker
from workbench.app.pages.draw.models import UNTRAINED, Model
from workbench.app.pages.draw.picker import ModelPicker

if TYPE_CHECKING:
    from workbench.app.canvas import Desk
    from workbench.app.engine_link import EngineLink

AGAIN_MS = 1000  # while a run trains, its answer changes without a stroke
CONTRAST_MS = 700  # the others are asked when the hand rests
MOST_COMPARED = 3  # runs beside the chosen one


class Conversation(QObject):
    """Holds the answer to the board as it is.

    Args:
        drawing: whether the pen is down; then nobody asks of their own accord.

    Attributes:
        answer: None while there is none.
        most: classes to ask about; None is all that are drawn.
        compared: the runs that are asked too.

    Signals:
        changed(): there is another answer, or none any more.
        contrasted(str, object): what another run, or "untrained:RUN", says; None while that is not
            known.
        failed(str, str): message and hint.
    """

    changed = Signal()
    contrasted = Signal(str, object)
    failed = Signal(str, str)

    def __init__(
        self,
        link: EngineLink,
        desk: Desk,
        picker: ModelPicker,
        drawing: Callable[[], bool],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._desk, self._picker, self._drawing = desk, picker, drawing
        self.answer: Answer | None = None
        self.most: int | None = None
        self.compared: tuple[Model, ...] = ()
        self._step = 0  # of the run that trains, as last heard
        self._link = link
        self._asker = Asker(link, self)
        self._others: dict[str, Asker] = {}
        self._asker.answered.connect(self._answered)
        self._asker.failed.connect(self._failed)
        self._again_timer = QTimer(self, interval=AGAIN_MS)
        self._contrast_timer = QTimer(self, singleShot=True, interval=CONTRAST_MS)
        self._again_timer.timeout.connect(self._ask_again)
        self._contrast_timer.timeout.connect(self._ask_others)

    @property
    def asking(self) -> bool:
        """Whether an answer is on its way."""
        return self._asker.busy

    def begin(self) -> None:
        """Another model was picked."""
        self.most = None
        self.answer = None
        self._forget_others()
        self._asker.forget()
        self.ask(waiting=False)

    def compare(self, models: Sequence[Model]) -> None:
        """Ask these runs too, `MOST_COMPARED` at most."""
        self.compared = tuple(models)[:MOST_COMPARED]
        self._ask_others()

    def ask(self, waiting: bool) -> None:
        """Ask about the board; `waiting` when a person has just changed it."""
        model = self._picker.model
        asked = time.perf_counter() if waiting else 0.0
        question = None
        if model is not None and not model.regression:
            board = self._desk.board
            question = Question.of(
                self._picker.run, board, model.size, self.most, asked, model.channels
            )
        if question is None:
            self._asker.forget()
            self._forget_others()
            self.answer = None
        else:
            self._asker.ask(question)
        self.changed.emit()

    def hold(self) -> None:
        """A stroke grows: nothing may stand in the way of the answer to it."""
        self._contrast_timer.stop()

    def heard(self, step: int) -> None:
        """The chosen run has made another step, while its page is in view."""
        self._step = step
        if not self._again_timer.isActive():
            self._again_timer.start()

    def rest(self) -> None:
        """Nobody looks."""
        self._again_timer.stop()

    def close(self) -> None:
        self._again_timer.stop()
        self._contrast_timer.stop()

    @Slot()
    def _ask_again(self) -> None:
        """The run has learned meanwhile."""
        model = self._picker.model
        if model is None or not model.training or self._picker.untrained:
            self._again_timer.stop()
            return
        news = self.answer is not None and self.answer.step != self._step
        if news and not self._drawing() and not self._asker.busy:
            self.ask(waiting=False)

    @Slot()
    def _ask_others(self) -> None:
        model = self._picker.model
        if model is None or self.answer is None:
            return
        wanted = {one.run: one for one in self.compared}
        if not self._picker.untrained:
            wanted = {UNTRAINED + model.run: model, **wanted}
        for run in self._others.keys() - wanted.keys():
            self._others.pop(run).forget()
        for run, one in wanted.items():
            question = Question.of(
                run, self._desk.board, one.size, self.most, channels=one.channels
            )
            if question is not None:
                self._asker_of(run).ask(question)

    def _asker_of(self, run: str) -> Asker:
        if run not in self._others:
            asker = Asker(self._link, self)
            asker.answered.connect(partial(self._contrasted, run))
            asker.failed.connect(lambda *_: self._contrasted(run, None))
            self._others[run] = asker
        return self._others[run]

    def _contrasted(self, run: str, answer: Answer | None) -> None:
        gone = answer is not None and any(
            row >= len(self._desk.board.classes) for row in answer.rows
        )
        if run in self._others and self.answer is not None and not gone:
            self.contrasted.emit(run, answer)

    def _forget_others(self) -> None:
        for asker in self._others.values():
            asker.forget()

    @Slot(str, str)
    def _failed(self, message: str, hint: str) -> None:
        """What was answered before is no answer to this."""
        self.answer = None
        self._forget_others()
        self.failed.emit(message, hint)

    @Slot(object)
    def _answered(self, answer: Answer) -> None:
        if any(row >= len(self._desk.board.classes) for row in answer.rows):
            return  # a class has gone meanwhile; the next answer is on its way
        fresh = self.answer is None or answer.asked > 0
        self.answer = answer
        self.changed.emit()
        if fresh and (self.compared or not self._picker.untrained):
            self._contrast_timer.start()
