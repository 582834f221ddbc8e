"""What lies on the paper, as pictures: the sheet with grid and onion skin, and the ink on it."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Sequence

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
    points = [QPointF(float(x) * side, float(y) * side) for x, y in stroke[:, :2]]
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if len(points) == 1:
        painter.setPen(pressed(pen, float(stroke[0, 2])) if stroke.shape[1] == 3 else pen)
        painter.drawPoint(points[0])
    elif points and stroke.shape[1] == 3:
        paint_pieces(painter, bends(points, stroke[:, 2].tolist()), pen)
    elif points:
        painter.drawPath(curve(points))


def paint_pieces(
    painter: QPainter, pieces: Iterable[tuple[QPainterPath, float]], pen: QPen
) -> None:
    """Paint pieces of a stroke, each so many times as wide as the pen."""
    for path, width in pieces:
        painter.setPen(pressed(pen, width))
        painter.drawPath(path)


def pressed(pen: QPen, width: float) -> QPen:
    """The pen, so many times as wide."""
    other = QPen(pen)
    other.setWidthF(pen.widthF() * width)
    return other


def bends(
    points: Sequence[QPointF], widths: Sequence[float]
) -> Iterator[tuple[QPainterPath, float]]:
    """The pieces of `curve` and how wide each is."""
    for number in range(1, len(points) - 1):
        part = slice(max(0, number - 2), number + 2)
        yield from bend(points[part], widths[part])
    last = 0.5 if len(points) > 2 else 0.0
    yield from tail(points, widths, last)


def bend(
    points: Sequence[QPointF], widths: Sequence[float]
) -> Iterator[tuple[QPainterPath, float]]:
    """The piece of `curve` around the last point but one, in parts where its width changes; it is
    the first piece if there are but three points."""
    before, here, after = points[-3:]
    first = len(points) == 3
    start, end = before if first else (before + here) / 2, (here + after) / 2
    w0 = widths[-3] if first else (widths[-3] + widths[-2]) / 2
    w1 = (widths[-2] + widths[-1]) / 2
    for t0, t1, width in _parts(w0, w1):
        # The part of a quadratic curve from t0 to t1 is one, with this handle.
        near, far = start + (here - start) * t0, here + (end - here) * t0
        path = QPainterPath(near + (far - near) * t0)
        path.quadTo(near + (far - near) * t1, _on(start, here, end, t1))
        yield path, width


def tail(
    points: Sequence[QPointF], widths: Sequence[float], back: float
) -> Iterator[tuple[QPainterPath, float]]:
    """The line to the last point, from a share `back` of the way from the one before."""
    before, here = points[-2:]
    start, w0 = before + (here - before) * back, widths[-2] + (widths[-1] - widths[-2]) * back
    for t0, t1, width in _parts(w0, widths[-1]):
        path = QPainterPath(start + (here - start) * t0)
        path.lineTo(start + (here - start) * t1)
        yield path, width


def _parts(before: float, after: float) -> Iterator[tuple[float, float, float]]:
    """From where to where a way has which width, in steps of 1/16."""
    count = max(1, math.ceil(abs(after - before) * 16))
    for part in range(count):
        middle = before + (after - before) * (part + 0.5) / count
        yield part / count, (part + 1) / count, middle


def _on(start: QPointF, handle: QPointF, end: QPointF, t: float) -> QPointF:
    near, far = start + (handle - start) * t, handle + (end - handle) * t
    return near + (far - near) * t


def paint_sheet(
    painter: QPainter, sheet: Sheet, side: float, pen_width: float, colour: QColor
) -> None:
    """Paint what lies on a sheet: its strokes, or its image."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    if sheet.image is not None:
        image = sheet.image
        shown = stencil(image, colour) if image.ndim == 2 else coloured(image)
        painter.drawImage(QRectF(0, 0, side, side), shown)
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


def coloured(image: Image) -> QImage:
    """A colour image as it is."""
    _, height, width = image.shape
    pixels = np.ascontiguousarray(np.moveaxis(image, 0, -1)).tobytes()
    return QImage(pixels, width, height, width * 3, QImage.Format.Format_RGB888).copy()


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


def paint_frame(painter: QPainter, paper: QRect) -> None:
    """The edge of the sheet."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(theme().colour("border"), 1))
    frame = QRectF(paper).adjusted(0.5, 0.5, -0.5, -0.5)
    painter.drawRoundedRect(frame, theme().px(2), theme().px(2))


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
