"""A row of a form: label, symbol, control, unit, range, reset, help; under it what is wrong."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QWidget

from workbench.app.forms.arrangement import remedy_words
from workbench.app.forms.controls import control_for
from workbench.app.theme import Themed, theme
from workbench.app.theme.tokens import SIZES
from workbench.app.widgets import IconButton, Label, ProblemBox, StatusDot
from workbench.errors import Problem
from workbench.schema.rows import Row

DOT, LABEL, SYMBOL, CONTROL, GAP, UNIT, RANGE, RESET, HELP = range(9)
ROOMY = 680  # px at 100 %; in less the gap before the unit is halved
GUTTER = 20  # where the dot of a changed setting stands, left of the labels


class FormRow(QWidget, Themed):
    """One setting.

    Signals:
        edited(str, object): the person gave the setting with that key a value, right or wrong.
        reset_asked(str): its default is wanted back.
        help_asked(str): what does it mean?
    """

    edited = Signal(str, object)
    reset_asked = Signal(str)
    help_asked = Signal(str)

    def __init__(self, row: Row, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.row = row
        self.control = control_for(row)
        self.control.edited.connect(self._edited)
        self._dot = StatusDot("accent")
        self._label = Label(row.label, elide=True)
        self._label.setBuddy(self.control.focus)
        self._symbol = Label(row.symbol, "body", "text2")
        self._unit = Label(row.unit, "small", "text2", elide=True)
        self._range = Label(row.range_words, "small", "text2")
        self._reset: IconButton | None = None  # made when first needed, as most rows never do
        self._help = IconButton("circle-question-mark", f"What is {row.label}?")
        self._help.clicked.connect(self._ask_help)
        self._problem: ProblemBox | None = None
        self._shown_problem: Problem | None = None
        self._changed: bool | None = None
        self._grid = QGridLayout(self)
        self._lay_out()
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self.mark_changed(False)
        self.follow_theme()

    def show_value(self, value: Any, changed: bool, empty: str = "") -> None:
        """Show a value and whether it differs from the default; `empty` is what None stands for."""
        self.control.show(value, empty)
        self.mark_changed(changed)

    def mark_changed(self, changed: bool) -> None:
        if changed == self._changed:
            return
        self._changed = changed
        self._label.set_use("strong" if changed else "body")
        self._dot.setVisible(changed)
        if changed and self._reset is None:
            self._reset = IconButton("rotate-ccw", f"Reset {self.row.label} to its default")
            self._reset.clicked.connect(self._ask_reset)
            self._grid.addWidget(self._reset, 0, RESET, Qt.AlignmentFlag.AlignRight)
            QWidget.setTabOrder(self._reset, self._help)
        if self._reset is not None:
            self._reset.setVisible(changed)
        state = ", changed" if changed else ""
        self.control.focus.setAccessibleName(f"{self.row.label}{state}")

    def is_changed(self) -> bool:
        return bool(self._changed)

    def show_problem(self, problem: Problem | None) -> None:
        """What is wrong with the setting, or None."""
        if problem == self._shown_problem:
            return
        self._shown_problem = problem
        self.control.set_bad(problem is not None)
        if problem is not None:
            if self._problem is None:
                self._problem = ProblemBox()
                self._problem.remedied.connect(self._remedy)
                self._grid.addWidget(self._problem, 1, CONTROL, 1, HELP - CONTROL + 1)
            word = remedy_words(self.row, problem.remedy) if problem.remedy is not None else ""
            self._problem.set(problem.message, problem.hint, word)
        if self._problem is not None:
            self._problem.setVisible(problem is not None)
        self.updateGeometry()

    def problem_text(self) -> str:
        """The sentence under the row; empty where nothing is wrong."""
        return self._shown_problem.message if self._shown_problem is not None else ""

    def replace_row(self, row: Row) -> None:
        """The same setting with another default or range."""
        self.row = self.control.row = row
        self._range.setText(row.range_words)

    def retheme(self) -> None:
        px = theme().px
        self._grid.setHorizontalSpacing(0)
        self._grid.setVerticalSpacing(px(4))
        self._grid.setContentsMargins(0, px(4), 0, px(4))
        widths = {DOT: GUTTER, SYMBOL: SIZES.form_symbol, GAP: 24, RESET: 26, HELP: 26}
        for column, width in widths.items():
            self._grid.setColumnMinimumWidth(column, px(width))
        self._label.setFixedWidth(px(SIZES.form_label))
        self._grid.setColumnMinimumWidth(CONTROL, px(SIZES.form_control))
        if not self.control.wide:
            self.control.widget.setFixedWidth(px(SIZES.form_control))
        self._grid.setRowMinimumHeight(0, px(SIZES.control))
        self._range.setContentsMargins(px(8), 0, px(4), 0)
        font = theme().font("body")
        font.setItalic(True)
        self._symbol.setFont(font)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        tight = event.size().width() < theme().px(ROOMY)
        self._grid.setColumnMinimumWidth(GAP, theme().px(12 if tight else 24))
        self._label.setFixedWidth(theme().px(SIZES.form_label - 20 if tight else SIZES.form_label))

    def sizeHint(self) -> QSize:
        hint = super().sizeHint()
        return hint.expandedTo(QSize(0, theme().px(SIZES.row_form)))

    def _lay_out(self) -> None:
        middle = Qt.AlignmentFlag.AlignVCenter
        self._grid.addWidget(self._dot, 0, DOT, middle | Qt.AlignmentFlag.AlignLeft)
        self._grid.addWidget(self._label, 0, LABEL, middle)
        self._grid.addWidget(self._symbol, 0, SYMBOL, middle)
        # Long words take the columns beside, which they leave no use for.
        if self.control.wide:
            self._grid.addWidget(self.control.widget, 0, CONTROL, 1, 4, middle)
            self._unit.hide()
            self._range.hide()
        else:
            self._grid.addWidget(
                self.control.widget, 0, CONTROL, middle | Qt.AlignmentFlag.AlignLeft
            )
            self._grid.addWidget(self._unit, 0, UNIT, middle)
            self._grid.addWidget(self._range, 0, RANGE, middle | Qt.AlignmentFlag.AlignRight)
        self._grid.addWidget(self._help, 0, HELP, middle | Qt.AlignmentFlag.AlignRight)
        self._grid.setColumnStretch(UNIT, 1)

    @Slot(object)
    def _edited(self, value: object) -> None:
        self.edited.emit(self.row.key, value)

    @Slot()
    def _ask_reset(self) -> None:
        self.reset_asked.emit(self.row.key)

    @Slot()
    def _ask_help(self) -> None:
        self.help_asked.emit(self.row.key)

    @Slot()
    def _remedy(self) -> None:
        if self._shown_problem is not None:
            self.edited.emit(self.row.key, self._shown_problem.remedy)
