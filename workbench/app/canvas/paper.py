"""Ground and ink of a sheet, painted once and kept: a movement paints nothing but what is new."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF
from PySide6.QtGui import QPainter, QPen, QPixmap

from workbench import ink
from workbench.app.canvas import layers
from workbench.app.canvas.sheet import Sheet
from workbench.app.theme import theme

Points = Sequence[tuple[float, float]]  # of the stroke being drawn, in 0..1


class Paper:
    """A square of `side` px.

    Attributes:
        sheet: what was drawn on it.
        pen_width: in units of a 105-pixel sheet.
    """

    def __init__(self) -> None:
        self.sheet = Sheet()
        self.pen_width = ink.PEN_WIDTH
        self.side = 0
        self._density = 1.0  # pixels of the screen for each px
        self._onion: Sheet | None = None
        self._grid = True
        self._ground, self._ink = QPixmap(), QPixmap()

    def fit(self, side: int, density: float) -> None:
        """Take another size, or another screen's."""
        if (side, density) != (self.side, self._density):
            self.side, self._density = side, density
            self.forget()

    def forget(self) -> None:
        """Paint everything anew when it is next shown."""
        self._ground, self._ink = QPixmap(), QPixmap()

    def set_sheet(self, sheet: Sheet) -> None:
        """Show another drawing; one that only grew gets its new strokes painted on top."""
        known, self.sheet = self.sheet, sheet
        grown = sheet.image is None and known.image is None and _continues(sheet, known)
        if grown and not self._ink.isNull():
            painter = self._ink_painter()
            for stroke in sheet.strokes[len(known.strokes) :]:
                layers.paint_stroke(painter, stroke, self.side, self.nib())
            painter.end()
        else:
            self._ink = QPixmap()

    def set_onion(self, onion: Sheet | None) -> bool:
        """Show a drawing faintly under the ink, or none; whether that is another one."""
        if onion is self._onion:
            return False
        self._onion, self._ground = onion, QPixmap()
        return True

    def set_grid(self, shown: bool) -> None:
        self._grid, self._ground = shown, QPixmap()

    def set_pen_width(self, width: float) -> bool:
        """In units of a 105-pixel sheet; whether that is another one."""
        if width == self.pen_width:
            return False
        self.pen_width = width
        self.forget()
        return True

    def nib(self) -> QPen:
        """The pen, as wide as the sheet's size wants it."""
        return layers.nib(theme().colour("ink"), self.pen_width / ink.CANVAS * self.side)

    def ink_last_bend(self, points: Points, widths: Sequence[float]) -> None:
        """Paint, for good, the newest piece of the smooth line that no later point can change."""
        self._make(points, widths)
        side = self.side
        last = [
            QPointF(x * side, y * side) for x, y in points[-4:]
        ]  # a fourth: it has a bend before
        painter = self._ink_painter()
        layers.paint_pieces(painter, layers.bend(last, widths[-4:]), self.nib())
        painter.end()

    def paint(
        self,
        painter: QPainter,
        shown: QRect,
        corner: QPoint,
        points: Points,
        widths: Sequence[float],
    ) -> None:
        """Paint the part `shown` of it, with its corner at `corner`, up to the last bend of the
        stroke being drawn."""
        self._make(points, widths)
        inside = shown.translated(-corner)
        for layer in (self._ground, self._ink):
            painter.drawPixmap(QRectF(shown), layer, layers.part(layer, inside))

    def paint_tail(
        self, painter: QPainter, corner: QPoint, points: Points, widths: Sequence[float]
    ) -> None:
        """Paint the end of the stroke being drawn, which the next point may still bend."""
        if not points:
            return
        side = self.side
        last = [QPointF(corner) + QPointF(x * side, y * side) for x, y in points[-2:]]
        if len(points) == 1:
            painter.setPen(layers.pressed(self.nib(), widths[-1]))
            painter.drawPoint(last[0])
        else:
            back = 0.0 if len(points) == 2 else 0.5
            layers.paint_pieces(painter, layers.tail(last, widths[-2:], back), self.nib())

    def _make(self, points: Points, widths: Sequence[float]) -> None:
        side, density = self.side, self._density
        if self._ground.isNull():
            self._ground = layers.ground(side, density, self._grid, self._onion, self.pen_width)
        if self._ink.isNull():
            self._ink = layers.blank(side, density)
            painter = self._ink_painter()
            colour = theme().colour("ink")
            layers.paint_sheet(painter, self.sheet, side, self.pen_width, colour)
            if len(points) > 2:
                live = [QPointF(x * side, y * side) for x, y in points]
                for end in range(3, len(live) + 1):
                    part = slice(max(0, end - 4), end)
                    layers.paint_pieces(painter, layers.bend(live[part], widths[part]), self.nib())
            painter.end()

    def _ink_painter(self) -> QPainter:
        painter = QPainter(self._ink)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        return painter


def _continues(sheet: Sheet, known: Sheet) -> bool:
    """Whether `sheet` is `known` with strokes added at the end."""
    old, new = known.strokes, sheet.strokes
    return len(new) >= len(old) and all(a is b for a, b in zip(old, new, strict=False))
