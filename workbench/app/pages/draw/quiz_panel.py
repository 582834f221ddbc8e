"""The quiz in the place of the support board: what to draw, and how the model did so far."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from workbench.app.canvas import Board, Sheet
from workbench.app.canvas.layers import thumbnail
from workbench.app.pages.draw.quiz import Mark, Quiz
from workbench.app.theme import Themed, pixmap, theme
from workbench.app.widgets import Button, IconButton, IconLabel, KeyFigure, Label, Panel, Rule
from workbench.app.widgets.notices import announce
from workbench.app.widgets.series import paint_class_number

PROMPT, SMALL_PROMPT = 128, 88


class Prompt(QWidget, Themed):
    """The character to draw: an example of it, large."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sheet, self._row, self._pen_width, self._side = Sheet(), 0, 5.0, PROMPT
        self.setAccessibleName("Character to draw")
        self.follow_theme()

    def show_sheet(self, sheet: Sheet, row: int, pen_width: float) -> None:
        self._sheet, self._row, self._pen_width = sheet, row, pen_width
        self.update()

    def set_side(self, side: int) -> None:
        self._side = side
        self.retheme()

    def retheme(self) -> None:
        self.setFixedSize(theme().px(self._side), theme().px(self._side))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        here, px = theme(), theme().px
        painter = QPainter(self)
        painter.fillRect(self.rect(), here.colour("tile"))
        side = self.width() - 2 * px(8)
        picture = thumbnail(self._sheet, side, self.devicePixelRatioF(), self._pen_width)
        painter.drawPixmap(px(8), px(8), picture)
        painter.setPen(here.colour("border"))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        paint_class_number(painter, QRectF(px(4), px(4), px(20), px(20)), self._row + 1, self._row)
        painter.end()


class MarksRow(QWidget, Themed):
    """A class and its marks: a tick for each drawing that was named right, a cross for others."""

    def __init__(self, row: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.row, self._name = row, ""
        self.marks: Sequence[bool] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.follow_theme()

    def show_marks(self, name: str, marks: Sequence[bool]) -> None:
        self._name, self.marks = name, marks
        self.setAccessibleName(f"{name}: {sum(marks)} of {len(marks)} right")
        self.update()

    def retheme(self) -> None:
        self.setFixedHeight(theme().px(28))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme().px(216), theme().px(28))

    def paintEvent(self, event: QPaintEvent) -> None:
        here, px = theme(), theme().px
        painter = QPainter(self)
        middle = self.height() / 2
        ring = QRectF(0, middle - px(10), px(20), px(20))
        paint_class_number(painter, ring, self.row + 1, self.row)
        painter.setFont(here.font("body"))
        painter.setPen(here.colour("text"))
        shown = self.marks[-4:]  # of a long quiz the latest
        room = QRectF(px(28), 0, self.width() - px(32) - len(shown) * px(20), self.height())
        metrics = QFontMetrics(painter.font())
        name = metrics.elidedText(self._name, Qt.TextElideMode.ElideRight, int(room.width()))
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, name)
        for place, right in enumerate(reversed(shown), start=1):
            icon, tone = ("check", "ok") if right else ("x", "bad")
            sign = pixmap(icon, tone, 16, self.devicePixelRatioF())
            painter.drawPixmap(self.width() - place * px(20), round(middle) - px(8), sign)
        painter.end()


