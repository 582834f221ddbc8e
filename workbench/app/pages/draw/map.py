"""The embedding map: where support and query lie for the model, on a plane."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from workbench.app.canvas import Board
from workbench.app.canvas.layers import thumbnail
from workbench.app.canvas.sheet import Sheet
from workbench.app.pages.draw.answer import Answer
from workbench.app.theme import Themed, theme
from workbench.app.widgets.series import paint_class_number

TILE, RING, FOOT = 30, 16, 14
SMALL_TILE, SMALL_RING = 20, 12
MANY, LOW = 12, 144  # from so many examples on, or up to so few px of height, they are small
AXES = "first two principal axes"


class EmbeddingMap(QWidget, Themed):
    """Support examples as tiles, the query as a diamond, its way after each stroke as a line."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._answer: Answer | None = None
        self._sheets: list[Sheet] = []
        self._points: NDArray[np.float64] | None = None  # (S + Q, 2)
        self.words = AXES
        self._pen_width = 5.0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Embedding map")
        self.follow_theme()

    def show_answer(
        self,
        answer: Answer | None,
        board: Board,
        places: NDArray[np.float64] | None = None,
        words: str = AXES,
    ) -> None:
        """Show where things lie.

        Args:
            places: (S + Q, 2) in place of the answer's own.
            words: at the foot: what the plane is.
        """
        self._answer, self._pen_width, self.words = answer, board.pen_width, words
        self._points = _own_places(answer) if places is None else places
        if answer is not None:
            self._sheets = [sheet for row in answer.rows for sheet in board.classes[row].drawn]
            self._describe(answer, board)
        self.update()

    def minimumSizeHint(self) -> QSize:
        return QSize(theme().px(200), theme().px(72))

    def retheme(self) -> None:
        self.update()

    def _describe(self, answer: Answer, board: Board) -> None:
        if self._points is None or not len(answer.labels):
            return
        apart = np.hypot(*(self._points[: len(answer.labels)] - self._points[-1]).T)
        nearest = answer.labels[int(apart.argmin())]
        self.setAccessibleDescription(f"the query lies nearest to {board.classes[nearest].name}")

    def paintEvent(self, event: QPaintEvent) -> None:
        answer = self._answer
        if answer is None or self._points is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        places = self._places(self._points)
        count = len(answer.labels)
        self._paint_axes(painter)
        for place, row, sheet in zip(places[:count], answer.labels, self._sheets, strict=False):
            self._paint_tile(painter, place, row, sheet)
        self._paint_way(painter, places[count:])
        painter.end()

    def _places(self, points: NDArray[np.float64]) -> list[QPointF]:
        """Points of the plane in px: the same scale on both axes of the principal plane; t-SNE,
        whose far distances mean little, may fill the room."""
        side, ring = self._sizes()
        margin = np.array([theme().px(40), (side + ring) // 2 + theme().px(2)])
        low, high = points.min(axis=0), points.max(axis=0)
        foot = theme().px(FOOT)  # of the words below
        room = np.maximum(np.array([self.width(), self.height() - foot]) - 2 * margin, 1)
        scale = room / np.maximum(high - low, 1e-9)
        if self.words == AXES:
            scale = np.full(2, scale.min())
        middle = (low + high) / 2
        return [
            QPointF(
                self.width() / 2 + float((x - middle[0]) * scale[0]),
                (self.height() - foot) / 2 - float((y - middle[1]) * scale[1]),
            )
            for x, y in points
        ]

    def _sizes(self) -> tuple[int, int]:
        """Sides of a tile and of the ring of its class, in px."""
        many = self._answer is not None and len(self._answer.labels) > MANY
        small = many or self.height() <= theme().px(LOW)
        tile, ring = (SMALL_TILE, SMALL_RING) if small else (TILE, RING)
        return theme().px(tile), theme().px(ring)

    def _paint_axes(self, painter: QPainter) -> None:
        here, px = theme(), theme().px
        painter.setPen(here.colour("muted"))
        painter.setFont(here.font("caption"))
        room = self.rect().adjusted(px(12), 0, -px(12), -px(4))
        foot = Qt.AlignmentFlag.AlignBottom
        painter.drawText(room, foot | Qt.AlignmentFlag.AlignLeft, self.words)

    def _paint_tile(self, painter: QPainter, place: QPointF, row: int, sheet: Sheet) -> None:
        here, px = theme(), theme().px
        side, ring = self._sizes()
        box = QRectF(place.x() - side / 2, place.y() - side / 2, side, side)
        painter.setPen(QPen(here.series(row), 1.5))
        painter.setBrush(here.colour("tile"))
        painter.drawRoundedRect(box, px(3), px(3))
        inside = side - px(6)
        picture = thumbnail(sheet, inside, self.devicePixelRatioF(), self._pen_width)
        painter.drawPixmap(box.topLeft() + QPointF(px(3), px(3)), picture)
        corner = QRectF(box.left() - ring / 2, box.top() - ring / 2, ring, ring)
        paint_class_number(painter, corner, row + 1, row)

    def _paint_way(self, painter: QPainter, places: list[QPointF]) -> None:
        here, px = theme(), theme().px
        painter.setPen(QPen(here.colour("text2"), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolyline(QPolygonF(places))
        painter.setBrush(here.colour("panel"))
        for place in places[:-1]:
            painter.drawEllipse(place, px(3), px(3))
        last, half = places[-1], px(7)
        painter.setPen(QPen(here.colour("panel"), 1.5))
        painter.setBrush(here.colour("text"))
        corners = ((0, -half), (half, 0), (0, half), (-half, 0))
        painter.drawPolygon(QPolygonF([last + QPointF(x, y) for x, y in corners]))
        painter.setPen(here.colour("text"))
        painter.setFont(here.font("captionstrong"))
        words = painter.fontMetrics().horizontalAdvance("query")
        right = last.x() + half + px(4) + words < self.width()
        x = last.x() + half + px(4) if right else last.x() - half - px(4) - words
        painter.drawText(QPointF(x, last.y() + px(4)), "query")


def _own_places(answer: Answer | None) -> NDArray[np.float64] | None:
    if answer is None or answer.support_map is None or answer.query_map is None:
        return None
    return np.concatenate((answer.support_map, answer.query_map))
