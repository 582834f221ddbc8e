"""Text in the type scale, and lines."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QLabel, QSizePolicy, QWidget

from workbench.app.theme import Themed, theme
from workbench.app.theme.tokens import TYPE


class Label(QLabel, Themed):
    """A text. `use` names a row of the type scale, `tone` a token.

    Args:
        elide: when there is no room, end in "…" and show the whole text as tooltip, instead of
            asking for more room.
    """

    def __init__(
        self,
        text: str = "",
        use: str = "body",
        tone: str = "text",
        wrap: bool = False,
        elide: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(text, parent)
        self._use, self._elide = use, elide
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("tone", tone)
        self.setWordWrap(wrap)
        if elide:
            self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self.follow_theme()

    def set_tone(self, tone: str) -> None:
        if self.property("tone") != tone:
            self.setProperty("tone", tone)
            self.style().unpolish(self)
            self.style().polish(self)

    def set_use(self, use: str) -> None:
        self._use = use
        self.retheme()

    def retheme(self) -> None:
        self.setFont(theme().font(self._use))
        self.setMinimumHeight(theme().px(TYPE[self._use].line))

    def minimumSizeHint(self) -> QSize:
        hint = super().minimumSizeHint()
        if self._elide:
            hint.setWidth(min(hint.width(), theme().px(32)))
        return hint

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._elide:
            cut = self.fontMetrics().horizontalAdvance(self.text()) > self.width()
            self.setToolTip(self.text() if cut else "")

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._elide:
            super().paintEvent(event)
            return
        painter = QPainter(self)
        painter.setFont(self.font())
        painter.setPen(self.palette().color(self.foregroundRole()))
        shown = self.fontMetrics().elidedText(
            self.text(), Qt.TextElideMode.ElideRight, self.width()
        )
        painter.drawText(self.rect(), int(self.alignment()), shown)
        painter.end()


class Rule(QFrame, Themed):
    """A line of 1 px between things."""

    def __init__(self, vertical: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._vertical = vertical
        self.setProperty("line", True)
        self.follow_theme()

    def retheme(self) -> None:
        if self._vertical:
            self.setFixedSize(1, theme().px(20))
        else:
            self.setFixedHeight(1)
