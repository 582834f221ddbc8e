"""What the chosen model says to the board, on the panels that show it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal, Slot
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QWidget

from workbench.app.canvas import QUERY, Board, Desk
from workbench.app.pages.draw.answer import Answer
from workbench.app.pages.draw.answers import AnswerPanel
from workbench.app.pages.draw.conversation import Conversation
from workbench.app.pages.draw.loop import LoopPanel
from workbench.app.pages.draw.map_panel import MapPanel
from workbench.app.pages.draw.marking import Marking
from workbench.app.pages.draw.missing import Missing, missing
from workbench.app.pages.draw.models import Model
from workbench.app.pages.draw.others import Others
from workbench.app.pages.draw.picker import ModelPicker
from workbench.app.pages.draw.query import QueryPanel

if TYPE_CHECKING:
    from workbench.app.context import Context

PREVIEW_MS = 33


class Answering(QObject):
    """Asks after every change of the board, and shows the answer after the inner step that is
    looked at, or what is missing for one.

    Attributes:
        answers, map_panel, loop: the panels.
        talk: what is asked and answered.
        others: the runs that are asked too.
        marking: what the person says to the answer.

    Signals:
        fill_wanted(): the person wants examples on the board.
        mapped(bool): whether the method has features to map.
    """

    fill_wanted = Signal()
    mapped = Signal(bool)

    def __init__(
        self,
        context: Context,
        desk: Desk,
        picker: ModelPicker,
        query: QueryPanel,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._context, self._desk, self._picker, self._query = context, desk, picker, query
        self._board = desk.board
        self._moment: int | None = None  # None follows the last step
        self._told: Answer | None = None  # how long the hand waited for it
        self._missing = Missing("", "")
        self._veil = ""
        self.quizzed = False  # a quiz marks by itself
        self._refused = False  # the question has a problem, which is shown
        self.answers = AnswerPanel()
        self.map_panel = MapPanel(context.link)
        self.map = self.map_panel.map
        self.loop = LoopPanel()
        self.talk = Conversation(context.link, desk, picker, self._drawing, self)
        self.marking = Marking(desk, self)
        self.answers.set_marking(self.marking.buttons, self.marking.row)
        self.others = Others(self.talk, desk, picker, self.answers, self)
        self._preview_timer = QTimer(self, singleShot=True, interval=PREVIEW_MS)
        self._connect()

    def _connect(self) -> None:
        self._preview_timer.timeout.connect(self._show_picture)
        self._desk.listen(self._desk_changed)
        self._query.grew.connect(self._grew)
        self.answers.acted.connect(self._act_on_missing)
        self.answers.remedied.connect(self._remedy)
        self.answers.query_wanted.connect(self._to_query)
        self.loop.moment_chosen.connect(self.choose_moment)
        self.marking.marked.connect(self.answers.show_marked)
        self.talk.changed.connect(self._talked)
        self.talk.failed.connect(self.show_failure)

    @property
    def answer(self) -> Answer | None:
        """What is shown now, None while there is nothing."""
        return self.talk.answer

    def begin(self) -> None:
        """Another model was picked."""
        self.talk.begin()
        self.others.begin()
        self.marking.begin()

    def set_veil(self, sentence: str) -> None:
        """Hide whatever is answered behind a sentence; an empty one shows it again."""
        self._veil = sentence
        self.refresh()

    def refresh(self) -> None:
        """Show what is missing for an answer, or keep the answer."""
        self._show_picture()
        if self.answer is not None and not self._veil:
            self._show_answer()
            return
        board, model = self._desk.board, self._picker.model
        self._missing = missing(board, model, self._context.link.state)
        if self._veil and model is not None:
            self._missing = Missing("eye-off", self._veil)
        elif self._refused:
            self._missing = Missing("circle-alert", "There is no answer to this.")
        self.marking.show_answer(None)
        self.answers.show_missing(self._missing.icon, self._missing.sentence, self._missing.button)
        self.loop.show_answer(None, (), 0, 0 if model is None else model.training_steps)
        self.map_panel.show_answer(None, board)
        self._query.say("")

    @Slot(str, str)
    def show_failure(self, message: str, hint: str) -> None:
        """Say in the place of an answer why there is none, and offer a way out."""
        self._refused = True
        remedy = ""
        model, drawn = self._picker.model, len(self._desk.board.drawn_rows)
        if self._context.link.state == "stopped":
            remedy = "Restart the engine"
        elif model is not None and self.talk.most is None and drawn > model.n_way:
            remedy = f"Ask with the first {model.n_way}"
        self.answers.show_problem(message, hint, remedy)
        self.refresh()

    # -------------------------------------------------------------------------------- inner steps

    @Slot(int)
    def choose_moment(self, moment: int) -> None:
        """Look at another inner step; the last one is followed from then on."""
        last = self.answer.last if self.answer is not None else 0
        self._moment = None if moment >= last else moment
        self._show_answer()

    def move_moment(self, by: int) -> None:
        if self.answer is not None:
            now = self.answer.last if self._moment is None else min(self._moment, self.answer.last)
            self.choose_moment(min(max(now + by, 0), self.answer.last))

    def frames(self, shown: QWidget) -> Iterator[QPixmap]:
        """A widget at each known inner step; then it is as before."""
        before = self._moment
        for moment in range(self.answer.last + 1 if self.answer is not None else 0):
            self.choose_moment(moment)
            yield shown.grab()
        self._moment = before
        self._show_answer()

    def figures(self) -> tuple[Answer | None, list[str]]:
        """The answer, and the names of the board's rows."""
        return self.answer, [card.name for card in self._desk.board.classes]

    # ------------------------------------------------------------------------------ what is drawn

    def _desk_changed(self) -> None:
        if self._desk.board is self._board:
            self.refresh()
            return
        if _moved(self._board, self._desk.board):
            self.talk.answer = None  # it speaks of rows as they were
            self.others.begin()
        self._board = self._desk.board
        self.talk.ask(waiting=True)

    @Slot()
    def _grew(self) -> None:
        self.talk.hold()
        if not self._preview_timer.isActive():
            self._preview_timer.start()

    @Slot()
    def _show_picture(self) -> None:
        """What the network would be given now, the stroke being drawn included."""
        board = self._desk.board
        sheet, live = board.query, self._query.canvas.live
        if live is not None and self._desk.selected == QUERY:
            sheet = sheet.with_stroke(live)
        model = self._picker.model
        size, channels = (model.size, model.channels) if model is not None else (28, 1)
        planes = sheet.planes(size, board.pen_width, channels)
        self.answers.show_picture(planes[0] if channels == 1 else np.moveaxis(planes, 0, -1), size)

    def _drawing(self) -> bool:
        return self._query.canvas.live is not None

    @Slot()
    def _to_query(self) -> None:
        self._desk.select(QUERY)

    # ------------------------------------------------------------------------------------- answer

    @Slot()
    def _talked(self) -> None:
        answer = self.answer
        if answer is not None or not self.talk.asking:
            self._refused = False
            self.answers.show_problem("")
        self.refresh()
        if answer is not None and answer is not self._told and answer.asked:
            passed = 1000 * (time.perf_counter() - answer.asked)
            took = f"{passed:.0f} ms" if passed < 1000 else f"{passed / 1000:.1f} s"
            self._query.say(f"Answered {took} after the last stroke")
        self._told = answer

    def _show_answer(self) -> None:
        answer, board, model = self.answer, self._desk.board, self._picker.model
        if answer is None or model is None:
            return
        moment = answer.last if self._moment is None else min(self._moment, answer.last)
        names = [card.name for card in board.classes]
        self.answers.show_answer(answer, board, moment)
        self.loop.show_answer(answer, names, moment, model.training_steps)
        self.map_panel.show_answer(answer, board)
        self.marking.show_answer(None if self.quizzed else answer, moment)
        self.mapped.emit(answer.support_map is not None)
        title = f"{model.title}, untrained" if self._picker.untrained else model.title
        row, share = answer.best(moment)
        self.answers.show_own(title, self._how(answer, model), (row, names[row], share))

    def _how(self, answer: Answer, model: Model) -> str:
        if model.training and not self._picker.untrained:
            return f"training, step {answer.step:,}"
        return f"step {answer.step:,}" if answer.step else "before training"

    @Slot()
    def _remedy(self) -> None:
        self._refused = False
        self.answers.show_problem("")
        model = self._picker.model
        if self._context.link.state == "stopped":
            self._context.link.restart()
        elif model is not None:
            self.talk.most = model.n_way
        self.talk.ask(waiting=False)

    @Slot()
    def _act_on_missing(self) -> None:
        if self._missing.button == "Train a model":
            self._context.shell.show_page("Train")
        elif self._missing.button == "Draw the query":
            self._to_query()
        else:
            self.fill_wanted.emit()


def _moved(before: Board, after: Board) -> bool:
    """Whether a class stands in another row than before."""
    rows = {id(card): row for row, card in enumerate(before.classes)}
    return any(rows.get(id(card), row) != row for row, card in enumerate(after.classes))
