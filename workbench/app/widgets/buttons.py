"""Buttons. They take the focus by Tab, not by the mouse, so that the ring marks the keyboard's
place.
"""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QIcon, QPainter, QPaintEvent
from PySide6.QtWidgets import QPushButton, QStyle, QStyleOptionButton, QToolButton, QWidget

from workbench.app.theme import Themed, icon, pixmap, theme

_TOKEN = {"filled": "onfill", "danger": "bad", "link": "accent"}
ICON_GAP, QT_ICON_GAP = 8, 4


class Button(QPushButton, Themed):
    """A button with a word, 32 high (28 when `small`). `kind`: normal, filled (one a page),
    danger, quiet.

    Signals:
        clicked(): Qt's own.
    """

    def __init__(
        self,
        text: str,
        icon: str = "",
        kind: str = "normal",
        small: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(text, parent)
        self._icon_name, self._kind = icon, kind
        self.setProperty("kind", kind)
        self.setProperty("small", small)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.follow_theme()

    def set_icon(self, name: str) -> None:
        self._icon_name = name
        self.retheme()

    def set_enabled_because(self, problem: str) -> None:
        """Enabled when `problem` is empty; otherwise disabled, and the tooltip says why."""
        self.setEnabled(not problem)
        self.setToolTip(problem)

    def retheme(self) -> None:
        self.setFont(theme().font("strong" if self._kind != "link" else "small"))
        self.setIconSize(QSize(theme().px(16), theme().px(16)))
        if self._icon_name:
            self.setIcon(icon(self._icon_name))  # Qt counts it in the size
        self.update()

    def sizeHint(self) -> QSize:
        hint = super().sizeHint()
        if self._icon_name and self.text():
            hint.setWidth(hint.width() + theme().px(ICON_GAP) - QT_ICON_GAP)
        return hint

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The style sheet's frame; icon and word by hand, because Qt leaves 4 px between them and
        no choice.
        """
        option = QStyleOptionButton()
        self.initStyleOption(option)
        words, option.text = self.text(), ""
        option.icon = QIcon()
        painter = QPainter(self)
        self.style().drawControl(QStyle.ControlElement.CE_PushButton, option, painter, self)
        side = theme().px(16) if self._icon_name else 0
        gap = theme().px(ICON_GAP) if side and words else 0
        painter.setFont(self.font())
        width = side + gap + painter.fontMetrics().horizontalAdvance(words)
        left = max(0, (self.width() - width) // 2)
        if side:
            self._paint_icon(painter, QPoint(left, (self.height() - side) // 2))
        painter.setPen(theme().colour(self._token()))
        room = QRect(left + side + gap, 0, self.width() - left - side - gap, self.height())
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, words)
        painter.end()

    def _paint_icon(self, painter: QPainter, spot: QPoint) -> None:
        density = self.devicePixelRatioF()
        painter.drawPixmap(spot, pixmap(self._icon_name, self._token(), 16, density))

    def _token(self) -> str:
        if not self.isEnabled():
            return "muted"
        if self.isChecked() or (self.isDown() and self._kind == "normal"):
            return "accent"
        return _TOKEN.get(self._kind, "text")


class Link(Button):
    """A word that goes somewhere or does something small, in the text's line.

    Signals:
        clicked(): Qt's own.
    """

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(text, kind="link", parent=parent)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def sizeHint(self) -> QSize:
        return QSize(self.fontMetrics().horizontalAdvance(self.text()) + 2, theme().px(20))


class IconButton(QToolButton, Themed):
    """An icon without a word, 24 square; `tip` is its tooltip and its accessible name.

    Signals:
        clicked(), toggled(bool): Qt's own.
    """

    def __init__(
        self,
        icon: str,
        tip: str,
        checkable: bool = False,
        token: str = "text2",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._icon_name, self._token = icon, token
        self.setCheckable(checkable)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.set_tip(tip)
        self.toggled.connect(self.retheme)
        self.follow_theme()

    def set_tip(self, tip: str) -> None:
        self.setToolTip(tip)
        self.setAccessibleName(tip)

    def set_icon(self, name: str, token: str = "") -> None:
        self._icon_name = name
        self._token = token or self._token
        self.retheme()

    def retheme(self) -> None:
        side = theme().px(24)
        self.setFixedSize(side, side)
        self.setIconSize(QSize(theme().px(16), theme().px(16)))
        self.setIcon(icon(self._icon_name, "accent" if self.isChecked() else self._token))
