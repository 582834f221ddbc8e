"""The runs that are compared, each with a series colour that it keeps while it is picked."""

from __future__ import annotations

from collections.abc import Iterable

from workbench.app.theme.tokens import SERIES_MARKS

MOST = len(SERIES_MARKS)


class Picks:
    """Run ids in the order in which they were picked, and their series."""

    def __init__(self) -> None:
        self._series: dict[str, int] = {}

    @property
    def runs(self) -> list[str]:
        return list(self._series)

    @property
    def series(self) -> dict[str, int]:
        return dict(self._series)

    def __len__(self) -> int:
        return len(self._series)

    def toggle(self, run: str) -> bool:
        """Pick a run, or let it go; False when there is no colour left for it."""
        if run in self._series:
            del self._series[run]
            return True
        free = sorted(set(range(MOST)) - set(self._series.values()))
        if not free:
            return False
        self._series[run] = free[0]
        return True

    def keep(self, runs: Iterable[str]) -> bool:
        """Let go of all others, as when runs were deleted; whether there were any."""
        kept = set(runs)
        before = len(self)
        self._series = {run: index for run, index in self._series.items() if run in kept}
        return len(self) != before

    def clear(self) -> None:
        self._series.clear()
