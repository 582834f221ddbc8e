"""Under the table: the curves, and beside them differences, scores, notes and log."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from workbench.app.pages.runs.compare import ComparePanel
from workbench.app.widgets import Panel, Segmented, Splitter

SMALL_WIDTH, SMALL_HEIGHT = 1200, 800
"""Below either of these, in px of the page, the two panels share one place."""

TITLES = {
    "differences": "Differences",
    "scores": "Scores",
    "notes": "Notes",
    "log": "Log",
}


class Lower(QWidget):
    """Compare on the left, one of four views on the right; in a small window all five are tabs.

    Signals:
        view_changed(str): "compare", "differences", "scores", "notes" or "log" is in view now.
    """

    view_changed = Signal(str)

    def __init__(self, compare: ComparePanel, views: dict[str, QWidget]) -> None:
        super().__init__()
        self.compare, self.compact = compare, False
        self._views, self._view = views, "differences"
        self.side = Panel(TITLES["differences"], padding=0)
        self._stack = QStackedWidget()
        for view in views.values():
            self._stack.addWidget(view)
        self.side.body.addWidget(self._stack, 1)
        every = [("compare", "Compare"), *TITLES.items()]
        self._wide = Segmented(list(TITLES.items()), name="What to show")
        self._tabs = [Segmented(every, name="What to show") for _ in range(2)]
        self.side.add_tool(self._wide)
        self.side.add_tool(self._tabs[0])
        compare.add_tool(self._tabs[1])
        for switch in (self._wide, *self._tabs):
            switch.changed.connect(self.show_view)
        self._splitter = Splitter("horizontal", "runs-lower", sizes=[3, 2])
        self._splitter.add(compare, 3)
        self._splitter.add(self.side, 2)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._splitter)
        self._show()

    @property
    def view(self) -> str:
        """What is shown on the right; in a small window, at all."""
        return self._view

    @Slot(str)
    def show_view(self, view: str) -> None:
        self._view = view
        self._show()
        self.view_changed.emit(view)

    def set_muted(self, text: str) -> None:
        """What stands beside the title of the side panel."""
        self.side.set_muted(text)

    def arrange(self, compact: bool) -> None:
        """Fold or unfold."""
        if compact != self.compact:
            self.compact = compact
            if compact:
                self._view = "compare"
            elif self._view == "compare":
                self._view = "differences"
            self._show()
            self.view_changed.emit(self._view)

    def _show(self) -> None:
        beside = self._view if self._view in self._views else "differences"
        self._stack.setCurrentWidget(self._views[beside])
        self.side.set_title(TITLES[beside])
        self.compare.setVisible(not self.compact or self._view == "compare")
        self.side.setVisible(not self.compact or self._view != "compare")
        self._wide.setVisible(not self.compact)
        self._wide.set_value(beside)
        for switch in self._tabs:
            switch.setVisible(self.compact)
            switch.set_value(self._view)
