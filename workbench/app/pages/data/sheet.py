"""One task on a sheet: support above, queries below, each image as the network gets it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from workbench.app.pages.data.view import as_pictures
from workbench.app.theme import Themed, theme
from workbench.app.widgets.tiles import paint_tile, tinted

_LABELS = 71  # px of the column that names the two halves
_GAP = 6
_CAPTION = 20
_SMALLEST, _CLEAR, _LARGEST = 28, 44, 54  # px: to be seen at all, to be seen well, at most


@dataclass(frozen=True)
class _Half:
    title: str
    images: NDArray[np.uint8]  # (M, H, W), or (M, H, W, 3) in colour
    classes: tuple[int, ...]
    total: int


@dataclass(frozen=True)
class _Place:
    rect: QRect
    half: int
    index: int


class TaskSheet(QWidget, Themed):
    """Shows as many examples as fit, in columns of equal tiles; a tooltip names the class."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._halves: tuple[_Half, ...] = ()
        self._names: tuple[str, ...] = ()
        self._n_way = 1
        self._places: list[_Place] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.follow_theme()

    def set_task(
        self,
        support: tuple[NDArray[Any], NDArray[Any]],
        query: tuple[NDArray[Any], NDArray[Any]],
        names: Sequence[str],
        seed: Sequence[int] = (0,),
    ) -> None:
        """Show a task.

        Args:
            support, query: uint8 images (M, C, H, W) and their class numbers (M,).
            names: of classes 0 … N-1.
            seed: decides the order of the queries, so that their places do not tell their classes.
        """
        self._n_way = max(len(names), 1)
        self._names = tuple(names)
        self._halves = (
            _half("Support", *support, by_shot(support[1])),
            _half("Query", *query, by_shot(query[1], seed)),
        )
        self.setAccessibleName(
            f"Task of {len(names)} classes: {', '.join(names)}; "
            f"{len(support[1])} support and {len(query[1])} query images"
        )
        self._lay_out()

    def clear(self) -> None:
        self._halves, self._places = (), []
        self.update()

    def shown(self) -> int:
        """How many images are in view."""
        return len(self._places)

    def retheme(self) -> None:
        self._lay_out()

    def sizeHint(self) -> QSize:
        px = theme().px
        return QSize(px(360), px(290))

    def minimumSizeHint(self) -> QSize:
        px = theme().px
        return QSize(px(250), 2 * px(_SMALLEST + _CAPTION) + px(17))

    def resizeEvent(self, event: QEvent) -> None:
        self._lay_out()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            place = next((p for p in self._places if p.rect.contains(event.pos())), None)
            if place is not None:
                number = self._halves[place.half].classes[place.index]
                QToolTip.showText(event.globalPos(), f"{number + 1}: {self._names[number]}", self)
                return True
        return super().event(event)

    def _lay_out(self) -> None:
        """Places of the tiles: the support gets the rows it needs, but never the queries' only
        one."""
        px = theme().px
        self._places = []
        room = self.width() - px(_LABELS)
        if not self._halves or room < px(_SMALLEST):
            self.update()
            return
        columns = min(self._n_way, max(1, (room + px(_GAP)) // px(_SMALLEST + _GAP)))
        columns = max(columns, min(5, room // px(_LARGEST + _GAP)))
        side = min(px(_LARGEST), (room + px(_GAP)) // columns - px(_GAP))
        needed = sum(-(-len(half.classes) // columns) for half in self._halves)
        side, rows = self._fit(side, needed)
        wanted = -(-len(self._halves[0].classes) // columns)
        support = max(1, min(wanted, rows - 1))
        top = self._put(0, 0, support, columns, side)
        self._put(1, top + px(17), max(rows - support, 1), columns, side)
        self.update()

    def _fit(self, largest: int, needed: int) -> tuple[int, int]:
        """Side of the tiles and how many rows fit: three rows before two, as long as tiles stay
        clear."""
        px = theme().px
        room = self.height() - px(17)
        for wanted, smallest in ((3, _CLEAR), (2, _SMALLEST)):
            side = min(largest, room // min(wanted, needed) - px(_CAPTION))
            if side >= px(smallest):
                return side, room // (side + px(_CAPTION))
        side = min(largest, px(_SMALLEST))
        return side, max(room // (side + px(_CAPTION)), 2)

    def _put(self, half: int, top: int, rows: int, columns: int, side: int) -> int:
        px = theme().px
        count = min(len(self._halves[half].classes), rows * columns)
        for index in range(count):
            row, column = divmod(index, columns)
            x = px(_LABELS) + column * (side + px(_GAP))
            y = top + row * (side + px(_CAPTION))
            self._places.append(_Place(QRect(x, y, side, side), half, index))
        return top + -(-count // columns) * (side + px(_CAPTION))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        for place in self._places:
            half = self._halves[place.half]
            number = half.classes[place.index]
            self._paint_tile(painter, place.rect, half.images[place.index])
            self._paint_caption(painter, place.rect, number)
        for number, half in enumerate(self._halves):
            self._paint_label(painter, number, half)
        painter.end()

    def _paint_label(self, painter: QPainter, number: int, half: _Half) -> None:
        here = theme()
        mine = [place.rect for place in self._places if place.half == number]
        if not mine:
            return
        top, room = mine[0].top(), here.px(_LABELS - 4)
        if number:
            painter.setPen(here.colour("border"))
            painter.drawLine(0, top - here.px(9), self.width(), top - here.px(9))
        painter.setPen(here.colour("text"))
        painter.setFont(here.font("smallstrong"))
        painter.drawText(QRectF(0, top, room, here.px(16)), Qt.AlignmentFlag.AlignLeft, half.title)
        painter.setPen(here.colour("muted"))
        painter.setFont(here.font("caption"))
        whole = len(mine) == half.total
        words = (
            f"{half.total} image{'s' if half.total != 1 else ''}"
            if whole
            else f"{len(mine)} of {half.total}"
        )
        painter.drawText(
            QRectF(0, top + here.px(17), room, here.px(16)), Qt.AlignmentFlag.AlignLeft, words
        )

    def _paint_tile(self, painter: QPainter, box: QRect, image: NDArray[np.uint8]) -> None:
        # Pixels stay squares of one size: this is what the network gets, not what looks best.
        paint_tile(painter, box, tinted(image.repeat(4, axis=0).repeat(4, axis=1)))

    def _paint_caption(self, painter: QPainter, rect: QRect, number: int) -> None:
        here = theme()
        words = str(number + 1)
        painter.setFont(here.font("caption"))
        width = here.px(8 + 4) + painter.fontMetrics().horizontalAdvance(words)
        left = rect.center().x() - width / 2 + 1
        middle = rect.bottom() + here.px(10)
        painter.fillRect(
            QRectF(left, middle - here.px(4), here.px(8), here.px(8)), here.series(number % 5)
        )
        painter.setPen(here.colour("text2"))
        painter.drawText(QPointF(left + here.px(12), middle + here.px(4)), words)


def by_shot(classes: NDArray[Any], seed: Sequence[int] | None = None) -> NDArray[np.int64]:
    """An order that takes one example of each class in turn, so that a cut leaves no class out;
    with a seed, each turn is shuffled.

    >>> by_shot(np.array([0, 0, 1, 1])).tolist()
    [0, 2, 1, 3]
    """
    turn = np.zeros(len(classes), np.int64)
    for number in np.unique(classes):
        mine = classes == number
        turn[mine] = np.arange(mine.sum())
    within = classes if seed is None else np.random.default_rng(seed).permutation(len(classes))
    return np.lexsort((within, turn))


def _half(
    title: str, images: NDArray[Any], classes: NDArray[Any], order: NDArray[np.int64]
) -> _Half:
    return _Half(title, as_pictures(images[order]), tuple(classes[order].tolist()), len(classes))
