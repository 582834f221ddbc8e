"""Long curves on few pixels: the lowest and the highest point of each pixel column, and every gap.

What is drawn is made of real points at their own places. A NaN stays in the column where it
occurred, so that a run that diverged shows. `Pyramid` gives exactly what `thin` gives, without
looking at every point again.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Indexes = NDArray[np.int64]

_FAN = 8  # blocks of one level in a block of the next


def thin(x: Floats, y: Floats, pixels: int) -> tuple[Floats, Floats]:
    """Keep the points that show on `pixels` columns.

    Args:
        x: (M,) ascending.
        y: (M,) values; NaN is a gap.
        pixels: columns between the first and the last x.

    Returns:
        x and y of the first and last point and, of each column, its first lowest, first highest and
            first NaN: at most 3 · pixels + 2 points, in order. A curve that is short enough already
            is returned as it is.
    """
    if len(x) <= 2 * pixels:
        return x, y
    kept = _extremes(y, _columns(x, pixels))
    return x[kept], y[kept]


def _columns(x: Floats, pixels: int) -> Indexes:
    """(pixels + 1,) positions in x at which columns begin, and the end."""
    edges = np.linspace(x[0], x[-1], pixels + 1)[1:-1]
    inner = np.searchsorted(x, edges)
    return np.concatenate([[0], inner, [len(x)]]).astype(np.int64)


def _extremes(y: Floats, bounds: Indexes) -> Indexes:
    """Positions of the first minimum, maximum and NaN of each [bounds[i], bounds[i + 1]), and of
    both ends."""
    starts = bounds[:-1][np.diff(bounds) > 0]
    column = np.repeat(np.arange(len(starts)), np.diff(np.append(starts, len(y))))
    ends = np.array([0, len(y) - 1])
    found = [ends, _first(np.isnan(y), column)]
    for extreme in (np.fmin, np.fmax):
        value = extreme.reduceat(y, starts)
        found.append(_first(y == value[column], column))
    return np.unique(np.concatenate(found))


def _first(mask: NDArray[np.bool_], column: Indexes) -> Indexes:
    """Positions of the first True of each column."""
    hits = np.flatnonzero(mask)
    first: Indexes = hits[np.diff(column[hits], prepend=-1) != 0]
    return first


class Pyramid:
    """A growing curve that can be drawn at any zoom without looking at every point.

    Level 0 is the points; a block of level k covers 8^k of them and knows where its first minimum,
    maximum and NaN are. Only full blocks exist; what is left over is looked up one level below.
    """

    def __init__(self) -> None:
        self._points = np.empty((2, 1024))
        self._size = 0
        # Of each level above 0: (3, blocks) positions of minimum, maximum and NaN; -1: the block
        # has none.
        self._levels: list[NDArray[np.int64]] = []

    def __len__(self) -> int:
        return self._size

    @property
    def x(self) -> Floats:
        """(M,) all x so far."""
        return self._points[0, : self._size]

    @property
    def y(self) -> Floats:
        """(M,) all values so far."""
        return self._points[1, : self._size]

    def clear(self) -> None:
        """Forget everything, as when a run was resumed."""
        self._size = 0
        self._levels = []

    def extend(self, x: Floats, y: Floats) -> None:
        """Append points; x goes on ascending."""
        size = self._size + len(x)
        if size > self._points.shape[1]:
            grown = np.empty((2, max(size, 2 * self._points.shape[1])))
            grown[:, : self._size] = self._points[:, : self._size]
            self._points = grown
        self._points[0, self._size : size] = x
        self._points[1, self._size : size] = y
        self._size = size
        self._raise_levels()

    def view(self, first: float, last: float, pixels: int) -> tuple[Floats, Floats]:
        """What `thin` gives for the points from `first` to `last`, and one more on either side, so
        that lines run on beyond the edges of the plot."""
        low = max(0, int(np.searchsorted(self.x, first)) - 1)
        high = min(self._size, int(np.searchsorted(self.x, last, side="right")) + 1)
        x, y = self.x[low:high], self.y[low:high]
        if len(x) <= 2 * pixels:
            return x.copy(), y.copy()
        bounds = _columns(x, pixels)
        chosen = self._candidates(bounds + low)
        kept = _extremes(self.y[chosen], np.searchsorted(chosen, bounds + low))
        return self.x[chosen[kept]], self.y[chosen[kept]]

    def _candidates(self, bounds: Indexes) -> Indexes:
        """Positions that include every column's extremes, both ends included: few where blocks lie
        within a column."""
        low, high = bounds[:-1], bounds[1:]
        found = [np.array([bounds[0], bounds[-1] - 1])]
        for level in range(len(self._levels) + 1):
            blocks = self._levels[level].shape[1] if level < len(self._levels) else 0
            up, down = -(-low // _FAN), np.minimum(high // _FAN, blocks)
            split = up < down
            left = np.where(split, up * _FAN, high)
            right = np.where(split, down * _FAN, high)
            at = np.concatenate([_ranges(low, left), _ranges(right, high)])
            found.append(at if level == 0 else self._levels[level - 1][:, at].ravel())
            low, high = up[split], down[split]
        joined = np.unique(np.concatenate(found))
        return joined[joined >= 0]

    def _raise_levels(self) -> None:
        below, level = self._size, 0
        while below >= _FAN:
            if level == len(self._levels):
                self._levels.append(np.empty((3, 0), np.int64))
            done = self._levels[level].shape[1]
            full = below // _FAN
            if full > done:
                new = self._blocks(level, done * _FAN, full * _FAN)
                self._levels[level] = np.concatenate([self._levels[level], new], axis=1)
            below, level = full, level + 1

    def _blocks(self, level: int, start: int, stop: int) -> NDArray[np.int64]:
        """(3, blocks) of the blocks over [start, stop) of the level below."""
        if level == 0:
            span = np.arange(start, stop).reshape(-1, _FAN)
            at = np.stack([span, span, np.where(np.isnan(self.y[span]), span, -1)])
        else:
            at = self._levels[level - 1][:, start:stop].reshape(3, -1, _FAN)
        rows = np.arange(at.shape[1])
        low, high = self.y[at[0]], self.y[at[1]]
        # Where all are NaN none equals the extreme, and the first is taken.
        first_low = np.argmax(low == np.fmin.reduce(low, axis=1, keepdims=True), axis=1)
        first_high = np.argmax(high == np.fmax.reduce(high, axis=1, keepdims=True), axis=1)
        first_nan = np.argmax(at[2] >= 0, axis=1)
        return np.stack([at[0][rows, first_low], at[1][rows, first_high], at[2][rows, first_nan]])


def _ranges(starts: Indexes, stops: Indexes) -> Indexes:
    """All numbers of all [starts[i], stops[i]), one after the other."""
    lengths = np.maximum(stops - starts, 0)
    before = np.cumsum(lengths) - lengths
    return np.repeat(starts - before, lengths) + np.arange(lengths.sum())
