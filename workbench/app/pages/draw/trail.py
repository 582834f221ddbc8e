"""The query's way over the map: where it lay after each of its strokes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from workbench.app.canvas.board import Support
from workbench.app.canvas.sheet import Sheet

Features = NDArray[np.float32]


class Trail:
    """Remembers features of one query as it grows, until what it is compared with is another."""

    def __init__(self) -> None:
        self._run = ""
        self._support: Support | None = None
        self._stops: list[tuple[Sheet, Features]] = []

    def follow(self, run: str, support: Support, query: Sheet, features: Features) -> Features:
        """The features after each stroke, those of the whole query last; (Q, D).

        Args:
            features: (D,) of the query as it is now.
        """
        if run != self._run or self._support is None or not _same(support, self._support):
            self._stops.clear()
        self._run, self._support = run, support
        self._stops = [
            stop
            for stop in self._stops
            if _begins(stop[0], query) and stop[1].shape == features.shape
        ]
        self._stops.append((query, features))
        return np.stack([stop[1] for stop in self._stops])


def _same(one: Support, other: Support) -> bool:
    return np.array_equal(one.y, other.y) and np.array_equal(one.x, other.x)


def _begins(earlier: Sheet, query: Sheet) -> bool:
    """Whether the query is the earlier one with strokes added."""
    old, new = earlier.strokes, query.strokes
    return 0 < len(old) < len(new) and all(a is b for a, b in zip(old, new, strict=False))
