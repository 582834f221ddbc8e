"""What the model says: what it sees, and how likely it holds each class to be."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from workbench.app.canvas import Board
from workbench.app.pages.draw.answer import Answer
from workbench.app.pages.draw.singled import MOST, heaviest_strip, nearest_strip
from workbench.app.theme import Themed, theme
from workbench.app.widgets import (
    Badge,
    BarRow,
    EmptyState,
    ImageTile,
    Label,
    Panel,
    ProblemBox,
    Rule,
)
from workbench.app.widgets.series import paint_class_number

Said = tuple[str, str, tuple[int, str, float] | None]
"""Who says it, how, and what: row of the board, its name, its probability; None is not known."""

BAR_ROOM = 184
"""Px of a row of bars that do not belong to the name: ring, value, and a bar worth looking at."""
IN_VIEW = 5  # bars; more of them scroll


class TickLegend(QWidget, Themed):
    """What the tick on the bars is."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.follow_theme()

    def retheme(self) -> None:
        self.setFixedHeight(theme().px(20))

    def paintEvent(self, event: QPaintEvent) -> None:
        here = theme()
        painter = QPainter(self)
        painter.setPen(QPen(here.colour("text"), 1))
        painter.drawLine(1, here.px(3), 1, here.px(17))
        painter.setPen(here.colour("muted"))
        painter.setFont(here.font("caption"))
        room = self.rect().adjusted(here.px(8), 0, 0, 0)
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, "before adaptation")
        painter.end()