class QuizPanel(Panel):
    """Signals:
    pressed(): the main button: done, next, or another quiz.
    skipped(): not this character.
    taught(): make the drawing an example of its class.
    ended(): no more.
    """

    pressed = Signal()
    skipped = Signal()
    taught = Signal()
    ended = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Quiz", parent=parent)
        self.close_button = IconButton("x", "End the quiz (Esc)")
        self.add_tool(self.close_button)
        self.words = Label("", "strong", wrap=True)
        self.prompt = Prompt()
        self.main = Button("Done", kind="filled")
        self.main.setToolTip("Enter")
        self.skip = Button("Skip", kind="quiet")
        self.skip.setToolTip("Another character in place of this one")
        self.sign, self.verdict = IconLabel("check", "ok"), Label("", "body", wrap=True)
        self.teach = Button("", small=True)
        self.score = KeyFigure("Named right")
        self.rows: list[MarksRow] = []
        self._build()
        for button, signal in (
            (self.close_button, self.ended),
            (self.main, self.pressed),
            (self.skip, self.skipped),
            (self.teach, self.taught),
        ):
            button.clicked.connect(signal)

    def _build(self) -> None:
        self.body.addWidget(self.words)
        self.body.addWidget(self.prompt)
        buttons, said = QHBoxLayout(), QHBoxLayout()
        buttons.addWidget(self.main)
        buttons.addWidget(self.skip)
        buttons.addStretch(1)
        said.addWidget(self.sign, 0, Qt.AlignmentFlag.AlignTop)
        said.addWidget(self.verdict, 1)
        self.body.addLayout(buttons)
        self.body.addLayout(said)
        self.body.addWidget(self.teach, 0, Qt.AlignmentFlag.AlignLeft)
        self.body.addWidget(Rule())
        self.body.addWidget(self.score)
        inside = QWidget()
        inside.setAutoFillBackground(False)
        self._column = QVBoxLayout(inside)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addStretch(1)
        area = QScrollArea()
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(inside)
        area.viewport().setAutoFillBackground(False)
        self.body.addWidget(area, 1)

    def set_compact(self, compact: bool) -> None:
        self.prompt.set_side(SMALL_PROMPT if compact else PROMPT)

    def ask(self, quiz: Quiz, board: Board) -> None:
        """Show what is to be drawn now."""
        row = quiz.current
        if row is None:
            return
        card = board.classes[row]
        self.set_muted(quiz.place_words)
        self.words.setText(f"Draw {card.name}")
        self.prompt.show_sheet(card.drawn[0] if card.drawn else Sheet(), row, board.pen_width)
        self.prompt.show()
        self.prompt.setAccessibleDescription(card.name)
        self._say("", "Draw it your way. The answer shows when you are done.")
        self._offer("Done")
        self.skip.show()
        self._score(quiz, board)
        announce(self, f"Draw {card.name}, {quiz.place_words}")

    def wait(self) -> None:
        """The drawing is done; the model has not answered it yet."""
        self.main.set_enabled_because("The model is about to answer.")
        self._say("", "Asking the model…")

    def draw_first(self) -> None:
        """Done was pressed on an empty sheet."""
        self._say("info", "The sheet is empty: draw the character first.", "text2")

    def show_mark(self, mark: Mark, quiz: Quiz, board: Board) -> None:
        """Show what the model said."""
        said, name = board.classes[mark.said].name, board.classes[mark.row].name
        share = f"{100 * mark.share:.0f} %"
        words = f"It says {said}, {share}." + ("" if mark.right else f" It was {name}.")
        self._say("check" if mark.right else "x", words, "ok" if mark.right else "bad")
        self.teach.setText(f"Add to {_short(name)}")
        self.teach.setToolTip("Make this drawing another example of its class; undo takes it back")
        self.teach.show()
        self._offer("Next")
        self.skip.hide()
        self._score(quiz, board)

    def show_taught(self, name: str) -> None:
        self.teach.hide()
        self._say("check", f"{name} has one more example now.", "ok")

    def show_end(self, quiz: Quiz, board: Board, kept: str) -> None:
        """Show the whole score; `kept` says where the drawings are."""
        self.set_muted("done")
        done = len(quiz.marks)
        self.words.setText(f"{quiz.right} of {done} named right" if done else "Nothing drawn")
        self.prompt.hide()
        self._say("", kept)
        self._offer("Again")
        self.skip.hide()
        self._score(quiz, board)

    def _offer(self, word: str) -> None:
        self.main.setText(word)
        self.main.set_enabled_because("")
        self.main.setToolTip("Enter")

    def _say(self, icon: str, words: str, tone: str = "muted") -> None:
        if icon:
            self.sign.set(icon, tone)
        self.sign.setVisible(bool(icon))
        self.verdict.setText(words)
        self.teach.hide()
        announce(self, words)

    def _score(self, quiz: Quiz, board: Board) -> None:
        done = len(quiz.marks)
        self.score.set(f"{quiz.right} of {done}" if done else "–", quiz.score_words)
        rows = sorted(set(quiz.rows))
        if [one.row for one in self.rows] != rows:
            self._fill(rows)
        for shown in self.rows:
            shown.show_marks(board.classes[shown.row].name, quiz.of_row(shown.row))

    def _fill(self, rows: Sequence[int]) -> None:
        while self.rows:
            gone = self.rows.pop()
            self._column.removeWidget(gone)
            gone.hide()
            gone.deleteLater()
        for row in rows:
            shown = MarksRow(row)
            self._column.insertWidget(len(self.rows), shown)
            self.rows.append(shown)


def _short(name: str) -> str:
    return name if len(name) <= 18 else f"{name[:17]}…"
