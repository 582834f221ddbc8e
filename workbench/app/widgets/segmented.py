"""One of a few, all in view."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QFontMetrics, QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QHBoxLayout, QPushButton, QWidget

from workbench.app.theme import Themed, theme


class Segmented(QWidget, Themed):
    """Joined buttons of which exactly one is chosen. Arrow keys move the choice.

    Args:
        options: labels, or pairs of key and label.

    Signals:
        changed(str): the person chose another key.
    """

    changed = Signal(str)

    def __init__(
        self,
        options: Sequence[str | tuple[str, str]],
        value: str = "",
        name: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        pairs = [(o, o) if isinstance(o, str) else o for o in options]
        self._buttons: dict[str, _Segment] = {}
        self._group = QButtonGroup(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        for index, (key, label) in enumerate(pairs):
            button = _Segment(label, key, _place(index, len(pairs)), self)
            self._buttons[key] = button
            self._group.addButton(button)
            row.addWidget(button)
        self._group.buttonClicked.connect(self._clicked)
        self.setAccessibleName(name)
        if pairs:
            self.set_value(value or pairs[0][0])
        self.follow_theme()

    def value(self) -> str:
        chosen = self._group.checkedButton()
        return chosen.key if isinstance(chosen, _Segment) else ""

    def set_words(self, key: str, label: str) -> None:
        """Let the button of a key say something else."""
        self._buttons[key].setText(label)
        self._buttons[key].updateGeometry()

    def set_value(self, key: str) -> None:
        """Choose without a signal."""
        if key in self._buttons:
            self._buttons[key].setChecked(True)
        self.retheme()

    def set_label(self, key: str, text: str) -> None:
        self._buttons[key].setText(text)
        self._buttons[key].updateGeometry()

    def set_enabled(self, key: str, enabled: bool, reason: str = "") -> None:
        self._buttons[key].setEnabled(enabled)
        self._buttons[key].setToolTip(reason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        step = steps.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
            return
        keys = list(self._buttons)
        target = self._buttons[keys[(keys.index(self.value()) + step) % len(keys)]]
        target.setFocus(Qt.FocusReason.TabFocusReason)
        target.click()

    def retheme(self) -> None:
        for button in self._buttons.values():
            button.setFont(theme().font("smallstrong" if button.isChecked() else "small"))

    @Slot(QAbstractButton)
    def _clicked(self, button: QAbstractButton) -> None:
        self.retheme()
        if isinstance(button, _Segment):
            self.changed.emit(button.key)


class _Segment(QPushButton):
    def __init__(self, label: str, key: str, place: str, parent: QWidget) -> None:
        super().__init__(label, parent)
        self.key = key
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setProperty("seg", True)
        self.setProperty("place", place)

    def sizeHint(self) -> QSize:
        # As wide as the chosen, heavier text, so that choosing moves nothing.
        heavy = QFontMetrics(theme().font("smallstrong")).horizontalAdvance(self.text())
        return QSize(heavy + theme().px(22), theme().px(28))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            event.ignore()  # the whole moves the choice
        else:
            super().keyPressEvent(event)


def _place(index: int, count: int) -> str:
    if count == 1:
        return "only"
    return "first" if index == 0 else "last" if index == count - 1 else "middle"
