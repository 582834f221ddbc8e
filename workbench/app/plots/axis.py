"""The axes: tokens, few ticks, thousands separators."""

from __future__ import annotations

from typing import Any

import pyqtgraph as pg

from workbench.app.plots.ticks import MOST, linear_ticks, log_ticks, number_text
from workbench.app.theme import theme


class ValueAxis(pg.AxisItem):  # type: ignore[misc]  # pyqtgraph has no types
    """An axis of numbers. With `log` its positions are decimal logarithms of what it says."""

    def __init__(self, side: str) -> None:
        super().__init__(side, maxTickLength=0)
        self.log = False
        self.whole = side == "bottom"
        # The first and the last label may reach past the axis; they are wanted all the same.
        self.setStyle(hideOverlappingLabels=theme().px(40))
        self._upright = side in ("left", "right")
        self.enableAutoSIPrefix(False)

    def positions(self) -> list[float]:
        """Where ticks stand now; the grid is drawn at the same places."""
        low, high = self.range
        return self._ticks(low, high)

    def tickValues(self, minVal: float, maxVal: float, size: float) -> list[tuple[float, Any]]:  # noqa: N802
        return [(1.0, self._ticks(minVal, maxVal))]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        if self.log:
            return [number_text(10**v) for v in values]
        step = values[1] - values[0] if len(values) > 1 else 0.0
        return [number_text(v, step) for v in values]

    def _ticks(self, low: float, high: float) -> list[float]:
        size = self.height() if self._upright else self.width()
        room = theme().px(44 if self._upright else 72)
        most = min(MOST, max(3 if self._upright else 2, int(size / room) + 1))
        return log_ticks(low, high, most) if self.log else linear_ticks(low, high, most, self.whole)
