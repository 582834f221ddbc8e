"""The inner loop as a strip: how the answer forms, one gradient step beside the other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from workbench.app.pages.draw.answer import Answer
from workbench.app.theme import Themed, theme
from workbench.app.widgets.checkbox import paint_focus
from workbench.app.widgets.series import paint_class_number

COLUMN = 72  # px that a column needs
LABELS = 136  # px for the names of the rows
SLIDER, BARS, LINE = 40, 64, 18
LINES = ("Most likely", "Support loss", "Support right", "Head, body moved")
TIP = """<p>Support loss and right: of the examples that the model is taught by.<br>
Moved: how far the weights of head and body are from where the inner loop began, as a share of
their length there.</p>"""


class LoopStrip(QWidget, Themed):
    """Slider, small bars, most likely class and support loss of every inner step.

    Signals:
        moment_chosen(int): the person picked a step; which of the known ones.
    """

    moment_chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._answer: Answer | None = None
        self._names: Sequence[str] = ()
        self._moment = 0
        self._compact = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Inner step")
        self.setToolTip(TIP)
        self.follow_theme()

    def show_answer(self, answer: Answer | None, names: Sequence[str], moment: int) -> None:
        """Show every known step of an answer, one moment picked out."""
        self._answer, self._names, self._moment = answer, names, moment
        if answer is not None:
            row, share = answer.best(moment)
            place = f"step {answer.steps[moment]} of {answer.steps[-1]}"
            words = [f"{place}: {names[row]}, {100 * share:.1f} %"]
            told = zip(LINES[1:], _line_words(answer, moment), strict=True)
            words += [f"{name.lower()} {value}" for name, value in told]
            self.setAccessibleDescription(", ".join(words))
        self.update()

    def set_compact(self, compact: bool) -> None:
        """Only the slider."""
        self._compact = compact
        self.retheme()

    def retheme(self) -> None:
        px = theme().px
        self.setFixedHeight(px(SLIDER if self._compact else SLIDER + BARS + len(LINES) * LINE + 4))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme().px(640), self.height())

    # ---------------------------------------------------------------------------------------- input

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._pick(event.position().x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._pick(event.position().x())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._answer is None:
            super().keyPressEvent(event)
            return
        last = self._answer.last
        targets = {
            Qt.Key.Key_Left: self._moment - 1,
            Qt.Key.Key_Right: self._moment + 1,
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: last,
        }
        target = targets.get(Qt.Key(event.key()))
        if target is None:
            super().keyPressEvent(event)
        else:
            self._choose(min(max(target, 0), last))

    def _pick(self, x: float) -> None:
        if self._answer is None:
            return
        shown = self._shown()
        place = (x - self._left()) / self._width() - 0.5
        self._choose(round(float(np.interp(place, np.arange(len(shown)), shown))))

    def _choose(self, moment: int) -> None:
        if moment != self._moment:
            self.moment_chosen.emit(moment)

    # ------------------------------------------------------------------------------------- geometry

    def _left(self) -> int:
        return theme().px(LABELS)

    def _shown(self) -> list[int]:
        """The moments that have a column: all, or as many even ones as there is room for."""
        last = self._answer.last if self._answer is not None else 0
        room = max(2, (self.width() - self._left()) // theme().px(COLUMN))
        if last < room:
            return list(range(last + 1))
        return sorted({round(moment) for moment in np.linspace(0, last, room)})

    def _width(self) -> float:
        return (self.width() - self._left() - theme().px(8)) / len(self._shown())

    def _centre(self, moment: float) -> float:
        shown = self._shown()
        place = float(np.interp(moment, shown, np.arange(len(shown))))
        return self._left() + (place + 0.5) * self._width()

    # ------------------------------------------------------------------------------------- painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        answer, px = self._answer, theme().px
        self._paint_names(painter)
        if answer is not None and answer.has_loop:
            self._paint_chosen(painter)
            self._paint_slider(painter, answer)
            if not self._compact:
                for moment in self._shown():
                    self._paint_column(painter, answer, moment)
        if self.hasFocus():
            paint_focus(painter, QRectF(self.rect()).adjusted(px(4), 0, -px(4), 0))
        painter.end()

    def _paint_names(self, painter: QPainter) -> None:
        here, px = theme(), theme().px
        painter.setFont(here.font("small"))
        painter.setPen(here.colour("text2"))
        names = [("Inner step", 0, SLIDER)]
        if not self._compact:
            after = SLIDER + BARS
            names.append(("Answer", SLIDER, 28))
            names += [(name, after + n * LINE, LINE) for n, name in enumerate(LINES)]
        for words, top, height in names:
            room = QRectF(px(16), px(top), px(LABELS - 16), px(height))
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, words)

    def _paint_chosen(self, painter: QPainter) -> None:
        if self._compact or self._moment not in self._shown():
            return
        width = self._width()
        room = QRectF(self._centre(self._moment) - width / 2, 0, width, self.height())
        painter.fillRect(room, theme().colour("soft"))

    def _paint_slider(self, painter: QPainter, answer: Answer) -> None:
        here, px = theme(), theme().px
        middle = px(26)
        first, last = self._centre(0), self._centre(answer.last)
        here_x = self._centre(self._moment)
        painter.setPen(QPen(here.colour("ctl"), 1))
        painter.drawLine(QPointF(first, middle), QPointF(last, middle))
        for moment in self._shown():
            x = self._centre(moment)
            painter.setPen(QPen(here.colour("ctl"), 1))
            painter.drawLine(QPointF(x, middle - px(4)), QPointF(x, middle + px(4)))
            picked = moment == self._moment
            painter.setFont(here.font("smallstrong" if picked else "caption"))
            painter.setPen(here.colour("accent" if picked else "muted"))
            words = "0, before" if moment == 0 else str(answer.steps[moment])
            room = QRectF(x - px(36), 0, px(72), px(18))
            painter.drawText(room, Qt.AlignmentFlag.AlignCenter, words)
        painter.setPen(QPen(here.colour("accent"), px(3)))
        painter.drawLine(QPointF(first, middle), QPointF(here_x, middle))
        painter.setPen(QPen(here.colour("accent"), px(2)))
        painter.setBrush(here.colour("panel"))
        painter.drawEllipse(QPointF(here_x, middle), px(7), px(7))

    def _paint_column(self, painter: QPainter, answer: Answer, moment: int) -> None:
        here, px = theme(), theme().px
        width = min(self._width() - px(16), px(96))
        left = self._centre(moment) - width / 2
        pitch = (px(BARS) - px(6)) / max(len(answer.rows), 5)
        painter.setPen(Qt.PenStyle.NoPen)
        for index, row in enumerate(answer.rows):
            track = QRectF(left, px(SLIDER) + px(4) + index * pitch, width, max(2.0, pitch - px(3)))
            chosen = moment == self._moment
            painter.setBrush(here.colour("panel" if chosen else "hover"))
            painter.drawRect(track)
            track.setWidth(max(1.0, track.width() * float(answer.probabilities[moment, index])))
            painter.setBrush(here.series(row))
            painter.drawRect(track)
        picked = moment == self._moment
        painter.setFont(here.font("smallstrong" if picked else "small"))
        painter.setPen(here.colour("text"))
        row, share = answer.best(moment)
        words = f"{self._names[row]} {100 * share:.1f} %"
        room = QRectF(left, px(SLIDER + BARS), width + px(4), px(LINE))
        if QFontMetrics(painter.font()).horizontalAdvance(words) > room.width():
            # The number says which class; a shortened name would not.
            ring = QRectF(left, room.center().y() - px(9), px(18), px(18))
            paint_class_number(painter, ring, row + 1, row)
            room.setLeft(left + px(24))
            words = f"{100 * share:.1f} %"
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, words)
        for number, value in enumerate(_line_words(answer, moment), start=1):
            room = QRectF(left, px(SLIDER + BARS + number * LINE), width + px(12), px(LINE))
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, value)


def _line_words(answer: Answer, moment: int) -> tuple[str, str, str]:
    """Loss of the support set, how much of it is right, and how far the weights have moved."""
    loss, right = float(answer.support_loss[moment]), answer.support_right
    count = len(answer.labels)
    rights = "–" if right is None else f"{round(float(right[moment]) * count)} of {count}"
    shares = [_share(float(part[moment])) for part in answer.moved.values()]
    return "–" if np.isnan(loss) else f"{loss:.3f}", rights, ", ".join(shares) or "–"


def _share(value: float) -> str:
    if np.isnan(value):
        return "–"
    return f"{100 * value:.1f} %" if 0 < value < 0.1 else f"{100 * value:.0f} %"
