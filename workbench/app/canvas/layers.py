"""What lies on the paper, as pictures: the sheet with grid and onion skin, and the ink on it."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPen, QPixmap

from workbench import ink
from workbench.app.canvas.sheet import Image, Sheet
from workbench.app.theme import theme
from workbench.ink import Stroke

GRID = 8  # fields a side, the middle lines stronger


def nib(colour: QColor, width: float) -> QPen:
    """The round pen."""
    return QPen(
        colour,
        width,
        Qt.PenStyle.SolidLine,
        Qt.PenCapStyle.RoundCap,
        Qt.PenJoinStyle.RoundJoin,
    )


def blank(side: int, density: float) -> QPixmap:
    """A clear picture of `side` px."""
    picture = QPixmap(max(1, round(side * density)), max(1, round(side * density)))
    picture.setDevicePixelRatio(density)
    picture.fill(Qt.GlobalColor.transparent)
    return picture


def curve(points: Sequence[QPointF]) -> QPainterPath:
    """A smooth line: through the middles between the points, with the points as handles."""
    path = QPainterPath(points[0])
    for before, here in itertools.pairwise(points[1:]):
        path.quadTo(before, (before + here) / 2)
    path.lineTo(points[-1])
    return path


def paint_stroke(painter: QPainter, stroke: Stroke, side: float, pen: QPen) -> None:
    """Paint a stroke on a sheet of `side` px."""
    points = [QPointF(float(x) * side, float(y) * side) for x, y in stroke]
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if len(points) == 1:
        painter.drawPoint(points[0])
    elif points:
        painter.drawPath(curve(points))


def paint_sheet(
    painter: QPainter, sheet: Sheet, side: float, pen_width: float, colour: QColor
) -> None:
    """Paint what lies on a sheet: its strokes, or its image."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    if sheet.image is not None:
        painter.drawImage(QRectF(0, 0, side, side), stencil(sheet.image, colour))
    pen = nib(colour, pen_width / ink.CANVAS * side)
    for stroke in sheet.strokes:
        paint_stroke(painter, stroke, side, pen)


def stencil(image: Image, colour: QColor) -> QImage:
    """An image whose ink has one colour and whose ground is clear."""
    height, width = image.shape
    pixels = np.empty((height, width, 4), np.uint8)
    pixels[..., 0], pixels[..., 1], pixels[..., 2] = colour.red(), colour.green(), colour.blue()
    pixels[..., 3] = image
    made = QImage(pixels.tobytes(), width, height, width * 4, QImage.Format.Format_RGBA8888)
    return made.copy()  # the bytes above do not outlive this call


def ground(side: int, density: float, grid: bool, onion: Sheet | None, pen_width: float) -> QPixmap:
    """The sheet before anything is drawn on it."""
    here = theme()
    picture = blank(side, density)
    picture.fill(here.colour("tile"))
    painter = QPainter(picture)
    if grid:
        paint_grid(painter, side)
    if onion is not None:
        paint_sheet(painter, onion, side, pen_width, here.colour("onion"))
    painter.end()
    return picture


def paint_grid(painter: QPainter, side: int) -> None:
    here = theme()
    for line in range(1, GRID):
        middle = line == GRID // 2
        painter.setPen(QPen(here.colour("border"), 2 if middle else 1))
        at = round(line * side / GRID) + (0 if middle else 0.5)
        painter.drawLine(QPointF(at, 0), QPointF(at, side))
        painter.drawLine(QPointF(0, at), QPointF(side, at))


def thumbnail(sheet: Sheet, side: int, density: float, pen_width: float) -> QPixmap:
    """A sheet in the size of a tile."""
    picture = blank(side, density)
    if not sheet.empty:
        painter = QPainter(picture)
        # No hairlines: on a small tile a thin pen would vanish.
        width = max(pen_width, 1.6 * ink.CANVAS / max(side, 1))
        paint_sheet(painter, sheet, side, width, theme().colour("ink"))
        painter.end()
    return picture


def part(picture: QPixmap, rect: QRect) -> QRectF:
    """The part of a kept picture that belongs to `rect` in px."""
    density = picture.devicePixelRatio()
    return QRectF(
        rect.x() * density, rect.y() * density, rect.width() * density, rect.height() * density
    )
