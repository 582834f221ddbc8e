"""How many classes each group has, as bars, largest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QHelpEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from workbench.app.theme import Themed, theme


@dataclass(frozen=True)
class Bar:
    """One group: its name, how many classes, and the series colour of its split."""

    name: str
    count: int
    series: int


class BalancePlot(QWidget, Themed):
    """Bars with the chosen one named above it.

    Signals:
        picked(str): the person clicked the bar of that group.
    """

    picked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bars: list[Bar] = []
        self._chosen = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.follow_theme()

    def set_bars(self, bars: Sequence[Bar]) -> None:
        self._bars = sorted(bars, key=lambda bar: (-bar.count, bar.name))
        if self._bars:
            most, least = self._bars[0], self._bars[-1]
            self.setAccessibleName(
                f"Balance: {len(self._bars)} groups, from {most.name} with {most.count} to "
                f"{least.name} with {least.count} classes"
            )
        self.update()

    def set_chosen(self, name: str) -> None:
        self._chosen = name
        self.update()

    def retheme(self) -> None:
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme().px(360), theme().px(150))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme().px(200), theme().px(72))

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            bar = self._bar_at(event.pos().x())
            if bar is not None:
                QToolTip.showText(event.globalPos(), f"{bar.name}: {bar.count}", self)
                return True
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        bar = self._bar_at(event.position().x())
        if bar is not None:
            self.picked.emit(bar.name)

    def _plot(self) -> QRectF:
        px = theme().px
        return QRectF(self.rect()).adjusted(px(24), px(20), 0, -px(20))

    def _bar_at(self, x: float) -> Bar | None:
        plot = self._plot()
        if not self._bars or not plot.left() <= x < plot.right():
            return None
        place = int((x - plot.left()) / self._step(plot))
        return self._bars[place] if place < len(self._bars) else None

    def _step(self, plot: QRectF) -> float:
        """From one bar to the next; a few bars do not grow into walls."""
        return min(plot.width() / len(self._bars), theme().px(40))

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._bars:
            return
        painter = QPainter(self)
        plot = self._plot()
        top = thirds_above(self._bars[0].count)
        self._paint_axes(painter, plot, top)
        step, named = self._step(plot), False
        for index, bar in enumerate(self._bars):
            left = round(plot.left() + index * step)
            width = max(1, round(plot.left() + (index + 1) * step) - left - (2 if step > 5 else 1))
            high = plot.height() * bar.count / top
            box = QRectF(left, plot.bottom() - high, width, high)
            chosen = bar.name == self._chosen
            painter.fillRect(
                box, theme().colour(f"series{bar.series + 1}", 1.0 if chosen else 0.55)
            )
            if chosen and not named:  # a group on two sides has two bars
                self._paint_name(painter, plot, box, bar)
                named = True
        self._paint_ends(painter, plot)
        painter.end()

    def _paint_axes(self, painter: QPainter, plot: QRectF, top: int) -> None:
        here = theme()
        painter.setFont(here.font("caption"))
        for part in range(4):
            y = round(plot.bottom() - plot.height() * part / 3) + 0.5
            painter.setPen(here.colour("ctl" if part == 0 else "grid"))
            painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y))
            painter.setPen(here.colour("muted"))
            box = QRectF(0, y - here.px(8), plot.left() - here.px(6), here.px(16))
            painter.drawText(box, _RIGHT, str(top * part // 3))

    def _paint_name(self, painter: QPainter, plot: QRectF, box: QRectF, bar: Bar) -> None:
        here = theme()
        painter.setFont(here.font("captionstrong"))
        words = f"{bar.name} {bar.count}"
        width = painter.fontMetrics().horizontalAdvance(words) + 2
        left = min(max(box.center().x() - width / 2, plot.left()), plot.right() - width)
        painter.setPen(here.colour("ctl"))
        x = round(box.center().x()) + 0.5
        painter.drawLine(QPointF(x, plot.top() - here.px(2)), QPointF(x, box.top() - 2))
        painter.setPen(here.colour("text"))
        painter.drawText(QRectF(left, 0, width, here.px(16)), Qt.AlignmentFlag.AlignCenter, words)

    def _paint_ends(self, painter: QPainter, plot: QRectF) -> None:
        here = theme()
        painter.setFont(here.font("caption"))
        painter.setPen(here.colour("muted"))
        line = QRectF(plot.left(), plot.bottom() + here.px(3), plot.width(), here.px(16))
        first, last = self._bars[0], self._bars[-1]
        painter.drawText(line, _LEFT, f"{first.name} {first.count}")
        if last is not first:
            painter.drawText(line, _RIGHT, f"{last.name} {last.count}")


_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)


def thirds_above(count: int) -> int:
    """The least multiple of 3, 15, 30, 60 … that is not below `count`: its thirds are round
    numbers.

    >>> thirds_above(55), thirds_above(7), thirds_above(150)
    (60, 9, 180)
    """
    unit = 3
    for candidate in (3, 15, 30, 60, 150, 300, 600, 1500, 3000):
        if count > 2 * candidate:
            unit = candidate
    return -(-count // unit) * unit
