"""Asks the chosen run about the board, again and again while it trains, and the same model
untrained for contrast."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from workbench.app.pages.draw.answer import Answer, Question
from workbench.app.pages.draw.asker import Asker
from workbench.app.pages.draw.models import UNTRAINED
from workbench.app.pages.draw.picker import ModelPicker

if TYPE_CHECKING:
    from workbench.app.canvas import Desk
    from workbench.app.engine_link import EngineLink

AGAIN_MS = 1000  # while a run trains, its answer changes without a stroke
CONTRAST_MS = 700  # the untrained model is asked when the hand rests


class Conversation(QObject):
    """Holds the answer to the board as it is.

    Args:
        drawing: whether the pen is down; then nobody asks of their own accord.

    Attributes:
        answer: None while there is none.
        most: classes to ask about; None is all that are drawn.

    Signals:
        changed(): there is another answer, or none any more.
        contrasted(object): the Answer of the untrained model.
        failed(str, str): message and hint.
    """

    changed = Signal()
    contrasted = Signal(object)
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
        self._step = 0  # of the run that trains, as last heard
        self._asker = Asker(link, self)
        self._contrast = Asker(link, self)
        self._asker.answered.connect(self._answered)
        self._asker.failed.connect(self.failed)
        self._contrast.answered.connect(self.contrasted)
        self._again_timer = QTimer(self, interval=AGAIN_MS)
        self._contrast_timer = QTimer(self, singleShot=True, interval=CONTRAST_MS)
        self._again_timer.timeout.connect(self._ask_again)
        self._contrast_timer.timeout.connect(self._ask_contrast)

    def begin(self) -> None:
        """Another model was picked."""
        self.most = None
        self.answer = None
        self._contrast.forget()
        self._asker.forget()
        self.ask(waiting=False)

    def ask(self, waiting: bool) -> None:
        """Ask about the board; `waiting` when a person has just changed it."""
        model = self._picker.model
        asked = time.perf_counter() if waiting else 0.0
        question = None
        if model is not None and not model.regression:
            board = self._desk.board
            question = Question.of(self._picker.run, board, model.size, self.most, asked)
        if question is None:
            self._asker.forget()
            self._contrast.forget()
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
    def _ask_contrast(self) -> None:
        model = self._picker.model
        if model is None or self._picker.untrained or self.answer is None:
            return
        run = UNTRAINED + model.run
        question = Question.of(run, self._desk.board, model.size, self.most)
        if question is not None:
            self._contrast.ask(question)

    @Slot(object)
    def _answered(self, answer: Answer) -> None:
        if any(row >= len(self._desk.board.classes) for row in answer.rows):
            return  # a class has gone meanwhile; the next answer is on its way
        fresh = self.answer is None or answer.asked > 0
        self.answer = answer
        self.changed.emit()
        if fresh and not self._picker.untrained:
            self._contrast_timer.start()
