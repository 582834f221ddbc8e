"""What is held out, and whether anything leaks over the line."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt, Slot
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from workbench.app.pages.data.split_form import SplitForm
from workbench.app.pages.data.view import SPLIT_SERIES, SPLITS, DataView
from workbench.app.theme import Themed, theme
from workbench.app.widgets import Badge, IconLabel, Label, Panel, Rule, Swatch
from workbench.leaks import Statement

_SHORT = {"train": "Train", "validation": "Val.", "test": "Test"}


class SplitPanel(Panel):
    """Shares, rotations, and an audit that really looks.

    Attributes:
        form: what decides the split.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Split", parent=parent)
        px = theme().px
        self.badge = Badge("Checking…", "shield-check", "neutral")
        self.add_tool(self.badge)
        self._statements: list[Statement] = []
        self.form = SplitForm()
        self._bar = _ShareBar()
        self._legend = QHBoxLayout()
        self._legend.setSpacing(px(4))
        self._shares: dict[str, Label] = {}
        for split in SPLITS:
            self._shares[split] = Label("", "caption", "text2")
            self._legend.addWidget(Swatch(SPLIT_SERIES[split]))
            self._legend.addWidget(self._shares[split])
            self._legend.addStretch(1)
        self._list = QVBoxLayout()
        self._list.setSpacing(px(2))
        self.body.addWidget(self.form)
        self.body.addWidget(self._bar)
        self.body.addLayout(self._legend)
        self.body.addWidget(Rule())
        self.body.addLayout(self._list)
        self.body.addStretch(1)

    def set_view(self, view: DataView | None) -> None:
        """Show the split of a data set, and what its names say; the rest of the audit follows."""
        self.form.held_out.setText(view.held_out() if view is not None else "–")
        if view is None:
            self._bar.set_counts({})
            self._show([], "No data yet", "neutral")
            for label in self._shares.values():
                label.setText("–")
            return
        counts = {split: len(own) for split, own in view.splits.items()}
        total = max(sum(counts.values()), 1)
        self._bar.set_counts(counts)
        for split, label in self._shares.items():
            label.setText(f"{_SHORT[split]} {counts[split] / total:.0%}")
            label.setToolTip(view.words.count(counts[split]))
        self._statements = view.audit()
        self._show(self._statements, "Checking…", "neutral", ["Looking at images…", "", "", ""])

    def statements(self) -> list[Statement]:
        """What was checked so far."""
        return list(self._statements)

    @Slot(object)
    def show_audit(self, more: Sequence[Statement]) -> None:
        """Add what the images themselves say."""
        self._statements = [*self._statements, *more]
        leaks = [s for s in self._statements if s.leaks]
        words = "No leaks" if not leaks else f"{len(leaks)} leak{'s' if len(leaks) > 1 else ''}"
        self._show(self._statements, words, "bad" if leaks else "ok")

    def show_failure(self, message: str) -> None:
        """Say why the images could not be looked at."""
        self._show([*self._statements, Statement(message, False)], "Not checked", "warn")

    def _show(
        self,
        statements: Sequence[Statement],
        words: str,
        tone: str,
        pending: Sequence[str] = (),
    ) -> None:
        self.badge.set(
            words, "shield-check" if tone == "ok" else "circle-alert" if tone == "bad" else "", tone
        )
        while (item := self._list.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for statement in statements:
            self._list.addWidget(_StatementRow(statement))
        for text in pending:  # so that nothing jumps when they are known
            row = _StatementRow(Statement(text, False, minor=True)) if text else Label(" ", "small")
            self._list.addWidget(row)


class _StatementRow(QWidget):
    def __init__(self, statement: Statement, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme().px(6))
        name, tone = ("circle-alert", "bad") if statement.leaks else ("info", "muted")
        icon = IconLabel("check", "ok") if statement.holds else IconLabel(name, tone)
        row.addWidget(icon, 0, Qt.AlignmentFlag.AlignTop)
        words = Label(statement.text, "small", "bad" if statement.leaks else "text2", elide=True)
        words.setToolTip(statement.text)
        row.addWidget(words, 1)


class _ShareBar(QWidget, Themed):
    """The splits' shares of all classes, side by side."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._counts: dict[str, int] = {}
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.follow_theme()

    def set_counts(self, counts: dict[str, int]) -> None:
        self._counts = counts
        self.setAccessibleName(", ".join(f"{split}: {count:,}" for split, count in counts.items()))
        self.update()

    def retheme(self) -> None:
        self.setFixedHeight(theme().px(8))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        total = sum(self._counts.values())
        if not total:
            painter.fillRect(self.rect(), theme().colour("hover"))
        left = 0.0
        for split, count in self._counts.items():
            if count:
                width = self.width() * count / total
                painter.fillRect(
                    QRectF(left, 0, max(width - 2, 1), self.height()),
                    theme().series(SPLIT_SERIES[split]),
                )
                left += width
        painter.end()
