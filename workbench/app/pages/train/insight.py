"""What a run tells besides its curves, one thing at a time; what is out of sight costs nothing."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QStackedWidget, QWidget

from workbench.app.pages.train.adaptation import AdaptationView
from workbench.app.pages.train.further import FurtherView
from workbench.app.pages.train.rates import RatesView
from workbench.app.pages.train.sampling import SamplingView
from workbench.app.pages.train.watch import RunWatch
from workbench.app.theme import theme
from workbench.app.widgets import IconButton, Panel, Segmented


class View(Protocol):
    """One of the things."""

    def set_run(self, watch: RunWatch) -> None:
        """Make ready for a run."""

    def update_run(self, watch: RunWatch) -> None:
        """Show what is new."""


class InsightPanel(Panel):
    """Adaptation, how tasks are chosen, further figures and learned rates, behind tabs."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Insight", parent=parent)
        self._watch: RunWatch | None = None
        self.adaptation, self.sampling = AdaptationView(), SamplingView()
        self.further, self.rates = FurtherView(), RatesView()
        self._views: dict[str, tuple[str, QWidget, View]] = {
            "adaptation": ("Adaptation", self.adaptation, self.adaptation),
            "sampling": ("Sampling", self.sampling, self.sampling),
            "further": ("Figures", self.further, self.further),
            "rates": ("Rates", self.rates, self.rates),
        }
        self._stack = QStackedWidget()
        for _, widget, _ in self._views.values():
            self._stack.addWidget(widget)
        self.body.addWidget(self._stack, 1)
        self.tabs = Segmented([(key, name) for key, (name, _, _) in self._views.items()])
        self.tabs.setAccessibleName("What is shown of the run")
        self.tabs.changed.connect(self.choose)
        self.title.hide()  # the tabs are its title
        self._head_row.insertWidget(0, self.tabs)
        grow = IconButton("maximize", "Maximise (double click on the head)")
        grow.clicked.connect(self.toggle_maximised)
        self.add_tool(grow)

    def set_run(self, watch: RunWatch) -> None:
        """Make ready for a run."""
        self._watch = watch
        for _, _, view in self._views.values():
            view.set_run(watch)

    def update_run(self, watch: RunWatch) -> None:
        """Show what is new in the view that is open."""
        self._watch = watch
        self._views[self.tabs.value()][2].update_run(watch)

    @Slot(str)
    def choose(self, key: str) -> None:
        """Open "adaptation", "sampling", "further" or "rates"."""
        self.tabs.set_value(key)
        self._stack.setCurrentWidget(self._views[key][1])
        if self._watch is not None:
            self.update_run(self._watch)

    def retheme(self) -> None:
        super().retheme()
        px = theme().px
        self.body.setContentsMargins(px(16), px(12), px(16), px(8))
