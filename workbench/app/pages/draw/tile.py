"""A drawing as a small picture that can be pressed."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from workbench.app.canvas import Sheet
from workbench.app.canvas.layers import thumbnail
from workbench.app.theme import Themed, theme
from workbench.app.widgets.checkbox import paint_focus

TILE, SMALL_TILE, SHOT = 72, 56, 26


class SheetTile(QWidget, Themed):
    """A drawing as a tile.

    Signals:
        clicked(): pressed by mouse or key.
    """

    clicked = Signal()

    def __init__(self, side: int, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._side = side
        self._sheet = Sheet()
        self._pen_width = 5.0
        self._chosen = False
        self._target = False
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(name)
        self.follow_theme()

    def show_sheet(self, sheet: Sheet, pen_width: float, chosen: bool) -> None:
        if (sheet, pen_width, chosen) == (self._sheet, self._pen_width, self._chosen):
            return
        self._sheet, self._pen_width, self._chosen = sheet, pen_width, chosen
        self.setAccessibleDescription("empty" if sheet.empty else "drawn")
        self.update()

    def set_target(self, target: bool) -> None:
        """Whether what is dragged would land here."""
        if target != self._target:
            self._target = target
            self.update()

    def set_side(self, side: int) -> None:
        self._side = side
        self.retheme()

    def retheme(self) -> None:
        side = theme().px(self._side)
        self.setFixedSize(side, side)
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.clicked.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.clicked.emit()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        here = theme()
        painter = QPainter(self)
        painter.fillRect(self.rect(), here.colour("tile"))
        inset = here.px(3) if self._side < TILE // 2 else here.px(5)
        room = self.rect().adjusted(inset, inset, -inset, -inset)
        if self._sheet.empty:
            self._paint_hint(painter, room)
        else:
            density = self.devicePixelRatioF()
            picture = thumbnail(self._sheet, room.width(), density, self._pen_width)
            painter.drawPixmap(room.topLeft(), picture)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if self._chosen or self._target:
            style = Qt.PenStyle.DashLine if self._target else Qt.PenStyle.SolidLine
            painter.setPen(QPen(here.colour("accent"), 2, style))
            painter.drawRect(self.rect().adjusted(1, 1, -1, -1))
        else:
            painter.setPen(here.colour("border"))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        if self.hasFocus():
            paint_focus(painter, QRectF(self.rect()))
        painter.end()

    def _paint_hint(self, painter: QPainter, room: QRect) -> None:
        if self._side < SMALL_TILE:
            return
        painter.setPen(theme().colour("muted"))
        painter.setFont(theme().font("caption"))
        painter.drawText(room, Qt.AlignmentFlag.AlignCenter, "draw")
