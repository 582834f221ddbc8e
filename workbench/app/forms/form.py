"""A form over a draft: sections of rows, kept in step with what applies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QFrame, QScrollArea, QVBoxLayout, QWidget

from workbench.app.forms.arrangement import (
    Arrange,
    FormSection,
    placeholder,
    remedy_words,
    summary,
)
from workbench.app.forms.part import FormPart
from workbench.app.forms.row import FormRow
from workbench.app.theme import Themed, theme
from workbench.app.widgets import ProblemBox
from workbench.errors import Problem
from workbench.schema.rows import Row

if TYPE_CHECKING:
    from workbench.app.draft import Draft
    from workbench.schema.catalogue import Catalogue


class Form(QScrollArea, Themed):
    """Edits a draft. Rows appear and go as choices are made; a section once folded stays folded.

    Args:
        arrange: puts the rows that apply into sections.

    Signals:
        row_focused(Row): the person is at this setting, or asked what it means.
    """

    row_focused = Signal(object)

    def __init__(
        self, draft: Draft, catalogue: Catalogue, arrange: Arrange, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._draft, self._catalogue, self._arrange = draft, catalogue, arrange
        self._rows: dict[str, FormRow] = {}
        self._sections: dict[str, FormPart] = {}
        self._known: dict[str, Row] = {}
        self._problems: list[Problem] = []
        self._loose: list[ProblemBox] = []
        inside = QWidget()
        self._column = QVBoxLayout(inside)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._notices = QVBoxLayout()
        self._column.addLayout(self._notices)
        self._column.addStretch(1)
        self.setWidget(inside)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        draft.changed.connect(self.refresh)
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.connect(self._focus_moved)
        self.refresh()
        self.follow_theme()

    def row(self, key: str) -> FormRow | None:
        """The row of a setting; None where it does not apply or is not in this form."""
        return self._rows.get(key)

    def part(self, key: str) -> FormPart | None:
        """A section by the key it was arranged under."""
        return self._sections.get(key)

    def setting_keys(self) -> list[str]:
        """The settings in this form, from top to bottom."""
        return [row.key for part in self._sections.values() for row in part.plan.rows]

    def unplaced(self) -> list[Problem]:
        """Problems of no row in this form; they stand above the sections."""
        keys = set(self.setting_keys())
        return [problem for problem in self._problems if problem.path not in keys]

    @Slot()
    def refresh(self) -> None:
        """Show the draft as it is."""
        rows = self._catalogue.rows(self._draft.values)
        self._known = {row.key: row for row in rows}
        plans = self._arrange(rows)
        self._drop_what_went(plans)
        for place, plan in enumerate(plans):
            self._show_section(place, plan)
        self._sections = {plan.key: self._sections[plan.key] for plan in plans}
        self.set_problems(self._problems)

    @Slot(object)
    def set_problems(self, problems: Sequence[Problem]) -> None:
        """Show each problem under its own row, the rest above."""
        self._problems = list(problems)
        first: dict[str, Problem] = {}
        for problem in self._problems:
            first.setdefault(problem.path, problem)
        for part in self._sections.values():
            if not part.is_open() and set(first) & set(part.row_keys()):
                self._open(part)
        for key, row in self._rows.items():
            row.show_problem(first.get(key))
        for part in self._sections.values():
            part.show_advanced(part.advanced_shown)
        self._show_loose()

    def reveal(self, key: str) -> None:
        """Open the section of a setting, scroll to it and give it the focus."""
        for part in self._sections.values():
            if key in part.row_keys():
                self._open(part)
                part.show_advanced(part.advanced_shown or self._known[key].advanced)
        row = self._rows.get(key)
        if row is None:
            self.verticalScrollBar().setValue(0)
            return
        row.control.focus.setFocus(Qt.FocusReason.OtherFocusReason)
        # The layout of a section that was just opened is made in the next turn of the loop.
        QTimer.singleShot(0, row, lambda: self.ensureWidgetVisible(row, 0, theme().px(48)))

    def retheme(self) -> None:
        px = theme().px
        self._notices.setSpacing(px(8))
        self.setMinimumWidth(px(520))

    def sizeHint(self) -> QSize:
        return QSize(theme().px(688), theme().px(560))

    def viewportEvent(self, event: QEvent) -> bool:
        if isinstance(event, QWheelEvent):
            self._draft.settle()
        return super().viewportEvent(event)

    def _drop_what_went(self, plans: Sequence[FormSection]) -> None:
        keys = {row.key: row for plan in plans for row in plan.rows}
        for key in list(self._rows):
            row = keys.get(key)
            if row is None or not _fits(self._rows[key].row, row):
                self._rows.pop(key).deleteLater()
        for name in list(self._sections):
            if name not in {plan.key for plan in plans}:
                self._sections.pop(name).deleteLater()

    def _show_section(self, place: int, plan: FormSection) -> None:
        part = self._sections.get(plan.key)
        if part is None:
            part = self._sections[plan.key] = FormPart(plan)
            part.toggled.connect(self.refresh)
        if self._column.indexOf(part) != place + 1:
            self._column.insertWidget(place + 1, part)
        part.plan = plan
        if part.is_open():
            self._fill(part)
        part.summarise(summary(plan.rows, self._draft.value))

    def _open(self, part: FormPart) -> None:
        if not part.is_open():
            self._fill(part)
            part.set_open(True)

    def _fill(self, part: FormPart) -> None:
        """Show the rows of a section; those of one that was never open are not even made."""
        for row in part.plan.rows:
            shown = self._rows.get(row.key)
            if shown is None:
                shown = self._rows[row.key] = self._make_row(row)
            shown.replace_row(row)
            empty = placeholder(row, self._known, self._draft.value)
            shown.show_value(self._draft.value(row.key), self._draft.is_changed(row.key), empty)
        part.hold([self._rows[row.key] for row in part.plan.rows])

    def _make_row(self, row: Row) -> FormRow:
        made = FormRow(row)
        made.edited.connect(self._edited)
        made.reset_asked.connect(self._draft.reset)
        made.help_asked.connect(self._help)
        return made

    def _show_loose(self) -> None:
        for box in self._loose:
            box.deleteLater()
        self._loose = []
        for problem in self.unplaced():
            row = self._known.get(problem.path)
            word = remedy_words(row, problem.remedy) if problem.remedy is not None else ""
            box = ProblemBox(problem.message, problem.hint, word)
            box.remedied.connect(_Setter(box, self._draft, problem).set)
            self._loose.append(box)
            self._notices.addWidget(box)
        edge = theme().px(16) if self._loose else 0
        self._notices.setContentsMargins(edge, edge, edge, edge)

    @Slot(str, object)
    def _edited(self, key: str, value: object) -> None:
        self._draft.set(key, value)

    @Slot(str)
    def _help(self, key: str) -> None:
        if key in self._known:
            self.row_focused.emit(self._known[key])

    @Slot(QWidget, QWidget)
    def _focus_moved(self, old: QWidget | None, now: QWidget | None) -> None:
        left, entered = self._row_around(old), self._row_around(now)
        if left is entered:
            return
        if left is not None:
            self._draft.settle()
        if entered is not None:
            self.row_focused.emit(self._known[entered.row.key])
            self.ensureWidgetVisible(entered, 0, theme().px(16))

    def _row_around(self, widget: QWidget | None) -> FormRow | None:
        while widget is not None and widget is not self:
            if isinstance(widget, FormRow) and self._rows.get(widget.row.key) is widget:
                return widget
            widget = widget.parentWidget()
        return None


class _Setter(QObject):
    """Carries a remedy from its button to the draft; it lives as long as the button's box."""

    def __init__(self, box: ProblemBox, draft: Draft, problem: Problem) -> None:
        super().__init__(box)
        self._draft, self._problem = draft, problem

    @Slot()
    def set(self) -> None:
        self._draft.set(self._problem.path, self._problem.remedy)


def _fits(shown: Row, row: Row) -> bool:
    """Whether the control that shows one row can show the other."""
    parts = (
        "type",
        "label",
        "choices",
        "nullable",
        "ge",
        "gt",
        "le",
        "lt",
        "unit",
        "help",
        "symbol",
    )
    return all(getattr(shown, part) == getattr(row, part) for part in parts)
