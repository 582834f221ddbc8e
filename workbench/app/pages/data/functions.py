"""A family of functions: some of its members, and the ranges they are drawn from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from PySide6.QtWidgets import QGridLayout, QWidget

from workbench.app.pages.data.curves import CurvePlot, Points
from workbench.app.theme import theme
from workbench.app.widgets import Label, Panel, Rule


class FunctionsPanel(Panel):
    """Curves of a regression family, and its ranges as a table."""

    CURVES: ClassVar[int] = 12

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Functions", "each task is one of them", parent=parent)
        self._curves: list[Points] = []
        self._summary = Label("", "body", "text2", wrap=True)
        self.plot = CurvePlot("Functions")
        self._table = QGridLayout()
        self._table.setHorizontalSpacing(theme().px(24))
        self._table.setColumnStretch(3, 1)
        self.body.addWidget(self._summary)
        self.body.addWidget(self.plot, 1)
        self.body.addWidget(Rule())
        self.body.addLayout(self._table)

    def show_family(self, title: str, summary: str, description: Mapping[str, Any]) -> None:
        self.set_title(title)
        self._summary.setText(summary)
        while (item := self._table.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.deleteLater()
        rows = {**description.get("parameters", {}), "x": description.get("x", (0, 0))}
        heads = ("Drawn evenly from", "least", "most")
        for column, head in enumerate(heads):
            self._table.addWidget(Label(head, "caption", "muted"), 0, column)
        for row, (name, (low, high)) in enumerate(rows.items(), start=1):
            self._table.addWidget(Label(str(name).replace("_", " "), "body"), row, 0)
            self._table.addWidget(Label(_number(low), "body"), row, 1)
            self._table.addWidget(Label(_number(high), "body"), row, 2)

    def begin(self) -> None:
        """Other curves are on their way; the old ones stay until the first comes."""
        self._curves = []

    def add(self, curve: Points) -> None:
        self._curves.append(curve)
        self.plot.set_curves(self._curves)


def _number(value: float) -> str:
    return f"{value:.4g}".replace("-", "−")
