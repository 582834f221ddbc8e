"""The pen that the arrow keys move."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter, QPen

from workbench import ink
from workbench.app.theme import theme

STEP, STRIDE = 2 / ink.CANVAS, 8 / ink.CANVAS
ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}


class KeyPen:
    """Attributes:
    place: where it is, in 0..1 of the sheet.
    """

    def __init__(self) -> None:
        self.place = (0.5, 0.5)

    def move(self, arrow: Qt.Key, far: bool) -> None:
        """One step, or a stride."""
        step = STRIDE if far else STEP
        (x, y), (dx, dy) = self.place, ARROWS[arrow]
        self.place = min(max(x + dx * step, 0.0), 1.0), min(max(y + dy * step, 0.0), 1.0)

    def paint(self, painter: QPainter, spot: QPointF, reach: float, down: bool) -> None:
        """Paint its sight around `spot`, in px; `reach` is the radius of what it touches."""
        arm = reach + theme().px(8)
        painter.setPen(QPen(theme().colour("accent"), 2 if down else 1))
        painter.drawEllipse(spot, reach, reach)
        for dx, dy in ARROWS.values():
            painter.drawLine(spot + QPointF(dx, dy) * reach, spot + QPointF(dx, dy) * arm)
