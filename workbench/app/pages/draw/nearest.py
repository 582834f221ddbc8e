"""The support examples that lie nearest to the query for the model, as pictures."""

from __future__ import annotations

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
TIP = "Examples by their distance from the query, in the features that the model compares"


class NearestStrip(QWidget, Themed):
    """The nearest first, each with its distance; as many as there is room for."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._near: list[tuple[Sheet, int, str, float]] = []
        self._pen_width = 5.0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Nearest examples")
        self.follow_theme()

    @property
    def near(self) -> list[tuple[int, float]]:
        """Board row and distance of each that is shown."""
        return [(row, apart) for _, row, _, apart in self._near]

    def show_answer(self, answer: Answer, board: Board) -> None:
        """Show what is nearest now; a method without features leaves no strip."""
        drawn = [sheet for row in answer.rows for sheet in board.classes[row].drawn]
        self._pen_width = board.pen_width
        self._near = [
            (drawn[index], answer.labels[index], board.classes[answer.labels[index]].name, apart)
            for index, apart in answer.nearest(MOST)
            if index < len(drawn)
        ]
        self.setVisible(bool(self._near))
        said = [f"{name} at {distance_words(apart)}" for _, _, name, apart in self._near]
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
            words = TIP
            if 0 <= place < len(self._near):
                _, _, name, apart = self._near[place]
                words = f"{name}, {distance_words(apart)} away"
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
        painter.drawText(QRectF(0, 0, px(WORDS), self.height()), middle, "Nearest examples")
        room = (self.width() - px(WORDS)) // px(PITCH)
        for place, one in enumerate(self._near[: max(room, 1)]):
            self._paint(painter, px(WORDS) + place * px(PITCH), *one)
        painter.end()

    def _paint(
        self, painter: QPainter, left: int, sheet: Sheet, row: int, _name: str, apart: float
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
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, distance_words(apart))


def distance_words(apart: float) -> str:
    """Three figures of a distance, whatever its scale."""
    if 0.01 <= apart < 99.95:
        return f"{apart:#.3g}"
    return f"{apart:.0f}" if apart == 0 or 99 < apart < 10_000 else f"{apart:.1e}"
