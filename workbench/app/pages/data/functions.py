"""A family of functions: some of its members, and the ranges they are drawn from."""

from __future__ import annotations

from typing import ClassVar

from PySide6.QtWidgets import QWidget

from workbench.app.pages.data.curves import CurvePlot, Points
from workbench.app.pages.data.ranges import RangeEditor
from workbench.app.widgets import Label, Panel, Rule


class FunctionsPanel(Panel):
    """Curves of a regression family, and its ranges to be changed below."""

    CURVES: ClassVar[int] = 12

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Functions", "each task is one of them", parent=parent)
        self._curves: list[Points] = []
        self._summary = Label("", "body", "text2", wrap=True)
        self.plot = CurvePlot("Functions")
        self.ranges = RangeEditor()
        self.body.addWidget(self._summary)
        self.body.addWidget(self.plot, 1)
        self.body.addWidget(Rule())
        self.body.addWidget(Label("Drawn evenly from", "caption", "muted"))
        self.body.addWidget(self.ranges)

    def show_family(self, title: str, summary: str) -> None:
        self.set_title(title)
        self._summary.setText(summary)

    def begin(self) -> None:
        """Other curves are on their way; the old ones stay until the first comes."""
        self._curves = []

    def add(self, curve: Points) -> None:
        self._curves.append(curve)
        self.plot.set_curves(self._curves)
