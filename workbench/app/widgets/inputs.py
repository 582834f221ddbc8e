"""Fields of text, choices and sliders."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import (
    QComboBox,
    QLineEdit,
    QSlider,
    QStyle,
    QStyleOptionComboBox,
    QStylePainter,
    QWidget,
)

from workbench.app.theme import Themed, pixmap, theme


def set_flag(widget: QWidget, name: str, value: bool) -> None:
    """Set a property that the style sheet reads, and let it be read again."""
    if widget.property(name) != value:
        widget.setProperty(name, value)
        widget.style().unpolish(widget)
        widget.style().polish(widget)
        widget.update()


class LineField(QLineEdit, Themed):
    """A line of text.

    Signals:
        textEdited(str), editingFinished(): Qt's own.
    """

    def __init__(
        self, text: str = "", placeholder: str = "", name: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(text, parent)
        self.setPlaceholderText(placeholder)
        self.setAccessibleName(name or placeholder)
        self.follow_theme()

    def set_bad(self, bad: bool) -> None:
        """Outline it as wrong, or not."""
        set_flag(self, "bad", bad)

    def retheme(self) -> None:
        self.setFont(theme().font("body"))


class SearchField(LineField):
    """Text to search by.

    Signals:
        searched(str): the text, 150 ms after the last key.
    """

    searched = Signal(str)

    def __init__(self, placeholder: str = "Search", parent: QWidget | None = None) -> None:
        super().__init__("", placeholder, placeholder, parent)
        self.setClearButtonEnabled(False)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(150)
        self._pause.timeout.connect(self._search)
        self.textChanged.connect(self._pause.start)

    def retheme(self) -> None:
        super().retheme()
        self.setTextMargins(theme().px(20), 0, 0, 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        side = theme().px(16)
        painter = QPainter(self)
        spot = QPoint(theme().px(8), (self.height() - side) // 2)
        painter.drawPixmap(spot, pixmap("search", "muted", 16, self.devicePixelRatioF()))
        painter.end()

    @Slot()
    def _search(self) -> None:
        self.searched.emit(self.text())


class Combo(QComboBox, Themed):
    """One of several, each a key and a label.

    Signals:
        chosen(str): the person picked the key; not sent by `set_value`.
    """

    chosen = Signal(str)

    def __init__(
        self,
        items: Sequence[str | tuple[str, str]] = (),
        value: str = "",
        name: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.setMinimumContentsLength(4)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.set_items(items)
        if value:
            self.set_value(value)
        self.activated.connect(self._activated)
        self.follow_theme()

    def set_items(self, items: Sequence[str | tuple[str, str]]) -> None:
        """Replace the choices; the chosen key stays chosen where it is still there."""
        kept = self.value()
        self.clear()
        for item in items:
            key, label = (item, item) if isinstance(item, str) else item
            self.addItem(label, key)
        self.set_value(kept)

    def value(self) -> str:
        data = self.currentData()
        return str(data) if data is not None else ""

    def set_value(self, key: str) -> None:
        """Choose without a signal."""
        index = self.findData(key)
        if index >= 0:
            self.setCurrentIndex(index)

    def set_enabled_item(self, key: str, enabled: bool, reason: str = "") -> None:
        """Let a choice be picked, or show it greyed with the reason as its tooltip."""
        index = self.findData(key)
        model = self.model()
        item = getattr(model, "item", lambda _row: None)(index)
        if item is not None:
            item.setEnabled(enabled)
            item.setToolTip(reason)

    def set_bad(self, bad: bool) -> None:
        """Outline it as wrong, or not."""
        set_flag(self, "bad", bad)

    def retheme(self) -> None:
        self.setFont(theme().font("body"))
        self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        # The page scrolls; a choice under the pointer must not change on the way.
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def paintEvent(self, event: QPaintEvent) -> None:
        side = theme().px(14)
        token = "text2" if self.isEnabled() else "muted"
        painter = QStylePainter(self)
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        room = self.style().subControlRect(
            QStyle.ComplexControl.CC_ComboBox,
            option,
            QStyle.SubControl.SC_ComboBoxEditField,
            self,
        )
        option.currentText = self.fontMetrics().elidedText(
            option.currentText or self.placeholderText(),
            Qt.TextElideMode.ElideRight,
            room.width() - 2,
        )
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)
        spot = QPoint(self.width() - side - theme().px(8), (self.height() - side) // 2)
        painter.drawPixmap(spot, pixmap("chevron-down", token, 14, self.devicePixelRatioF()))
        painter.end()

    @Slot(int)
    def _activated(self, index: int) -> None:
        self.chosen.emit(str(self.itemData(index)))


class Slider(QSlider, Themed):
    """A horizontal slider.

    Signals:
        valueChanged(int): Qt's own.
    """

    def __init__(
        self,
        low: int,
        high: int,
        value: int,
        name: str = "",
        width: int = 96,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._wide = width
        self.setRange(low, high)
        self.setValue(value)
        self.setAccessibleName(name)
        self.follow_theme()

    def retheme(self) -> None:
        self.setMinimumWidth(theme().px(self._wide))

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()
