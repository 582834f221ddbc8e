"""How far something is."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from workbench.app.theme import Themed, theme


class ProgressLine(QWidget, Themed):
    """A bar of 6 px. A fraction of None shows the empty track: at work, end unknown."""

    def __init__(
        self,
        tone: str = "accent",
        name: str = "Progress",
        height: int = 6,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._tone, self._fraction, self._height = tone, 0.0, height
        self._name = name
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.set_fraction(0.0)
        self.follow_theme()

    def fraction(self) -> float:
        return self._fraction

    def set_fraction(self, fraction: float | None) -> None:
        """`fraction` from 0 to 1; beyond them it shows as the nearer end."""
        before, self._fraction = self._fraction, min(max(fraction or 0.0, 0.0), 1.0)
        share = "at work" if fraction is None else f"{self._fraction:.0%}"
        self.setAccessibleName(f"{self._name}: {share}")
        if self._fraction != before:
            self.update()

    def set_tone(self, tone: str) -> None:
        if tone != self._tone:
            self._tone = tone
            self.update()

    def retheme(self) -> None:
        self.setFixedHeight(theme().px(self._height))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        whole = QRectF(self.rect())
        radius = min(whole.height() / 2, theme().px(2))
        painter.setBrush(theme().colour("hover"))
        painter.drawRoundedRect(whole, radius, radius)
        if self._fraction > 0:
            whole.setWidth(max(whole.width() * self._fraction, 2 * radius))
            painter.setBrush(theme().colour(self._tone))
            painter.drawRoundedRect(whole, radius, radius)
        painter.end()
