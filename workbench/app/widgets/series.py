"""What tells series and classes apart: colour together with marker, dash or number, never colour
alone.
"""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QCheckBox, QSizePolicy, QWidget

from workbench.app.theme import Themed, theme
from workbench.app.theme.tokens import SERIES_MARKS
from workbench.app.widgets.checkbox import BOX, paint_box, paint_focus


def paint_marker(painter: QPainter, centre: QPointF, series: int, size: float) -> None:
    """Paint the marker of a series, `size` px across, with the painter's pen and brush."""
    mark = SERIES_MARKS[series % len(SERIES_MARKS)].marker
    half, x, y = size / 2, centre.x(), centre.y()
    if mark == "o":
        painter.drawEllipse(centre, half, half)
    elif mark == "s":
        painter.drawRect(QRectF(x - half, y - half, size, size))
    elif mark == "t1":
        painter.drawPolygon(
            QPolygonF(
                [QPointF(x, y - half), QPointF(x + half, y + half), QPointF(x - half, y + half)]
            )
        )
    elif mark == "d":
        painter.drawPolygon(
            QPolygonF(
                [
                    QPointF(x, y - half),
                    QPointF(x + half, y),
                    QPointF(x, y + half),
                    QPointF(x - half, y),
                ]
            )
        )
    else:
        painter.drawLine(QPointF(x - half, y), QPointF(x + half, y))
        painter.drawLine(QPointF(x, y - half), QPointF(x, y + half))


def paint_line_sample(painter: QPainter, rect: QRectF, series: int, dashed: bool = False) -> None:
    """Paint a short piece of the curve of `series` across the middle of `rect`."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    colour = theme().series(series)
    pen = QPen(colour, 1.25)
    if dashed or SERIES_MARKS[series % len(SERIES_MARKS)].dashed:
        pen.setDashPattern([4, 3])
    painter.setPen(pen)
    middle = round(rect.center().y()) + 0.5
    painter.drawLine(QPointF(rect.left(), middle), QPointF(rect.right(), middle))
    painter.setPen(QPen(colour, 1))
    painter.setBrush(colour)
    paint_marker(painter, QPointF(rect.center().x(), middle), series, theme().px(5))
    painter.restore()


class Swatch(QWidget, Themed):
    """A square of 8 px in a series' colour; it stands before the words."""

    def __init__(self, series: int = 0, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._series = series
        self.follow_theme()

    def set_series(self, series: int) -> None:
        self._series = series
        self.update()

    def retheme(self) -> None:
        self.setFixedSize(theme().px(8), theme().px(8))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme().series(self._series))
        painter.drawRoundedRect(QRectF(self.rect()), 1.5, 1.5)
        painter.end()


def paint_class_number(painter: QPainter, rect: QRectF, number: int, series: int) -> None:
    """Paint a number in a ring of the colour of `series`; `rect` is square."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(theme().series(series), theme().px(2)))
    painter.setBrush(theme().colour("panel"))
    painter.drawEllipse(rect.adjusted(1, 1, -1, -1))
    painter.setPen(theme().colour("text"))
    font = theme().font("captionstrong")
    font.setWeight(font.Weight.DemiBold)
    painter.setFont(font)
    painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, str(number))
    painter.restore()


class ClassNumber(QWidget, Themed):
    """The number of a class in a ring of its colour. `number` counts from 1, `series` from 0."""

    def __init__(
        self, number: int, series: int | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._number = number
        self._series = number - 1 if series is None else series
        self.setAccessibleName(f"Class {number}")
        self.follow_theme()

    def set(self, number: int, series: int | None = None) -> None:
        self._number = number
        self._series = number - 1 if series is None else series
        self.setAccessibleName(f"Class {number}")
        self.update()

    def retheme(self) -> None:
        self.setFixedSize(theme().px(20), theme().px(20))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint_class_number(painter, QRectF(self.rect()), self._number, self._series)
        painter.end()


class SeriesCheck(QCheckBox, Themed):
    """An entry of a legend: box, sample of the curve, name. Its row stands above the plot.

    Signals:
        toggled(bool): Qt's own; whether the series is shown.
    """

    def __init__(
        self,
        text: str,
        series: int = 0,
        checked: bool = True,
        dashed: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(text, parent)
        self._series, self._dashed = series, dashed
        self.setChecked(checked)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.follow_theme()

    def retheme(self) -> None:
        self.setFont(theme().font("small"))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        px = theme().px
        words = self.fontMetrics().horizontalAdvance(self.text())
        return QSize(px(BOX) + px(10) + px(24) + px(6) + words + px(2), px(24))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def hitButton(self, pos: object) -> bool:  # noqa: N802  Qt's name
        return True

    def paintEvent(self, event: QPaintEvent) -> None:
        px = theme().px
        side, height = px(BOX), self.height()
        painter = QPainter(self)
        box = QRectF(px(2), round((height - side) / 2), side, side)
        paint_box(painter, box, self.isChecked(), self.isEnabled(), self.underMouse())
        left = px(2) + side + px(6)
        paint_line_sample(painter, QRectF(left, 0, px(24), height), self._series, self._dashed)
        painter.setFont(self.font())
        painter.setPen(theme().colour("text" if self.isChecked() else "muted"))
        left += px(24) + px(6)
        painter.drawText(
            QRectF(left, 0, self.width() - left, height),
            Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft,
            self.text(),
        )
        if self.hasFocus():
            paint_focus(painter, QRectF(self.rect()))
        painter.end()
