"""Small words with a state: badges, status chips, filter chips."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from workbench.app.theme import Themed, pixmap, theme
from workbench.app.widgets.buttons import IconButton
from workbench.app.widgets.text import Label

TONES: dict[str, tuple[str, str]] = {
    "neutral": ("hover", "text2"),
    "accent": ("soft", "accent"),
    "ok": ("oksoft", "ok"),
    "warn": ("warnsoft", "warn"),
    "bad": ("badsoft", "bad"),
    "outline": ("panel", "text"),
    "muted": ("hover", "muted"),
}
"""Tone of a badge: its ground and its text."""

STATUSES: dict[str, tuple[str, str, str]] = {
    "running": ("circle-play", "Running", "ok"),
    "done": ("circle-check", "Done", "ok"),
    "ready": ("circle-check", "Ready", "ok"),
    "paused": ("circle-pause", "Paused", "warn"),
    "stopping": ("circle-stop", "Stopping", "warn"),
    "stopped": ("circle-stop", "Stopped", "neutral"),
    "failed": ("circle-alert", "Failed", "bad"),
    "died": ("circle-alert", "Died", "bad"),
    "waiting": ("clock", "Waiting", "neutral"),
    "starting": ("loader-circle", "Starting", "accent"),
}
"""Status: its icon, its word and its tone. All three are always shown."""


def paint_badge(
    painter: QPainter, rect: QRectF, text: str, icon: str = "", tone: str = "neutral"
) -> None:
    """Paint a badge that fills `rect`; `badge_width` says how wide that should be."""
    ground, ink = TONES[tone]
    here = theme()
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    radius = here.px(4)
    if tone == "outline":
        painter.setPen(here.colour("ctl"))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
    else:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(here.colour(ground))
        painter.drawRoundedRect(rect, radius, radius)
    left = rect.left() + here.px(8)
    if icon:
        density = painter.device().devicePixelRatio()
        side = here.px(12)
        painter.drawPixmap(
            round(left),
            round(rect.center().y() - side / 2),
            pixmap(icon, ink, 12, density),
        )
        left += side + here.px(4)
    painter.setPen(here.colour(ink))
    painter.setFont(here.font("captionstrong"))
    painter.drawText(
        QRectF(left, rect.top(), rect.right() - left, rect.height()),
        Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft,
        text,
    )
    painter.restore()


def badge_width(text: str, icon: str = "") -> int:
    metrics = QFontMetrics(theme().font("captionstrong"))
    return metrics.horizontalAdvance(text) + theme().px(17) + (theme().px(16) if icon else 0)


class Badge(QWidget, Themed):
    """A word on a coloured ground, with an icon when it is a state."""

    def __init__(
        self, text: str = "", icon: str = "", tone: str = "neutral", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._text, self._icon, self._tone = text, icon, tone
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(text)
        self.follow_theme()

    def text(self) -> str:
        return self._text

    def set(self, text: str, icon: str | None = None, tone: str | None = None) -> None:
        """Change the word, and the icon and tone where they are given."""
        before = self._text, self._icon, self._tone
        self._text = text
        self._icon = self._icon if icon is None else icon
        self._tone = self._tone if tone is None else tone
        if before != (self._text, self._icon, self._tone):
            self.setAccessibleName(text)
            self.retheme()

    def retheme(self) -> None:
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(badge_width(self._text, self._icon), theme().px(20))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint_badge(painter, QRectF(self.rect()), self._text, self._icon, self._tone)
        painter.end()


class StatusChip(Badge):
    """The state of a run: icon, word and colour. `word` replaces the usual one ("Running, 62
    %").
    """

    def __init__(self, status: str, word: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.set_status(status, word)

    def set_status(self, status: str, word: str = "") -> None:
        icon, usual, tone = STATUSES.get(status, ("info", status.capitalize(), "neutral"))
        self.set(word or usual, icon, tone)


class StatusDot(QWidget, Themed):
    """A dot of 8 px; always beside a word."""

    def __init__(
        self, tone: str = "ok", hollow: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._tone, self._hollow = tone, hollow
        self.follow_theme()

    def set(self, tone: str, hollow: bool = False) -> None:
        if (tone, hollow) != (self._tone, self._hollow):
            self._tone, self._hollow = tone, hollow
            self.update()

    def retheme(self) -> None:
        self.setFixedSize(theme().px(8), theme().px(8))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colour = theme().colour(self._tone)
        painter.setPen(colour)
        painter.setBrush(Qt.BrushStyle.NoBrush if self._hollow else colour)
        painter.drawEllipse(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5))
        painter.end()


class IconLabel(QWidget, Themed):
    """An icon that only tells, beside its word."""

    def __init__(
        self, icon: str, tone: str = "text2", size: int = 16, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._icon, self._tone, self._size = icon, tone, size
        self.follow_theme()

    def set(self, icon: str, tone: str | None = None) -> None:
        wanted = self._tone if tone is None else tone
        if (icon, wanted) != (self._icon, self._tone):
            self._icon, self._tone = icon, wanted
            self.update()

    def retheme(self) -> None:
        side = theme().px(self._size)
        self.setFixedSize(side, side)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.drawPixmap(
            0, 0, pixmap(self._icon, self._tone, self._size, self.devicePixelRatioF())
        )
        painter.end()


class Chip(QWidget, Themed):
    """A filter in force, with a cross that takes it away.

    Signals:
        removed(): the person wants it gone.
    """

    removed = Signal()

    def __init__(self, text: str, removable: bool = True, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.label = Label(text, "small", "text")
        self._row = QHBoxLayout(self)
        self._row.addWidget(self.label)
        if removable:
            cross = IconButton("x", f"Remove {text}")
            cross.clicked.connect(self.removed)
            self._row.addWidget(cross)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.follow_theme()

    def retheme(self) -> None:
        px = theme().px
        self.setFixedHeight(px(28))
        self._row.setContentsMargins(px(8), 0, px(4), 0)
        self._row.setSpacing(px(4))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(theme().colour("ctl"))
        painter.setBrush(theme().colour("panel"))
        radius = theme().px(4)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
        painter.end()
