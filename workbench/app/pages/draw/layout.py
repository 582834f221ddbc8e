"""Where the panels of the Draw page stand, in a large window and in a small one."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from workbench.app.theme import Themed, theme
from workbench.app.widgets import Panel, Segmented, Splitter

SMALL_WIDTH, SMALL_HEIGHT = 1200, 820
"""Below either of these, in px of the page, things fold."""

VIEWS = [("answer", "Answer"), ("map", "Map")]


class Panels(QWidget, Themed):
    """Teach, ask, answer from left to right, the inner loop below.

    In a small window the inner loop is its slider alone, and answer and map share a place.

    Signals:
        compacted(bool): things were folded, or unfolded.
    """

    compacted = Signal(bool)

    def __init__(
        self, teach: QWidget, ask: Panel, answer: Panel, chart: Panel, loop: Panel
    ) -> None:
        super().__init__()
        self._answer, self._map, self._loop = answer, chart, loop
        self._has_map = True
        self.compact = False
        self._views = {name: self._view_switch(name) for name in ("answer", "map")}
        answer.add_tool(self._views["answer"])
        chart.add_tool(self._views["map"])
        self._right = Splitter("vertical", "draw-right")
        self._right.add(answer, 3)
        self._right.add(chart, 2)
        self._top = Splitter("horizontal", "draw-top")
        self._top.add(teach)
        self._top.add(ask, 1)
        self._top.add(self._right, 1)
        self._whole = Splitter("vertical", "draw-whole")
        self._whole.add(self._top, 1)
        self._whole.add(loop)
        self._teach = teach
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._whole)
        self._top.setSizes([264, 480, 552])
        self._right.setSizes([344, 232])
        self._show()
        self.follow_theme()

    def retheme(self) -> None:
        self._teach.setMinimumWidth(theme().px(248))
        self._right.setMinimumWidth(theme().px(432))

    def set_has_map(self, has_map: bool) -> None:
        """Whether the method has features to map; without them the answer has the room."""
        if has_map != self._has_map:
            self._has_map = has_map
            self._show()

    def arrange(self, width: int, height: int) -> None:
        """Fold or unfold for a page of that size in px."""
        scale = theme().scale / 100
        compact = width < SMALL_WIDTH * scale or height < SMALL_HEIGHT * scale
        if compact != self.compact:
            self.compact = compact
            self._show()
            self.compacted.emit(compact)
            # The splitter does not share out by itself what a folded panel no longer takes.
            loop = self._loop.maximumHeight() if compact else self._loop.sizeHint().height()
            self._whole.setSizes([max(height - loop, 1), loop])

    def _view_switch(self, name: str) -> Segmented:
        switch = Segmented(VIEWS, name, "What to show")
        switch.changed.connect(self._switch)
        return switch

    @Slot(str)
    def _switch(self, view: str) -> None:
        for switch in self._views.values():
            switch.set_value(view)
        self._show()

    def _show(self) -> None:
        both = not self.compact and self._has_map
        view = self._views["answer"].value() if self.compact and self._has_map else "answer"
        self._answer.setVisible(both or view == "answer")
        self._map.setVisible(both or view == "map")
        for switch in self._views.values():
            switch.setVisible(self.compact and self._has_map)


class Sharing(QWidget):
    """Panels that share a place; whoever fills it shows one of them."""

    def __init__(self, *panels: Panel) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        for panel in panels:
            column.addWidget(panel)
