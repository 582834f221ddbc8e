"""A section of a form."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QWidget

from workbench.app.forms.arrangement import FormSection
from workbench.app.forms.row import GUTTER, FormRow
from workbench.app.theme import theme
from workbench.app.widgets import Link, Section


class FormPart(Section):
    """A section of the form: its rows, and those that few people need behind a link."""

    def __init__(self, plan: FormSection, parent: QWidget | None = None) -> None:
        self._summary = ""
        self._rows: list[FormRow] = []
        self.plan = plan
        self.advanced_shown = False
        self._more = Link("")
        super().__init__(plan.title, plan.sentence, plan.opened, parent)
        self._more.clicked.connect(self._more_clicked)
        self.toggled.connect(self._retitle)

    def row_keys(self) -> list[str]:
        return [row.key for row in self.plan.rows]

    def hold(self, rows: list[FormRow]) -> None:
        """Show these rows in this order."""
        if rows != self._rows:
            for row in rows:
                self.body.removeWidget(row)
            self.body.removeWidget(self._more)
            for row in rows:
                self.body.addWidget(row)
            self.body.addWidget(self._more, 0, Qt.AlignmentFlag.AlignLeft)
            self._rows = rows
        self.show_advanced(self.advanced_shown)

    def summarise(self, text: str) -> None:
        self._summary = text
        self._retitle()

    def set_open(self, opened: bool) -> None:
        super().set_open(opened)
        self._retitle()

    def show_advanced(self, shown: bool) -> None:
        """Show the rows that few people need, or only those of them that are changed or wrong."""
        self.advanced_shown = shown
        if not self._rows:
            return
        advanced = [row for row in self._rows if row.row.advanced]
        for row in advanced:
            row.setVisible(shown or row.is_changed() or bool(row.problem_text()))
        count = len(advanced)
        self._more.setVisible(bool(count))
        words = f"{count} more setting{'s' if count > 1 else ''}"
        self._more.setText("Fewer settings" if shown else words)
        self._more.updateGeometry()

    def retheme(self) -> None:
        super().retheme()
        px = theme().px
        self.body.setContentsMargins(px(16), px(4), px(16), px(4))
        self._more.setContentsMargins(px(GUTTER), 0, 0, 0)

    @Slot()
    def _more_clicked(self) -> None:
        self.show_advanced(not self.advanced_shown)

    @Slot()
    def _retitle(self) -> None:
        self.set_muted(self.plan.sentence if self.is_open() else self._summary)
