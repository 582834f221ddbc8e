"""A number with its caption."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from workbench.app.theme import Themed, theme
from workbench.app.widgets.text import Label


class Figure(QWidget, Themed):
    """Caption above, value below, a muted suffix behind the value ("12,480" "of 20,000")."""

    use = "figure"

    def __init__(
        self, caption: str, value: str = "–", suffix: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.caption = Label(caption, "caption", "muted")
        self.value = Label(value, self.use)
        self.suffix = Label(suffix, "small", "muted")
        self._row = QHBoxLayout()
        self._row.addWidget(self.value)
        self._row.addWidget(self.suffix)
        self._row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.caption)
        column.addLayout(self._row)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.set(value, suffix)
        self.follow_theme()

    def set(self, value: str, suffix: str | None = None) -> None:
        """Show another value, and another suffix where one is given."""
        self.value.setText(value)
        if suffix is not None:
            self.suffix.setText(suffix)
        self.suffix.setVisible(bool(self.suffix.text()))
        self.setAccessibleName(f"{self.caption.text()}: {value} {self.suffix.text()}".strip())

    def set_caption(self, caption: str) -> None:
        self.caption.setText(caption)
        self.set(self.value.text())

    def retheme(self) -> None:
        self._row.setSpacing(theme().px(6))


class KeyFigure(Figure):
    """The number of the page, 28 px."""

    use = "key"
