"""What is painted under and over the curves: grid and future below; labels, crosshair and read-out
above.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPen

from workbench.app.theme import theme

Corner = Qt.AlignmentFlag


@dataclass(frozen=True)
class EndLabel:
    """Name and last value of a curve, wished for at (x, y) in px."""

    x: float
    y: float
    text: str
    colour: QColor


@dataclass(frozen=True)
class Reading:
    """A row of the read-out."""

    name: str
    value: str
    colour: QColor | None  # None makes it a heading


def label_width(text: str) -> int:
    """Room that an end label takes."""
    return QFontMetrics(theme().font("captionstrong")).horizontalAdvance(text) + theme().px(24)


def placed(labels: Sequence[EndLabel], top: float, bottom: float, line: float) -> list[EndLabel]:
    """The labels moved up and down until none covers another, all between `top` and `bottom`."""
    done: list[EndLabel] = []
    for label in sorted(labels, key=lambda item: item.y):
        above = [other.y + line for other in done if _meet(other, label)]
        done.append(replace(label, y=max([label.y, top + line / 2, *above])))
    # What went past the bottom goes up again, and pushes the others.
    for i in range(len(done) - 1, -1, -1):
        below = [other.y - line for other in done[i + 1 :] if _meet(other, done[i])]
        done[i] = replace(done[i], y=min([done[i].y, bottom - line / 2, *below]))
    return done


def _meet(one: EndLabel, other: EndLabel) -> bool:
    """Whether two labels have any x in common."""
    return one.x <= other.x + label_width(other.text) and other.x <= one.x + label_width(one.text)


def paint_labels(painter: QPainter, labels: Sequence[EndLabel], view: QRectF, right: float) -> None:
    """Paint the labels beside or in `view`; what does not fit before `right` loses its middle."""
    here, px = theme(), theme().px
    painter.setFont(here.font("captionstrong"))
    for label in placed(labels, view.top(), view.bottom(), px(18)):
        side = px(8)
        # A veil, so that curves which go on behind a label do not cross its letters.
        veil = QRectF(label.x - px(4), label.y - px(8), label_width(label.text), px(16))
        painter.fillRect(veil, here.colour("panel", 0.8))
        painter.fillRect(QRectF(label.x, round(label.y - side / 2), side, side), label.colour)
        painter.setPen(here.colour("text"))
        left = label.x + side + px(6)
        room = QRectF(left, label.y - px(10), max(0.0, right - left - 2), px(20))
        text = painter.fontMetrics().elidedText(
            label.text, Qt.TextElideMode.ElideMiddle, int(room.width())
        )
        painter.drawText(room, Corner.AlignVCenter | Corner.AlignLeft, text)


def paint_grid(
    painter: QPainter, view: QRectF, columns: Sequence[float], rows: Sequence[float]
) -> None:
    """Lines of 1 px at these px positions."""
    colour = theme().colour("grid")
    for x in columns:
        painter.fillRect(QRectF(round(x), view.top(), 1, view.height()), colour)
    for y in rows:
        painter.fillRect(QRectF(view.left(), round(y), view.width(), 1), colour)


def paint_future(painter: QPainter, view: QRectF, start: float, text: str) -> None:
    """Shade everything right of `start` px, and draw the line where it begins."""
    left = max(start, view.left())
    if left >= view.right():
        return
    room = QRectF(left, view.top(), view.right() - left, view.height())
    painter.fillRect(room, theme().colour("inset"))
    if start >= view.left():
        painter.fillRect(QRectF(round(start), view.top(), 1, view.height()), theme().colour("ctl"))
    if text:
        painter.setFont(theme().font("caption"))
        painter.setPen(theme().colour("text2"))
        room.setLeft(view.left())
        room.adjust(0, 0, -theme().px(8), -theme().px(4))
        painter.drawText(room, Corner.AlignRight | Corner.AlignBottom, text)


def paint_chance(painter: QPainter, view: QRectF, y: float, text: str, future: float) -> None:
    """A dashed line across, and its name under it: at the right, in the `future` px that no curve
    has reached; without room there at the left, where curves have left it soon."""
    if not view.top() <= y <= view.bottom():
        return
    painter.setPen(_dashed(theme().colour("text2")))
    painter.drawLine(QPointF(view.left(), round(y)), QPointF(view.right(), round(y)))
    painter.setFont(theme().font("captionstrong"))
    painter.setPen(theme().colour("text2"))
    below = y + theme().px(18) < view.bottom()
    top = y + theme().px(2) if below else y - theme().px(18)
    room = QRectF(view.left(), top, view.width(), theme().px(16))
    room.adjust(theme().px(8), 0, -theme().px(2), 0)
    # Above the line they begin at the left.
    left = below and future < label_width(text)
    side = Corner.AlignLeft if left else Corner.AlignRight
    painter.drawText(room, side | Corner.AlignVCenter, text)


def paint_crosshair(
    painter: QPainter, view: QRectF, x: float, marks: Sequence[tuple[float, QColor]]
) -> None:
    """A dashed line at `x` px with a dot on each curve; marks are (y in px, colour)."""
    if not view.left() <= x <= view.right():
        return
    painter.setPen(_dashed(theme().colour("text")))
    painter.drawLine(QPointF(round(x), view.top()), QPointF(round(x), view.bottom()))
    side = theme().px(8)
    for y, colour in marks:
        if view.top() - side <= y <= view.bottom() + side:
            painter.fillRect(QRectF(round(x) - side / 2, round(y) - side / 2, side, side), colour)


def paint_readout(
    painter: QPainter, room: QRectF, x: float, y: float, title: str, rows: Sequence[Reading]
) -> None:
    """A box with the values at the crosshair, beside (x, y) px and inside `room`."""
    here, px = theme(), theme().px
    plain, strong = here.font("caption"), here.font("captionstrong")
    strong.setWeight(strong.Weight.DemiBold)
    names = max((QFontMetrics(plain).horizontalAdvance(r.name) for r in rows), default=0)
    values = max((QFontMetrics(strong).horizontalAdvance(r.value) for r in rows), default=0)
    width = max(
        px(12 + 14) + names + px(20) + values + px(12),
        px(24) + QFontMetrics(strong).horizontalAdvance(title),
    )
    height = px(8) + px(20) + len(rows) * px(18) + px(8)
    left = x + px(10) if x + px(10) + width <= room.right() else x - px(10) - width
    left = max(left, room.left())
    top = min(max(y - height / 2, room.top()), room.bottom() - height)
    box = QRectF(round(left), round(top), width, height)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    painter.setPen(here.colour("ctl"))
    painter.setBrush(here.colour("panel"))
    painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), px(4), px(4))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    line = QRectF(box.left() + px(12), box.top() + px(8), width - px(24), px(20))
    painter.setFont(strong)
    painter.setPen(here.colour("text"))
    painter.drawText(line, Corner.AlignVCenter | Corner.AlignLeft, title)
    line = QRectF(line.left(), line.bottom(), line.width(), px(18))
    for row in rows:
        indent = 0
        if row.colour is not None:
            square = QRectF(line.left(), round(line.center().y() - px(4)), px(8), px(8))
            painter.fillRect(square, row.colour)
            indent = px(14)
        painter.setFont(plain)
        painter.setPen(here.colour("text2" if indent else "muted"))
        words = line.adjusted(indent, 0, 0, 0)
        painter.drawText(words, Corner.AlignVCenter | Corner.AlignLeft, row.name)
        painter.setFont(strong)
        painter.setPen(here.colour("text"))
        painter.drawText(line, Corner.AlignVCenter | Corner.AlignRight, row.value)
        line.translate(0, px(18))


def _dashed(colour: QColor) -> QPen:
    pen = QPen(colour, 1)
    pen.setDashPattern([4, 4])
    return pen
