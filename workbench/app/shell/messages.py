"""Everything the window has said, to be read again and copied."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QListView, QStackedLayout, QWidget

from workbench.app.theme import Themed, theme
from workbench.app.widgets import Button, EmptyState, Page, Panel, Segmented
from workbench.app.widgets.cells import CELL, Cell, CellDelegate

KEPT = 2_000
ICONS = {"info": "info", "ok": "circle-check", "warn": "triangle-alert", "bad": "circle-alert"}
TONES = {"info": "text2", "ok": "ok", "warn": "warn", "bad": "bad"}
_NOWHERE = QModelIndex()
Index = QModelIndex | QPersistentModelIndex


def _now() -> datetime:
    return datetime.now(UTC).astimezone()


@dataclass(frozen=True)
class Message:
    """One thing that was said. `tone`: info, ok, warn, bad. `hint`: what to do next."""

    time: datetime
    text: str
    tone: str = "info"
    hint: str = ""
    icon: str = ""

    def line(self) -> str:
        return f"{self.time:%H:%M:%S}  {self.text} {self.hint}".rstrip()


class MessageLog(QAbstractListModel):
    """The messages, newest first; the oldest go when there are more than 2,000.

    Signals:
        unread_changed(int, bool): how many are unread, and whether one of them is bad.
    """

    unread_changed = Signal(int, bool)

    def __init__(self, clock: Callable[[], datetime] = _now, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._clock = clock
        self._messages: list[Message] = []
        self._unread, self._bad = 0, False

    def add(self, text: str, tone: str = "info", hint: str = "", icon: str = "") -> None:
        self.beginInsertRows(QModelIndex(), 0, 0)
        self._messages.insert(0, Message(self._clock(), text, tone, hint, icon))
        self.endInsertRows()
        if len(self._messages) > KEPT:
            self.beginRemoveRows(QModelIndex(), KEPT, len(self._messages) - 1)
            del self._messages[KEPT:]
            self.endRemoveRows()
        self._unread += 1
        self._bad = self._bad or tone == "bad"
        self.unread_changed.emit(self._unread, self._bad)

    def mark_read(self) -> None:
        self._unread, self._bad = 0, False
        self.unread_changed.emit(0, False)

    def clear(self) -> None:
        self.beginResetModel()
        self._messages.clear()
        self.endResetModel()
        self.mark_read()

    def messages(self) -> list[Message]:
        return list(self._messages)

    def as_text(self) -> str:
        """All of them, oldest first, a line each."""
        return "\n".join(m.line() for m in reversed(self._messages))

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._messages)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        message = self._messages[index.row()]
        if role == CELL:
            icon = message.icon or ICONS[message.tone]
            return Cell(
                text=f"{message.time:%H:%M:%S}   {message.text}",
                muted=message.hint,
                icon=icon,
                icon_tone=TONES[message.tone],
            )
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return f"{message.tone if message.tone != 'info' else ''} {message.line()}".strip()
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{message.text} {message.hint}".strip()
        return None


class MessageList(QListView, Themed):
    """A view of the log for any panel; rows of 32 px."""

    def __init__(self, log: MessageLog, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Messages")
        self.setModel(log)
        self.setItemDelegate(CellDelegate(line=False, parent=self))
        self.setUniformItemSizes(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setSelectionMode(QListView.SelectionMode.ExtendedSelection)
        self.follow_theme()

    def retheme(self) -> None:
        self.setFont(theme().font("small"))
        self.scheduleDelayedItemsLayout()


class MessagesPage(Page):
    """All messages, with a filter, copy and clear."""

    def __init__(self, log: MessageLog, parent: QWidget | None = None) -> None:
        super().__init__(
            "Messages", "bell", "What the workbench has said since it was opened", parent
        )
        self._log = log
        copy = Button("Copy all", icon="copy")
        copy.clicked.connect(self._copy)
        clear = Button("Clear", icon="trash-2")
        clear.clicked.connect(log.clear)
        self.head.add_action(copy)
        self.head.add_action(clear)
        panel = Panel("Messages", padding=8)
        self._filter = Segmented([("all", "All"), ("problems", "Problems")], name="Which messages")
        self._filter.changed.connect(self._refilter)
        panel.add_tool(self._filter)
        self.list = MessageList(log)
        self._empty = EmptyState(
            "bell", "No messages yet. Problems and finished runs are noted here."
        )
        self._stack = QStackedLayout()
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self.list)
        panel.body.addLayout(self._stack, 1)
        self.content.addWidget(panel, 1)
        log.rowsInserted.connect(self._changed)
        log.modelReset.connect(self._changed)
        self._changed()

    @Slot()
    def _changed(self) -> None:
        self._stack.setCurrentIndex(1 if self._log.rowCount() else 0)
        self._refilter(self._filter.value())

    @Slot(str)
    def _refilter(self, which: str) -> None:
        for row, message in enumerate(self._log.messages()):
            hidden = which == "problems" and message.tone not in ("bad", "warn")
            self.list.setRowHidden(row, hidden)

    @Slot()
    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._log.as_text())
