"""The rail at the left: one entry a page."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QFrame, QVBoxLayout, QWidget

from workbench.app.theme import Themed, pixmap, theme
from workbench.app.theme.tokens import SIZES
from workbench.app.widgets.checkbox import paint_focus


class Rail(QFrame, Themed):
    """Entries of icon and word, icon only while the window is narrow.

    Signals:
        chosen(str): the person wants the page of that title.
    """

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("Rail")
        self.setAccessibleName("Pages")
        self._narrow = False
        self._buttons: dict[str, RailButton] = {}
        self._group = QButtonGroup(self)
        self._group.buttonClicked.connect(self._clicked)
        self._column = QVBoxLayout(self)
        self._column.setSpacing(0)
        self._logo = Logo()
        self._column.addWidget(self._logo)
        self._places = 1
        self._column.addStretch(1)
        self.follow_theme()

    def add(self, title: str, icon: str, bottom: bool = False, keys: str = "") -> None:
        """Add an entry after the others of its end."""
        button = RailButton(title, icon, keys)
        self._buttons[title] = button
        self._group.addButton(button)
        if bottom:
            self._column.addWidget(button)
        else:
            self._column.insertWidget(self._places, button)
            self._places += 1
        button.set_narrow(self._narrow)

    def set_current(self, title: str) -> None:
        self._buttons[title].setChecked(True)

    def set_dot(self, title: str, tone: str) -> None:
        """A dot of that tone at the entry, none for an empty one."""
        if title in self._buttons:
            self._buttons[title].set_dot(tone)

    def dot(self, title: str) -> str:
        return self._buttons[title].dot

    def set_narrow(self, narrow: bool) -> None:
        self._narrow = narrow
        for button in self._buttons.values():
            button.set_narrow(narrow)
        self.retheme()

    def is_narrow(self) -> bool:
        return self._narrow

    def retheme(self) -> None:
        width = theme().px(SIZES.rail_narrow if self._narrow else SIZES.rail)
        self.setFixedWidth(width)
        self._column.setContentsMargins(0, 0, 1, theme().px(8))
        self._logo.setFixedHeight(theme().px(56 if self._narrow else 60))

    @Slot(QAbstractButton)
    def _clicked(self, button: QAbstractButton) -> None:
        if isinstance(button, RailButton):
            self.chosen.emit(button.title)


class RailButton(QAbstractButton, Themed):
    """One entry."""

    def __init__(
        self, title: str, icon: str, keys: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.title, self.dot = title, ""
        self._icon_name, self._keys, self._narrow = icon, keys, False
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self._tell()
        self.follow_theme()

    def set_dot(self, tone: str) -> None:
        if tone != self.dot:
            self.dot = tone
            self._tell()
            self.update()

    def set_narrow(self, narrow: bool) -> None:
        self._narrow = narrow
        self._tell()
        self.retheme()

    def retheme(self) -> None:
        self.setFixedHeight(theme().px(48 if self._narrow else 64))
        self.update()

    def sizeHint(self) -> QSize:
        width = SIZES.rail_narrow if self._narrow else SIZES.rail
        return QSize(theme().px(width), self.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        here, px = theme(), theme().px
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(px(8), px(4), -px(7), -px(4))
        painter.setPen(Qt.PenStyle.NoPen)
        if self.isChecked() or self.underMouse():
            painter.setBrush(here.colour("soft" if self.isChecked() else "hover"))
            painter.drawRoundedRect(box, px(4), px(4))
        if self.isChecked():
            painter.setBrush(here.colour("accent"))
            painter.drawRoundedRect(
                QRectF(-px(3), box.top() + px(12), px(6), box.height() - px(24)), px(2), px(2)
            )
        token = "accent" if self.isChecked() else "text2"
        side = px(20)
        left = box.center().x() - side / 2
        top = box.center().y() - side / 2 if self._narrow else box.top() + px(8)
        painter.drawPixmap(
            QPointF(round(left), round(top)),
            pixmap(self._icon_name, token, 20, self.devicePixelRatioF()),
        )
        if self.dot:
            painter.setBrush(here.colour(self.dot))
            painter.setPen(QPen(here.colour("soft" if self.isChecked() else "inset"), 1))
            painter.drawEllipse(QPointF(left + side + px(4), top + px(2)), px(3.5), px(3.5))
        if not self._narrow:
            painter.setFont(here.font("captionstrong"))
            painter.setPen(here.colour(token))
            words = QRectF(0, box.bottom() - px(24), self.width(), px(16))
            painter.drawText(words, Qt.AlignmentFlag.AlignCenter, self.title)
        if self.hasFocus():
            paint_focus(painter, box)
        painter.end()

    def _tell(self) -> None:
        state = {"ok": ", running", "warn": ", paused", "bad": ", needs a look"}.get(self.dot, "")
        self.setAccessibleName(self.title + state)
        keys = f"  ({self._keys})" if self._keys else ""
        self.setToolTip(f"{self.title}{keys}" if self._narrow or keys else "")


class Logo(QWidget, Themed):
    """Five examples and the one asked about."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Few-Shot Workbench")
        self.follow_theme()

    def retheme(self) -> None:
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        here, px = theme(), theme().px
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        side, step = px(8), px(11)
        left = (self.width() - 2 * step - side) // 2
        top = px(17)
        for i in range(6):
            box = QRectF(left + i % 3 * step, top + i // 3 * step, side, side)
            last = i == 5
            painter.setPen(QPen(here.colour("accent" if last else "text"), 1.5))
            painter.setBrush(here.colour("accent") if last else Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box.adjusted(0.75, 0.75, -0.75, -0.75), 1.5, 1.5)
        painter.end()
