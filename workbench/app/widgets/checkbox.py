"""Check boxes, and the box itself for whoever paints one elsewhere."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QCheckBox, QWidget

from workbench.app.theme import Themed, theme

BOX = 16


def paint_box(
    painter: QPainter,
    rect: QRectF,
    checked: bool,
    enabled: bool = True,
    hovered: bool = False,
) -> None:
    """Paint a check box that fills the square `rect`."""
    here = theme()
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    inner = rect.adjusted(0.5, 0.5, -0.5, -0.5)
    radius = here.px(3)
    if checked:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(here.colour("fill" if enabled else "muted"))
        painter.drawRoundedRect(rect, radius, radius)
        unit = rect.width() / 16
        pen = QPen(here.colour("onfill" if enabled else "panel"), 1.75 * unit)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        points = [(4.0, 8.4), (6.8, 11.2), (12.0, 5.2)]
        painter.drawPolyline(
            QPolygonF([QPointF(rect.x() + x * unit, rect.y() + y * unit) for x, y in points])
        )
    else:
        painter.setPen(here.colour("ctl" if enabled else "border"))
        painter.setBrush(here.colour("panel" if enabled and not hovered else "hover"))
        painter.drawRoundedRect(inner, radius, radius)
    painter.restore()


def paint_focus(painter: QPainter, rect: QRectF) -> None:
    """Paint the 2-px accent ring along the inside of `rect`."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(theme().colour("accent"), 2))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    radius = theme().px(4)
    painter.drawRoundedRect(rect.adjusted(1, 1, -1, -1), radius, radius)
    painter.restore()


class CheckBox(QCheckBox, Themed):
    """A box of 16 px and its word; the whole is at least 24 high.

    Signals:
        toggled(bool): Qt's own.
    """

    def __init__(
        self, text: str = "", checked: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(text, parent)
        self.setChecked(checked)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.follow_theme()

    def retheme(self) -> None:
        self.setFont(theme().font("body"))
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        px = theme().px
        words = self.fontMetrics().horizontalAdvance(self.text()) + px(8) if self.text() else 0
        return QSize(px(BOX) + px(4) + words, px(24))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def hitButton(self, pos: object) -> bool:  # noqa: N802  Qt's name
        return True

    def paintEvent(self, event: QPaintEvent) -> None:
        px = theme().px
        side = px(BOX)
        painter = QPainter(self)
        top = (self.height() - side) / 2
        box = QRectF(px(2), round(top), side, side)
        paint_box(painter, box, self.isChecked(), self.isEnabled(), self.underMouse())
        if self.text():
            painter.setFont(self.font())
            painter.setPen(theme().colour("text" if self.isEnabled() else "muted"))
            left = side + px(2) + px(8)
            painter.drawText(
                QRectF(left, 0, self.width() - left, self.height()),
                Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft,
                self.text(),
            )
        if self.hasFocus():
            paint_focus(painter, QRectF(self.rect()))
        painter.end()
