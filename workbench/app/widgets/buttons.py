"""Buttons. They take the focus by Tab, not by the mouse, so that the ring marks the keyboard's place."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QPushButton, QToolButton, QWidget

from workbench.app.theme import Themed, icon, theme

_ICON_TOKEN = {"filled": "onfill", "danger": "bad", "link": "accent"}


class Button(QPushButton, Themed):
    """A button with a word, 32 high (28 when `small`). `kind`: normal, filled (one a page), danger, quiet.

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
            self.setIcon(icon(self._icon_name, _ICON_TOKEN.get(self._kind, "text")))

    def sizeHint(self) -> QSize:
        hint = super().sizeHint()
        if self._icon_name and self.text():
            hint.setWidth(hint.width() + theme().px(4))
        return hint


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
