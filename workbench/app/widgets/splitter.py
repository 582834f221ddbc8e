"""Panels side by side, the gap between them being the handle."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSplitter, QWidget

from workbench.app.theme import Themed, theme
from workbench.app.theme.tokens import SIZES


class Splitter(QSplitter, Themed):
    """A splitter with a handle of 16 px; the window remembers its sizes under `name`.

    Args:
        sizes: of the panels at first and after "Reset layout", in proportion.
    """

    def __init__(
        self,
        direction: str,
        name: str,
        sizes: Sequence[int] = (),
        parent: QWidget | None = None,
    ) -> None:
        orientation = (
            Qt.Orientation.Horizontal if direction == "horizontal" else Qt.Orientation.Vertical
        )
        super().__init__(orientation, parent)
        self.setObjectName(name)
        self._sizes = list(sizes)
        self.setChildrenCollapsible(False)
        self.follow_theme()

    def add(self, widget: QWidget, stretch: int = 0) -> None:
        """Put `widget` at the end; room that is over goes to panels by their `stretch`."""
        self.addWidget(widget)
        self.setStretchFactor(self.count() - 1, stretch)

        self.reset()

    def reset(self) -> None:
        """The sizes that it began with."""
        if len(self._sizes) == self.count():
            self.setSizes(self._sizes)

    def retheme(self) -> None:
        self.setHandleWidth(theme().px(SIZES.gap))
