"""What a data set is: how large, under which licence, from where, and how to cite it."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from workbench.app.theme import theme
from workbench.app.widgets import Label, Link
from workbench.schema.nouns import Words, size
from workbench.schema.rows import Option

WIDE = 460  # px: longer lines are hard to read


class About(QWidget):
    """Facts of the catalogue about one data set."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        px = theme().px
        self._summary = Label("", "body", "text2", wrap=True)
        self._inner = QWidget()
        self._inner.setFixedWidth(px(WIDE))
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(px(16))
        self._grid.setVerticalSpacing(px(6))
        self._grid.setColumnStretch(1, 1)
        column = QVBoxLayout(self._inner)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(px(12))
        column.addWidget(self._summary)
        column.addLayout(self._grid)
        row = QHBoxLayout(self)
        row.addStretch(1)
        row.addWidget(self._inner)
        row.addStretch(1)

    def show_option(self, option: Option) -> None:
        """Show another data set."""
        self._summary.setText(option.summary)
        while (item := self._grid.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for number, (name, text) in enumerate(facts(option)):
            label = Label(name, "small", "muted")
            self._grid.addWidget(label, number, 0, Qt.AlignmentFlag.AlignTop)
            if text.startswith("http"):
                self._grid.addWidget(_link(text), number, 1, Qt.AlignmentFlag.AlignLeft)
            else:
                self._grid.addWidget(Label(text, "small", wrap=True), number, 1)


def facts(option: Option) -> Iterator[tuple[str, str]]:
    """Names and words of what is known; nothing for what is not."""
    words, known = Words.of(option.facts), option.facts.get("published", {})
    if known.get("classes"):
        yield "Classes", words.count(known["classes"])
    if known.get("images"):
        yield "Images", f"{known['images']:,}"
    if known.get("bytes"):
        yield "Files", size(known["bytes"])
    for name, text in (
        ("Licence", option.licence),
        ("Source", option.source),
        ("Citation", option.citation),
    ):
        if text:
            yield name, text


def _link(address: str) -> Link:
    link = Link(address.removeprefix("https://").removeprefix("http://").rstrip("/"))
    link.setToolTip(address)
    link.clicked.connect(lambda: QDesktopServices.openUrl(QUrl(address)))
    return link
