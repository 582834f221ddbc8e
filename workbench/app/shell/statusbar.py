"""The bar at the foot: the run at the left, the machine at the right."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from workbench.app.theme import Themed, theme
from workbench.app.theme.tokens import SIZES
from workbench.app.widgets.badge import STATUSES, IconLabel, StatusDot
from workbench.app.widgets.buttons import Link
from workbench.app.widgets.progress import ProgressLine
from workbench.app.widgets.text import Label, Rule

ENGINE: dict[str, tuple[str, str, str]] = {
    "starting": ("loader-circle", "text2", "Starting engine…"),
    "ready": ("circle-check", "ok", "Engine ready"),
    "busy": ("activity", "ok", "Engine at work"),
    "stopped": ("circle-alert", "bad", "Engine stopped"),
}
"""State of the engine: icon, tone, words."""


@dataclass(frozen=True)
class RunState:
    """What the status bar says of a run.

    Attributes:
        title: "Run 42 · MAML".
        status: a key of `STATUSES`: running, paused, done, failed …
        detail: "step 12,480 of 20,000".
        fraction: 0 to 1 shows a bar, None shows none.
        left: "9 min 28 s left".
    """

    title: str
    status: str = "running"
    detail: str = ""
    fraction: float | None = None
    left: str = ""


class StatusBar(QFrame, Themed):
    """Signals:
    restart_requested(): the engine has stopped and the person wants it back.
    messages_requested(): the person wants to read the messages.
    """

    restart_requested = Signal()
    messages_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("StatusBar")
        self.setAccessibleName("Status")
        self._dot = StatusDot("muted", hollow=True)
        self._run_icon = IconLabel("circle-check", "ok")
        self._title = Label("", "smallstrong")
        self._detail = Label("No run in progress", "small", "text2", elide=True)
        self._bar = ProgressLine(name="Run", height=4)
        self._left = Label("", "small", "text2")
        self._engine = _Item(*ENGINE["starting"])
        self._restart = Link("Restart")
        self._restart.hide()
        self._restart.clicked.connect(self.restart_requested)
        self._device = _Item("cpu", "text2", "")
        self._disk = _Item("hard-drive", "text2", "")
        self._messages = _Item("bell", "text2", "No new messages")
        self._messages.setCursor(Qt.CursorShape.PointingHandCursor)
        self._messages.pressed.connect(self.messages_requested)
        self._row = QHBoxLayout(self)
        for widget in (self._dot, self._run_icon, self._title, self._detail, self._bar, self._left):
            self._row.addWidget(widget)
        self._row.addStretch(1)
        self._row.addWidget(self._engine)
        self._row.addWidget(self._restart)
        self._rules: list[Rule] = []
        for item in (self._device, self._disk, self._messages):
            rule = Rule(vertical=True)
            self._rules.append(rule)
            self._row.addWidget(rule)
            self._row.addWidget(item)
        self.set_device("")
        self.set_disk("")
        self.set_run_state(None)
        self.follow_theme()

    def set_run_state(self, run: RunState | None) -> None:
        status = run.status if run is not None else ""
        icon, word, tone = STATUSES.get(status, ("circle", "", "text2"))
        tone = "text2" if tone == "neutral" else tone
        self._dot.setVisible(status in ("", "running"))
        self._dot.set("muted" if run is None else tone, hollow=run is None)
        self._run_icon.setVisible(status not in ("", "running"))
        self._run_icon.set(icon, tone)
        self._title.setVisible(run is not None)
        self._bar.setVisible(run is not None and run.fraction is not None)
        self._left.setVisible(run is not None and bool(run.left))
        if run is None:
            self._detail.setText("No run in progress")
            return
        said = word.lower() if status != "running" else ""
        self._title.setText(run.title)
        self._detail.setText(", ".join(p for p in (said, run.detail) if p))
        self._bar.set_fraction(run.fraction)
        self._bar.set_tone("warn" if tone == "warn" else "accent")
        self._left.setText(run.left)

    def set_engine_state(self, state: str, detail: str = "") -> None:
        icon, tone, words = ENGINE[state]
        self._engine.set(icon, tone, detail or words)
        self._restart.setVisible(state == "stopped")

    def set_device(self, text: str) -> None:
        self._device.set("cpu", "text2", text)
        self._show(self._device, bool(text))

    def set_disk(self, text: str, tone: str = "text2") -> None:
        self._disk.set("hard-drive", tone, text)
        self._show(self._disk, bool(text))

    def set_messages(self, unread: int, bad: bool = False) -> None:
        words = "No new messages" if not unread else f"{unread:,} new message{'s' * (unread > 1)}"
        self._messages.set("bell", "bad" if bad and unread else "text2", words)

    def texts(self) -> list[str]:
        """Everything that it says now, from left to right."""
        return [w.text() for w in self.findChildren(Label) if not w.isHidden() and w.text()]

    def retheme(self) -> None:
        px = theme().px
        self.setFixedHeight(px(SIZES.status_bar))
        self._row.setContentsMargins(px(16), 0, px(16), 0)
        self._row.setSpacing(px(8))
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        px = theme().px
        self._bar.setFixedWidth(px(160) if self.width() >= px(1200) else px(64))

    def _show(self, item: QWidget, shown: bool) -> None:
        item.setVisible(shown)
        self._rules[(self._device, self._disk, self._messages).index(item)].setVisible(shown)


class _Item(QWidget, Themed):
    """An icon and its words.

    Signals:
        pressed(): a click.
    """

    pressed = Signal()

    def __init__(self, icon: str, tone: str, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon = IconLabel(icon, tone)
        self._label = Label(text, "small", "text2", elide=True)
        self._row = QHBoxLayout(self)
        self._row.addWidget(self._icon)
        self._row.addWidget(self._label)
        self.follow_theme()

    def set(self, icon: str, tone: str, text: str) -> None:
        self._icon.set(icon, tone)
        self._label.setText(text)
        self.setAccessibleName(text)

    def retheme(self) -> None:
        px = theme().px
        self._row.setContentsMargins(px(6), 0, px(6), 0)
        self._row.setSpacing(px(8))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.type() == QEvent.Type.MouseButtonRelease and self.rect().contains(
            event.position().toPoint()
        ):
            self.pressed.emit()
