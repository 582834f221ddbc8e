"""The panel: what pages are made of."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSplitter, QVBoxLayout, QWidget

from workbench.app.theme import Themed, theme
from workbench.app.theme.tokens import SIZES
from workbench.app.widgets.text import Label


class Panel(QFrame, Themed):
    """A framed part of a page: head of 40 with title, muted text and tools; body; footer on demand.

    A double click on the head gives the panel the whole splitter it stands in, another gives the
    room back.

    Attributes:
        body: the layout to fill.

    Args:
        title: empty leaves the head away.
        padding: of the body; 0 for tables and sections, which reach the frame.

    Signals:
        maximised(bool): it took the room, or gave it back.
    """

    maximised = Signal(bool)

    def __init__(
        self,
        title: str = "",
        muted: str = "",
        padding: int = SIZES.padding,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("Panel")
        self._padding = padding
        self._hidden: list[QWidget] = []
        self.title = Label(title, "panel")
        self.muted = Label(muted, "small", "muted", elide=True)
        self.head = QFrame()
        self.head.setObjectName("PanelHead")
        self._head_row = QHBoxLayout(self.head)
        self._head_row.addWidget(self.title)
        self._head_row.addWidget(self.muted, 1)
        self._tools = QHBoxLayout()
        self._head_row.addLayout(self._tools)
        self.head.installEventFilter(self)
        self.body = QVBoxLayout()
        self._foot: QFrame | None = None
        self._foot_row: QHBoxLayout | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(1, 1, 1, 1)
        self._column.setSpacing(0)
        self._column.addWidget(self.head)
        self._column.addLayout(self.body, 1)
        self.head.setVisible(bool(title))
        self.setAccessibleName(title)
        self.follow_theme()

    def set_title(self, title: str) -> None:
        self.title.setText(title)
        self.head.setVisible(bool(title))
        self.setAccessibleName(title)

    def set_muted(self, text: str) -> None:
        self.muted.setText(text)

    def add_tool(self, widget: QWidget) -> None:
        """Put a widget at the right end of the head."""
        self._tools.addWidget(widget, 0, Qt.AlignmentFlag.AlignVCenter)

    def footer(self) -> QHBoxLayout:
        """The footer's row; the footer appears at the first call."""
        if self._foot_row is None:
            self._foot = QFrame()
            self._foot.setObjectName("PanelFoot")
            self._foot_row = QHBoxLayout(self._foot)
            self._column.addWidget(self._foot)
            self.retheme()
        return self._foot_row

    def retheme(self) -> None:
        px = theme().px
        self.head.setFixedHeight(px(SIZES.panel_head))
        self._head_row.setContentsMargins(px(16), 0, px(12), 0)
        self._head_row.setSpacing(px(8))
        self._tools.setSpacing(px(8))
        pad = px(self._padding)
        self.body.setContentsMargins(pad, pad, pad, pad)
        self.body.setSpacing(px(8) if self._padding else 0)
        if self._foot_row is not None:
            self._foot_row.setContentsMargins(px(16), px(8), px(16), px(8))
            self._foot_row.setSpacing(px(8))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if (
            watched is self.head
            and isinstance(event, QMouseEvent)
            and event.type() == QEvent.Type.MouseButtonDblClick
            and event.button() == Qt.MouseButton.LeftButton
        ):
            self.toggle_maximised()
            return True
        return super().eventFilter(watched, event)

    def is_maximised(self) -> bool:
        return bool(self._hidden)

    def toggle_maximised(self) -> None:
        """Take the whole room of the splitters around, or give it back."""
        if self._hidden:
            for widget in self._hidden:
                widget.show()
            self._hidden = []
            self.maximised.emit(False)
            return
        inner: QWidget = self
        outer = self.parentWidget()
        while outer is not None:
            if isinstance(outer, QSplitter):
                beside = (outer.widget(i) for i in range(outer.count()))
                self._hidden += [w for w in beside if w and w is not inner and not w.isHidden()]
            inner, outer = outer, outer.parentWidget()
        for widget in self._hidden:
            widget.hide()
        if self._hidden:
            self.maximised.emit(True)
