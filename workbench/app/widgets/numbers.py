"""Fields for numbers. A number out of range is kept and reported, never silently changed.

The whole number 20 in a field of 1–19 stays 20: the field says so through `problem()` and the form
shows it under the row. Arrows, wheel and page keys stay inside the range.
"""

from __future__ import annotations

import math
import re

from PySide6.QtCore import QLocale, QPoint, Qt, Signal, Slot
from PySide6.QtGui import QPainter, QPaintEvent, QValidator, QWheelEvent
from PySide6.QtWidgets import QAbstractSpinBox, QWidget

from workbench.app.theme import Themed, pixmap, theme
from workbench.app.widgets.inputs import set_flag

_StepFlag = QAbstractSpinBox.StepEnabledFlag


class NumberBox(QAbstractSpinBox, Themed):
    """What the two kinds share.

    Signals:
        value_changed(object): the number, or None where the text is not one; while typing too.
        problem_changed(str): empty, or what is wrong.
    """

    value_changed = Signal(object)
    problem_changed = Signal(str)

    def __init__(
        self,
        low: float | None = None,
        high: float | None = None,
        value: float | None = None,
        name: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._low, self._high = low, high
        self._value: float | None = None
        self._problem = ""
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.lineEdit().textEdited.connect(self._typed)
        self.editingFinished.connect(self._finished)
        self.set_value(value)
        self.follow_theme()

    def parse(self, text: str) -> float | None:
        """The number that `text` is, or None."""
        raise NotImplementedError

    def format(self, value: float) -> str:
        """How a number stands in the field when nobody types."""
        raise NotImplementedError

    def stepped(self, value: float, steps: int) -> float:
        """The number `steps` arrow clicks away."""
        raise NotImplementedError

    def value(self) -> float | None:
        """The number in the field, in range or not; None where the text is not a number."""
        return self._value

    def problem(self) -> str:
        return self._problem

    def raw_text(self) -> str:
        """What stands in the field, letter by letter."""
        return self.lineEdit().text()

    def set_value(self, value: float | None) -> None:
        """Show a number without a signal of a new value."""
        self._value = value
        self.lineEdit().setText("" if value is None else self.format(value))
        self._judge()

    def set_range(self, low: float | None, high: float | None) -> None:
        """Another range; the number stays as it is."""
        self._low, self._high = low, high
        self._judge()

    def set_bad(self, bad: bool) -> None:
        """Outline it as wrong, or not."""
        set_flag(self, "bad", bad)

    def range_text(self) -> str:
        """How the range reads: 1 – 19, 1 or more, or nothing."""
        if self._low is not None and self._high is not None:
            return f"{self.format(self._low)} – {self.format(self._high)}"
        if self._low is not None:
            return f"{self.format(self._low)} or more"
        return f"at most {self.format(self._high)}" if self._high is not None else ""

    def retheme(self) -> None:
        self.setFont(theme().font("body"))
        self.lineEdit().setFont(self.font())
        self.lineEdit().setTextMargins(theme().px(6), 0, 0, 0)
        self.update()

    def stepBy(self, steps: int) -> None:
        start = self._value if self._value is not None else self._low or 0
        self.set_value(self._inside(self.stepped(start, steps)))
        self.value_changed.emit(self._value)

    def stepEnabled(self) -> _StepFlag:  # noqa: N802  Qt's name
        flags = _StepFlag.StepNone
        if self._value is None or self._high is None or self._value < self._high:
            flags |= _StepFlag.StepUpEnabled
        if self._value is None or self._low is None or self._value > self._low:
            flags |= _StepFlag.StepDownEnabled
        return flags

    def validate(self, text: str, pos: int) -> tuple[QValidator.State, str, int]:
        return QValidator.State.Acceptable, text, pos  # everything may be typed; `problem` judges

    def wheelEvent(self, event: QWheelEvent) -> None:
        # The page scrolls; a number under the pointer must not change on the way.
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        here, density = theme(), self.devicePixelRatioF()
        side, middle = here.px(10), self.height() // 2
        left = self.width() - side - here.px(6)
        allowed = self.stepEnabled()
        arrows = (
            ("chevron-up", middle - side, _StepFlag.StepUpEnabled),
            ("chevron-down", middle, _StepFlag.StepDownEnabled),
        )
        for name, top, flag in arrows:
            token = "text2" if self.isEnabled() and allowed & flag else "border"
            painter.drawPixmap(QPoint(left, top), pixmap(name, token, 10, density))
        painter.end()

    def _inside(self, value: float) -> float:
        if self._high is not None:
            value = min(value, self._high)
        return value if self._low is None else max(value, self._low)

    def _judge(self) -> None:
        problem = ""
        value = self._value
        if value is None:
            problem = "Not a number" if self.raw_text().strip() else "A number is needed"
        elif not math.isfinite(value) or self._inside(value) != value:
            problem = f"Outside {self.range_text()}"
        self.setToolTip(problem)
        if problem != self._problem:
            self._problem = problem
            self.set_bad(bool(problem))
            self.problem_changed.emit(problem)

    @Slot(str)
    def _typed(self, text: str) -> None:
        value = self.parse(text)
        changed = value != self._value
        self._value = value
        self._judge()
        if changed:
            self.value_changed.emit(value)

    @Slot()
    def _finished(self) -> None:
        if self._value is not None:
            self.lineEdit().setText(self.format(self._value))


class IntBox(NumberBox):
    """A whole number, with the locale's thousands separators. 12,480 · 12480 · 1e4 are all
    understood.

    Signals:
        value_changed(object), problem_changed(str): see NumberBox.
    """

    def parse(self, text: str) -> float | None:
        plain = _plain(text)
        try:
            return int(plain)
        except ValueError:
            pass
        try:
            value = float(plain)
        except ValueError:
            return None
        return int(value) if math.isfinite(value) and value == int(value) else None

    def format(self, value: float) -> str:
        return QLocale().toString(int(value))

    def stepped(self, value: float, steps: int) -> float:
        return int(value) + steps


class FloatBox(NumberBox):
    """A number, shown as short as it can be: 0.001, 1e-05. Arrows move its first digit.

    Signals:
        value_changed(object), problem_changed(str): see NumberBox.
    """

    def parse(self, text: str) -> float | None:
        try:
            value = float(_plain(text))
        except ValueError:
            return None
        return value if math.isfinite(value) else None

    def format(self, value: float) -> str:
        return compact(value)

    def stepped(self, value: float, steps: int) -> float:
        return stepped_in_first_digit(value, steps)


def compact(value: float) -> str:
    """The shortest text that reads back as `value`: 0.4, 0.001, 1e-05, 20000."""
    if value == int(value) and abs(value) < 1e6:
        return str(int(value))
    return f"{value:.12g}"


def stepped_in_first_digit(value: float, steps: int) -> float:
    """`value` with its leading digit moved: 0.01 → 0.02, 0.1 down to 0.09."""
    for _ in range(abs(steps)):
        if value == 0:
            value = math.copysign(0.1, steps)
            continue
        size = math.floor(math.log10(abs(value)) + 1e-9)
        # Leaving 0.1 downwards moves by 0.01, else the next stop would be 0.
        shrinking = (value > 0) != (steps > 0)
        if shrinking and math.isclose(abs(value), 10.0**size):
            size -= 1
        unit = 10.0**size
        value = round(round(value / unit) * unit + math.copysign(unit, steps), 12 - size)
    return value


def _plain(text: str) -> str:
    """`text` as Python reads it: 12,480 is twelve thousand, 0,1 is a tenth typed on another
    keyboard.
    """
    text = re.sub(r"\s", "", text)
    if re.fullmatch(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?", text):
        return text.replace(",", "")
    return text.replace(",", ".") if text.count(",") == 1 and "." not in text else text
