"""A page and its head."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QIcon, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QPushButton,
    QSizePolicy,
    QStyle,
    QStyleOptionButton,
    QVBoxLayout,
    QWidget,
)

from workbench.app.theme import Themed, pixmap, theme
from workbench.app.theme.tokens import SIZES
from workbench.app.widgets.badge import Badge
from workbench.app.widgets.text import Label


class PageHead(QWidget, Themed):
    """Title, badge, one muted line, search, then at most three actions.

    Signals:
        find_requested(): the person wants the palette; the window listens.
    """

    find_requested = Signal()

    def __init__(self, title: str, muted: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = Label(title, "title")
        self.muted = Label(muted, "body", "muted", elide=True)
        self.find_button = FindButton()
        self.find_button.clicked.connect(self.find_requested)
        self._badge: Badge | None = None
        self._row = QHBoxLayout(self)
        self._left, self._actions = QHBoxLayout(), QHBoxLayout()
        self._left.addWidget(self.title)
        self._row.addLayout(self._left)
        self._row.addWidget(self.muted, 1)
        self._row.addWidget(self.find_button)
        self._row.addLayout(self._actions)
        self.follow_theme()

    def set_muted(self, text: str) -> None:
        self.muted.setText(text)

    def set_badge(self, badge: Badge | None) -> None:
        """Show `badge` after the title; the head takes it over."""
        if self._badge is not None and self._badge is not badge:
            self._badge.deleteLater()
        self._badge = badge
        if badge is not None:
            self._left.addWidget(badge, 0, Qt.AlignmentFlag.AlignVCenter)

    def add_action(self, widget: QWidget) -> None:
        """Put a button at the right end; a filled one comes last."""
        self._actions.addWidget(widget, 0, Qt.AlignmentFlag.AlignVCenter)

    def retheme(self) -> None:
        px = theme().px
        self.setFixedHeight(px(SIZES.page_head))
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(px(8))
        self._left.setSpacing(px(16))
        self._left.setContentsMargins(0, 0, px(8), 0)
        self._actions.setSpacing(px(8))


class FindButton(QPushButton, Themed):
    """Looks like a search field, opens the palette."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Find or run…", parent)
        self.setProperty("kind", "find")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName("Find or run, Ctrl K")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.follow_theme()

    def retheme(self) -> None:
        self.setFont(theme().font("body"))
        self.setMinimumWidth(theme().px(120))
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        return QSize(theme().px(216), theme().px(SIZES.button))

    def paintEvent(self, event: QPaintEvent) -> None:
        """The style sheet's frame; glass, words and keys by hand."""
        option = QStyleOptionButton()
        self.initStyleOption(option)
        option.text, option.icon = "", QIcon()
        here, px = theme(), theme().px
        painter = QPainter(self)
        self.style().drawControl(QStyle.ControlElement.CE_PushButton, option, painter, self)
        top = (self.height() - px(16)) // 2
        glass = pixmap("search", "muted", 16, self.devicePixelRatioF())
        painter.drawPixmap(QPoint(px(10), top), glass)
        left = px(10 + 16 + 8)
        painter.setFont(self.font())
        painter.setPen(here.colour("muted"))
        row = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        painter.drawText(self.rect().adjusted(left, 0, 0, 0), row, self.text())
        words = painter.fontMetrics().horizontalAdvance(self.text())
        if self.width() >= left + words + px(8 + 42 + 8):
            self._paint_keys(painter)
        painter.end()

    def _paint_keys(self, painter: QPainter) -> None:
        here, px = theme(), theme().px
        box = QRectF(self.width() - px(50), (self.height() - px(18)) // 2, px(42), px(18))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(here.font("caption"))
        painter.setPen(here.colour("border"))
        painter.setBrush(here.colour("panel"))
        painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), px(3), px(3))
        painter.setPen(here.colour("muted"))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, "Ctrl K")


class Page(QWidget, Themed):
    """A page of the window: head, and the margin around its content.

    Attributes:
        title, icon: how the rail shows it.
        widget: itself, as the window asks of a page.
        head: the PageHead.
        content: the layout under the head.
    """

    def __init__(
        self, title: str, icon: str, muted: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.title, self.icon = title, icon
        self.head = PageHead(title, muted)
        self.content = QVBoxLayout()
        self._column = QVBoxLayout(self)
        self._column.setSpacing(0)
        self._column.addWidget(self.head)
        self._column.addLayout(self.content, 1)
        self.follow_theme()

    @property
    def widget(self) -> QWidget:
        return self

    def retheme(self) -> None:
        px = theme().px
        self._column.setContentsMargins(px(SIZES.margin), 0, px(SIZES.margin), px(SIZES.margin))
        self.content.setSpacing(px(SIZES.gap))
