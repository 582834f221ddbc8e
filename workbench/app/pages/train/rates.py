"""The inner rates that a method learns: how large, and how far apart, for each weight."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from workbench.app.pages.train.figures import short, whole
from workbench.app.pages.train.watch import RunWatch
from workbench.app.theme import Themed, theme
from workbench.app.widgets import Cell, CellModel, Column, EmptyState, Label, Table

PARTS = ("low", "mean", "high")
NONE = "This method learns no inner rates. Meta-SGD, MAML++ and LEO do."
SOON = "The learned rates appear with the first validation."


class RatesView(QWidget, Themed):
    """Lowest, mean and highest rate of each weight, as of the last validation."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        columns = [Column("weight", "Weight", stretch=True)]
        columns += [Column(part, part.capitalize(), "right", 64) for part in PARTS]
        self.model = CellModel(columns, self)
        self.table = Table("Learned inner rates")
        self.table.set_model(self.model)
        self.caption = Label("", "caption", "muted", elide=True)
        self.empty = EmptyState("activity", NONE)
        self._step = -1.0
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(self.table, 1)
        self._column.addWidget(self.caption)
        self._column.addWidget(self.empty, 1)
        self._show(False)
        self.follow_theme()

    def set_run(self, watch: RunWatch) -> None:
        """Make ready for a run."""
        self._step = -1.0
        self.empty.set("activity", NONE if len(watch.feed.validation) else SOON)
        self._show(False)

    def update_run(self, watch: RunWatch) -> None:
        """Show the rates of the last validation, if it is another."""
        rows = watch.feed.rates
        if not len(rows):
            self.empty.set("activity", NONE if len(watch.feed.validation) else SOON)
        elif rows.last("step") != self._step:
            self._step = rows.last("step")
            weights = [n.removesuffix(":mean") for n in rows.names if n.endswith(":mean")]
            cells = []
            for weight in weights:
                found = {part: rows.last(f"{weight}:{part}") for part in PARTS}
                numbers = {p: Cell(short(v + 0.0), align="right", sort=v) for p, v in found.items()}
                cells.append({"weight": Cell(weight, tip=weight), **numbers})
            self.model.set_rows(cells, weights)
            self.caption.setText(f"Inner rates per weight, validation at step {whole(self._step)}")
            self._show(True)

    def retheme(self) -> None:
        self._column.setSpacing(theme().px(4))

    def _show(self, full: bool) -> None:
        self.table.setVisible(full)
        self.caption.setVisible(full)
        self.empty.setVisible(not full)
