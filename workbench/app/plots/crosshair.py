"""One crosshair for several plots."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

if TYPE_CHECKING:
    from workbench.app.plots.base import PlotBase


class Crosshair(QObject):
    """Where the crosshair stands, and the plots that share it.

    Signals:
        moved(): it stands elsewhere, or nowhere.
    """

    moved = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.x: float | None = None
        self.plots: list[PlotBase] = []
        self.reader: PlotBase | None = None
        self._leader: PlotBase | None = None

    def follow_x(self, leader: PlotBase) -> None:
        """Give every plot the x range of `leader`.

        pyqtgraph's own link shifts the range by where the plots lie on the screen, and a plot that
        is folded away lies nowhere.
        """
        if self._leader is not None:  # what moves now follows
            return
        self._leader = leader
        left, right = leader.getViewBox().viewRange()[0]
        for plot in self.plots:
            if plot is not leader:
                plot.setXRange(left, right, padding=0)
        self._leader = None

    def set(self, x: float | None, reader: PlotBase | None = None) -> None:
        """Put it at `x`, or away; `reader` is the plot that shows the read-out."""
        if x != self.x or reader is not self.reader:
            self.x, self.reader = x, reader
            self.moved.emit()


def link_plots(plots: Sequence[PlotBase]) -> None:
    """One x range and one crosshair for all of them; only the last one writes the x axis's
    numbers.
    """
    first = plots[0]
    for plot in plots[1:]:
        plot.share_crosshair(first.crosshair)
    for plot in plots[:-1]:
        plot.hide_x_axis()
