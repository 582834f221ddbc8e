"""Asks a hand for characters one by one, and scores the model on what it drew."""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QMenu, QWidget

from workbench.app.canvas import QUERY, Board, Desk
from workbench.app.pages.draw.answering import Answering
from workbench.app.pages.draw.query import QueryPanel
from workbench.app.pages.draw.quiz import Quiz, drawn_task
from workbench.app.pages.draw.quiz_panel import QuizPanel
from workbench.app.widgets import Button
from workbench.errors import DataError

if TYPE_CHECKING:
    from pathlib import Path

VEIL = "The answer shows when you are done, so that your hand does not follow it."


class Quizzing(QObject):
    """Runs a quiz on the canvas of the page.

    Args:
        folder: where the drawings of every quiz are kept.

    Attributes:
        panel: stands where the support board is while there is a quiz.
        button: begins one.
        quiz: None while there is none.

    Signals:
        began(bool): the panel is to be shown, or the support board again.
        task_wanted(): examples of a new task are wanted on the board.
        said(str): what was done, in words.
    """

    began = Signal(bool)
    task_wanted = Signal()
    said = Signal(str)

    def __init__(
        self, desk: Desk, answering: Answering, query: QueryPanel, folder: Path, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._desk, self._answering = desk, answering
        self._query, self._canvas = query, query.canvas
        self._folder = folder
        self.panel, self.button = QuizPanel(), Button("Quiz…", "circle-help")
        self.button.setToolTip(
            "Draw characters one by one: does the model know your hand? (Ctrl+Shift+Q)"
        )
        self.panel.hide()
        self.quiz: Quiz | None = None
        self._names: tuple[str, ...] = ()
        self._keys: list[QShortcut] = []
        self._state = ""  # "draw", "wait", "shown", "over"
        self._awaited = False  # a new task, to begin with
        self._board = desk.board
        self.button.clicked.connect(self._open)
        self.panel.pressed.connect(self.press)
        self.panel.skipped.connect(self._skip)
        self.panel.taught.connect(self._teach)
        self.panel.ended.connect(self.end)
        answering.talk.changed.connect(self._heard)
        answering.talk.failed.connect(self._failed)
        desk.listen(self._desk_changed)

    def bind_keys(self, page: QWidget) -> None:
        """Enter for the main button, Esc to end, while there is a quiz."""
        for keys in ("Return", "Enter"):
            shortcut = QShortcut(QKeySequence(keys), page)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(self.press)
            shortcut.setEnabled(False)  # a menu or a name has its own use for them
            self._keys.append(shortcut)
        page.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Esc ends a quiz before the window hears of it."""
        kinds = (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress)
        if (
            self.quiz is not None
            and isinstance(event, QKeyEvent)
            and event.type() in kinds
            and event.key() == Qt.Key.Key_Escape
        ):
            event.accept()
            if event.type() == QEvent.Type.KeyPress:
                self.end()
            return True
        return super().eventFilter(watched, event)

    # ------------------------------------------------------------------------- begin, end

    def menu(self) -> QMenu:
        """What the characters may be taken from."""
        menu = QMenu(self.button)
        board = menu.addAction("The classes on the board")
        board.setEnabled(len(self._desk.board.drawn_rows) > 1)
        board.triggered.connect(self.begin)
        menu.addAction("A new task of the data set").triggered.connect(self._begin_with_task)
        return menu

    @Slot()
    def begin(self) -> None:
        """Ask for the classes on the board; fewer than two drawn ones, or no model, are no quiz."""
        rows = self._desk.board.drawn_rows[: self._answering.talk.most]  # the others are not asked
        if len(rows) < 2 or self.button.isHidden():
            self.said.emit("A quiz takes a model, and two classes on the board")
            return
        self._keep(self._desk.board)
        self.quiz = Quiz(rows, random.Random())
        self._names = self._names_now()
        for shortcut in self._keys:
            shortcut.setEnabled(True)
        self.panel.show()
        self._answering.quizzed = True
        self._query.bare = True
        self.began.emit(True)
        self._ask()

    @Slot()
    def end(self) -> None:
        """Keep the drawings, and bring the support board back."""
        self._end(self._desk.board)

    def _end(self, board: Board) -> None:
        self._awaited = False
        if self.quiz is None:
            return
        words = self._keep(board)
        self.quiz, self._state = None, ""
        for shortcut in self._keys:
            shortcut.setEnabled(False)
        self._answering.quizzed = False
        self._query.bare = False
        self._answering.set_veil("")
        self.panel.hide()
        self._query.refresh()
        self.began.emit(False)
        if words:
            self.said.emit(words)

    def _open(self) -> None:
        menu = self.menu()
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.button.mapToGlobal(QPoint(0, self.button.height())))

    @Slot()
    def _begin_with_task(self) -> None:
        self.end()
        self._awaited = True
        self.task_wanted.emit()

    # ------------------------------------------------------------------------- one by one

    @Slot()
    def press(self) -> None:
        """Done, next or again: whatever comes now."""
        if self.quiz is None:
            return
        if self._state == "draw":
            self._done()
        elif self._state == "shown":
            self.quiz.move()
            self._ask()
        elif self._state == "over":
            self.begin()

    def _ask(self) -> None:
        quiz = self.quiz
        if quiz is None:
            return
        if quiz.current is None:
            kept = self._keep(self._desk.board)
            self._state = "over"
            self._answering.set_veil("")
            self.panel.show_end(quiz, self._desk.board, kept)
            return
        self._state = "draw"
        self._answering.set_veil(VEIL)
        self._desk.clear(QUERY)
        self._desk.select(QUERY)
        self.panel.ask(quiz, self._desk.board)
        self._canvas.setFocus(Qt.FocusReason.OtherFocusReason)

    def _done(self) -> None:
        if self._desk.board.query.empty:
            self.panel.draw_first()
            return
        self._canvas.lift()
        self._state = "wait"
        self.panel.wait()
        self._heard()

    @Slot()
    def _heard(self) -> None:
        """Mark the drawing if it is done, and this is the answer to all of it."""
        quiz, answer, board = self.quiz, self._answering.answer, self._desk.board
        if quiz is None or self._state != "wait" or answer is None:
            return
        if answer.query is not board.query:
            return
        self._state = "shown"
        mark = quiz.mark(*answer.best(), board.query)
        self._answering.set_veil("")
        self.panel.show_mark(mark, quiz, board)

    @Slot(str, str)
    def _failed(self, _message: str, _hint: str) -> None:
        """The page says why; the drawing may be done again."""
        if self.quiz is not None and self._state == "wait":
            self._state = "draw"
            self._answering.set_veil(VEIL)
            self.panel.ask(self.quiz, self._desk.board)

    @Slot()
    def _skip(self) -> None:
        if self.quiz is not None and self._state == "draw":
            self.quiz.move()
            self._ask()

    @Slot()
    def _teach(self) -> None:
        if self.quiz is None or not self.quiz.marks:
            return
        row = self.quiz.marks[-1].row
        if self._desk.teach(row, self.quiz.marks[-1].sheet):
            self.panel.show_taught(self._desk.board.classes[row].name)

    def _desk_changed(self) -> None:
        before, self._board = self._board, self._desk.board
        if self._awaited and self._board.classes is not before.classes:
            if len(self._board.drawn_rows) == len(self._board.classes):
                self._awaited = False
                self.begin()
        elif self.quiz is not None and self._names != self._names_now():
            self._end(before)  # other classes: the marks are not of these
        elif self.quiz is not None and self._desk.selected != QUERY:
            self._desk.select(QUERY)  # the examples are out of view

    def _names_now(self) -> tuple[str, ...]:
        return tuple(card.name for card in self._desk.board.classes)

    # ------------------------------------------------------------------------------- keep

    def _keep(self, board: Board) -> str:
        """Write the drawings as a task of the board's classes, if there are any; where, or why not,
        in words."""
        quiz = self.quiz
        if quiz is None or not quiz.marks or self._state == "over":
            return ""
        from workbench.taskfile import SUFFIX, save_task

        path = self._folder / f"quiz-{time.strftime('%Y-%m-%d-%H%M%S')}{SUFFIX}"
        title = f"Quiz: {quiz.right} of {len(quiz.marks)} named right"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            save_task(drawn_task(board, quiz.marks, title), path)
        except DataError as error:
            return error.message
        except OSError as error:
            return f"The drawings cannot be kept in {self._folder}: {error.strerror}."
        return f"Your drawings are kept in {path}"
