"""Support examples that are singled out by a number, as pictures: those nearest to the query, or
those that counted most."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QHelpEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from workbench.app.canvas import Board
from workbench.app.canvas.layers import thumbnail
from workbench.app.canvas.sheet import Sheet
from workbench.app.pages.draw.answer import Answer
from workbench.app.theme import Themed, theme
from workbench.app.widgets.series import paint_class_number

TILE, RING, PITCH, HEIGHT, WORDS = 32, 14, 88, 40, 112
MOST = 5


class ExampleStrip(QWidget, Themed):
    """Pictures in a row, each with its number; as many as there is room for.

    Args:
        title: that stands before them.
        tip: what the numbers are.
        said: a number in words for the eye, and for a sentence.
    """

    def __init__(self, title: str, tip: str, said: Callable[[float], tuple[str, str]]) -> None:
        super().__init__()
        self._title, self._tip, self._said = title, tip, said
        self._shown: list[tuple[Sheet, int, str, float]] = []
        self._pen_width = 5.0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(title)
        self.follow_theme()

    @property
    def examples(self) -> list[tuple[int, float]]:
        """Board row and number of each that is shown."""
        return [(row, value) for _, row, _, value in self._shown]

    def show_examples(
        self, answer: Answer, board: Board, found: Sequence[tuple[int, float]]
    ) -> None:
        """Show some examples of the board that was answered, by their place in its support set;
        none leave no strip."""
        drawn = [sheet for row in answer.rows for sheet in board.classes[row].drawn]
        self._pen_width = board.pen_width
        self._shown = [
            (drawn[index], answer.labels[index], board.classes[answer.labels[index]].name, value)
            for index, value in found
            if index < len(drawn)
        ]
        self.setVisible(bool(self._shown))
        said = [f"{name} {self._said(value)[1]}" for _, _, name, value in self._shown]
        self.setAccessibleDescription(", ".join(said))
        self.update()

    def retheme(self) -> None:
        self.setFixedHeight(theme().px(HEIGHT))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme().px(WORDS + 3 * PITCH), theme().px(HEIGHT))

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            place = int((event.pos().x() - theme().px(WORDS)) // theme().px(PITCH))
            words = self._tip
            if 0 <= place < len(self._shown):
                _, _, name, value = self._shown[place]
                words = f"{name} {self._said(value)[1]}"
            QToolTip.showText(event.globalPos(), words, self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        here, px = theme(), theme().px
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(here.font("small"))
        painter.setPen(here.colour("muted"))
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(QRectF(0, 0, px(WORDS), self.height()), middle, self._title)
        room = (self.width() - px(WORDS)) // px(PITCH)
        for place, one in enumerate(self._shown[: max(room, 1)]):
            self._paint(painter, px(WORDS) + place * px(PITCH), *one)
        painter.end()

    def _paint(
        self, painter: QPainter, left: int, sheet: Sheet, row: int, _name: str, value: float
    ) -> None:
        here, px = theme(), theme().px
        side = px(TILE)
        box = QRectF(left + px(RING) / 2, (self.height() - side) / 2, side, side)
        painter.setPen(QPen(here.series(row), 1.5))
        painter.setBrush(here.colour("tile"))
        painter.drawRoundedRect(box, px(3), px(3))
        inside = side - px(6)
        picture = thumbnail(sheet, inside, self.devicePixelRatioF(), self._pen_width)
        painter.drawPixmap(round(box.left()) + px(3), round(box.top()) + px(3), picture)
        ring = px(RING)
        corner = QRectF(box.left() - ring / 2, box.top() - ring / 4, ring, ring)
        paint_class_number(painter, corner, row + 1, row)
        painter.setFont(here.font("small"))
        painter.setPen(here.colour("text2"))
        words = QRectF(box.right() + px(6), 0, px(PITCH - TILE - RING), self.height())
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, self._said(value)[0])


def nearest_strip() -> ExampleStrip:
    """Of the examples nearest to the query."""
    return ExampleStrip(
        "Nearest examples",
        "Examples by their distance from the query, in the features that the model compares",
        lambda apart: (distance_words(apart), f"at {distance_words(apart)}"),
    )


def heaviest_strip() -> ExampleStrip:
    """Of the examples that counted most."""
    return ExampleStrip(
        "Counted most",
        "Examples by how much the inner loop learned from them: 1 is as much as on average",
        lambda weight: (f"{weight:.2f}", f"counted {weight:.2f} times"),
    )


def distance_words(apart: float) -> str:
    """Three figures of a distance, whatever its scale."""
    if 0.01 <= apart < 99.95:
        return f"{apart:#.3g}"
    return f"{apart:.0f}" if apart == 0 or 99 < apart < 10_000 else f"{apart:.1e}"