class ContrastRow(QWidget, Themed):
    """What another model says to the same question, in one line."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._cells = ("", "")
        self._answer: tuple[int, str, float] | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.follow_theme()

    def show_words(self, title: str, how: str, answer: tuple[int, str, float] | None) -> None:
        """Show what is `Said`."""
        self._cells, self._answer = (title, how), answer
        said = f"{answer[1]}, {100 * answer[2]:.1f} %" if answer else "no answer yet"
        self.setAccessibleName(f"{title}, {how}: {said}")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme().px(320), theme().px(28))

    def retheme(self) -> None:
        self.setFixedHeight(theme().px(28))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        here, px, width = theme(), theme().px, self.width()
        painter = QPainter(self)
        row = Qt.AlignmentFlag.AlignVCenter
        value = px(60)
        name = px(20) + px(8) + min(px(112), width // 4)
        first = max(px(110), round((width - value - name) * 0.5))
        painter.setFont(here.font("body"))
        painter.setPen(here.colour("text"))
        self._text(painter, QRectF(0, 0, first - px(8), self.height()), self._cells[0])
        painter.setPen(here.colour("muted"))
        painter.setFont(here.font("small"))
        second = width - value - name - first
        self._text(painter, QRectF(first, 0, second - px(8), self.height()), self._cells[1])
        left = first + second
        if self._answer is not None:
            number, words, share = self._answer
            ring = QRectF(left, self.height() / 2 - px(10), px(20), px(20))
            paint_class_number(painter, ring, number + 1, number)
            painter.setPen(here.colour("text"))
            painter.setFont(here.font("body"))
            self._text(painter, QRectF(left + px(28), 0, name - px(32), self.height()), words)
            painter.setPen(here.colour("text2"))
            room = QRectF(width - value, 0, value, self.height())
            painter.drawText(room, row | Qt.AlignmentFlag.AlignRight, f"{100 * share:.1f} %")
        else:
            painter.drawText(QRectF(left, 0, name, self.height()), row, "–")
        painter.end()

    def _text(self, painter: QPainter, room: QRectF, words: str) -> None:
        metrics = QFontMetrics(painter.font())
        shown = metrics.elidedText(words, Qt.TextElideMode.ElideRight, int(room.width()))
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, shown)


class AnswerPanel(Panel):
    """The answer, or what is missing for one.

    Signals:
        acted(): the button of the missing thing was pressed.
        remedied(): the remedy of the problem was pressed.
        query_wanted(): the person pressed the picture of the query.
    """

    acted = Signal()
    remedied = Signal()
    query_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Answer", padding=0, parent=parent)
        self.badge = Badge("", tone="accent")
        self.badge.hide()
        self.add_tool(self.badge)
        self.tile = ImageTile(112, paper=True, name="What the network sees")
        self.tile.setCursor(Qt.CursorShape.PointingHandCursor)
        self.tile.setToolTip("Draw the query (Q)")
        self.tile.clicked.connect(self.query_wanted)
        self.size_words = Label("The network sees\n28 × 28", "small", "muted")
        self.bars: list[BarRow] = []
        self._names: list[str] = []
        self._compact = False
        self._marked = False
        self._after = ""
        self.empty = EmptyState("pen-tool", "")
        self.empty.acted.connect(self.acted)
        self.problem = ProblemBox()
        self.problem.remedied.connect(self.remedied)
        self.problem.hide()
        self.norm = Label("", "caption", "muted", elide=True)
        self.nearest, self.heaviest = nearest_strip(), heaviest_strip()
        self.contrasts: list[ContrastRow] = []
        self.own = ContrastRow()
        self._build()

    def _build(self) -> None:
        left = QVBoxLayout()
        left.addWidget(self.tile)
        left.addWidget(self.size_words)
        left.setSpacing(4)
        self.size_words.setAlignment(Qt.AlignmentFlag.AlignTop)
        left.addStretch(1)
        self._bar_box = QWidget()
        self._bar_column = QVBoxLayout(self._bar_box)
        self._bar_column.setContentsMargins(0, 0, 0, 0)
        self._bar_column.setSpacing(0)
        self._legend = TickLegend()
        self._bar_column.addWidget(self._legend)
        self._bar_column.addStretch(1)
        self.area = QScrollArea()
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setWidgetResizable(True)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.area.setWidget(self._bar_box)
        self.area.viewport().setAutoFillBackground(False)
        self._bar_box.setAutoFillBackground(False)
        self._main = QHBoxLayout()
        self._main.addLayout(left)
        self._main.addWidget(self.area, 1)
        self._main.addWidget(self.empty, 1)
        self._foot_box = QWidget()
        self._foot_column = QVBoxLayout(self._foot_box)
        self._foot_column.addWidget(self.own)
        self._foot_column.addWidget(self.norm)
        self._rule = Rule()
        self._under_box = QWidget()
        self._under = QVBoxLayout(self._under_box)
        for strip in (self.heaviest, self.nearest):
            self._under.addWidget(strip)
        self.body.addLayout(self._main, 1)
        self.body.addWidget(self._under_box)
        self.body.addWidget(self.problem)
        self.body.addWidget(self._rule)
        self.body.addWidget(self._foot_box)
        self.retheme()
        self.show_missing("pen-tool", "")

    def retheme(self) -> None:
        super().retheme()
        if hasattr(self, "_main"):
            px = theme().px
            self._main.setContentsMargins(px(16), px(12), px(16), px(8))
            self._main.setSpacing(px(20))
            self._under.setContentsMargins(px(16), 0, px(16), 0)
            self._foot_column.setContentsMargins(px(16), px(6), px(16), px(8))
            self._foot_column.setSpacing(0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_names()

    def set_marking(self, buttons: QWidget, row: QWidget) -> None:
        """Let the person say whether the answer is right: by buttons in the head, and a row that
        stands in the place of the nearest examples once it is said."""
        self.add_tool(buttons)
        self._under.addWidget(row)

    @Slot(bool)
    def show_marked(self, marked: bool) -> None:
        """Whether the row is shown."""
        self._marked = marked
        self.nearest.setVisible(bool(self.nearest.examples) and not marked)

    def set_compact(self, compact: bool) -> None:
        """Leave the place in the inner loop to the slider below."""
        self._compact = compact
        self.set_muted("" if compact or self.area.isHidden() else self._after)

    def show_picture(self, pixels: NDArray[np.uint8] | None, size: int) -> None:
        """What the network is given, (H, W) or (H, W, 3) uint8."""
        self.tile.set_image(pixels)
        self.size_words.setText(f"The network sees\n{size} × {size}")

    def show_missing(self, icon: str, sentence: str, button: str = "") -> None:
        """Say what is missing for an answer, in place of the bars."""
        self.empty.set(icon, sentence, button)
        self._show_bars(False)
        self.badge.hide()

    def show_problem(self, message: str, hint: str = "", remedy: str = "") -> None:
        """Say what is wrong; an empty message takes it away."""
        self.problem.set(message, hint, remedy)
        self.problem.setVisible(bool(message))

    def show_answer(self, answer: Answer, board: Board, moment: int) -> None:
        """Show the bars at a moment of the inner loop."""
        self._make_bars(board)
        best, share = answer.best(moment)
        for row, bar in enumerate(self.bars):
            before = answer.of_row(row, 0) if answer.has_loop else None
            bar.set(answer.of_row(row, moment), before, row == best)
        self.badge.set(f"{_short(board.classes[best].name)}, {100 * share:.1f} %")
        self.badge.show()
        self._legend.setVisible(answer.has_loop)
        self.heaviest.show_examples(answer, board, answer.heaviest(MOST))
        self.nearest.show_examples(answer, board, answer.nearest(MOST))
        self.show_marked(self._marked)
        self._after = after_words(answer, moment)
        self.set_muted("" if self._compact else self._after)
        self.norm.setVisible(bool(answer.normalisation))
        self.norm.setText(f"{answer.normalisation[:1].upper()}{answer.normalisation[1:]}")
        self._show_bars(True)

    def show_own(self, title: str, how: str, answer: tuple[int, str, float]) -> None:
        """The answer in one line. `answer`: row of the board, its name, its probability."""
        self.own.show_words(title, how, answer)

    def show_contrasts(self, said: Sequence[Said]) -> None:
        """The same of other models, a line for each."""
        while len(self.contrasts) > len(said):
            gone = self.contrasts.pop()
            self._foot_column.removeWidget(gone)
            gone.hide()
            gone.deleteLater()
        while len(self.contrasts) < len(said):
            row = ContrastRow()
            self._foot_column.insertWidget(1 + len(self.contrasts), row)  # below the own answer
            self.contrasts.append(row)
        for row, words in zip(self.contrasts, said, strict=True):
            row.show_words(*words)

    def _make_bars(self, board: Board) -> None:
        while len(self.bars) > len(board.classes):
            gone = self.bars.pop()
            self._bar_column.removeWidget(gone)
            gone.hide()
            gone.deleteLater()
        while len(self.bars) < len(board.classes):
            bar = BarRow(len(self.bars) + 1)
            self._bar_column.insertWidget(len(self.bars), bar)
            self.bars.append(bar)
        for card, bar in zip(board.classes, self.bars, strict=True):
            bar.set_name(card.name)
            bar.setVisible(bool(card.drawn))
        shown = [bar for bar, card in zip(self.bars, board.classes, strict=True) if card.drawn]
        high = sum(bar.sizeHint().height() for bar in shown[:IN_VIEW])
        self.area.setMinimumHeight(high + self._legend.height())
        self._names = [card.name for card in board.classes]
        self._fit_names()

    def _fit_names(self) -> None:
        """Names as wide as the longest, if there is room for bars beside them."""
        metrics = QFontMetrics(theme().font("strong"))
        scale = theme().scale / 100
        widest = max((metrics.horizontalAdvance(name) for name in self._names), default=0)
        room = round(self.area.viewport().width() / scale) - BAR_ROOM
        width = min(max(round(widest / scale) + 4, 40), max(room, 40), 120)
        for bar in self.bars:
            bar.set_name_width(width)

    def _show_bars(self, shown: bool) -> None:
        self.area.setVisible(shown)
        self.empty.setVisible(not shown)
        self._rule.setVisible(shown)
        self._foot_box.setVisible(shown)
        self._under_box.setVisible(shown)
        if not shown:
            self.set_muted("")


def after_words(answer: Answer, moment: int) -> str:
    """Where in the inner loop: "after 5 inner steps"."""
    step = answer.steps[moment]
    if not answer.has_loop:
        return "without an inner loop"
    if step == 0:
        return "before adaptation"
    return f"after {step} inner step{'' if step == 1 else 's'}"


def _short(name: str) -> str:
    return name if len(name) <= 18 else f"{name[:17]}…"
