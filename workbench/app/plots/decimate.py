"""Fewer points, the same picture: of each column of pixels the lowest and the highest value.

A curve of a million points has at most two values worth drawing per pixel. Gaps stay gaps: a
column in which nothing is a number
breaks the line, and so does a change between such columns and others.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def peaks(x: Floats, y: Floats, left: float, right: float, columns: int) -> tuple[Floats, Floats]:
    """What of a curve is worth drawing between `left` and `right`.

    Args:
        x: shape (n,), ascending.
        y: shape (n,), NaN for gaps.
        columns: of pixels between left and right.

    Returns:
        x and y of at most about 2 columns + 2 points; one point on each side outside the view is
        kept, so that the line reaches it.
    """
    first = max(0, int(np.searchsorted(x, left, "left")) - 1)
    last = min(len(x), int(np.searchsorted(x, right, "right")) + 1)
    x, y = x[first:last], y[first:last]
    if len(x) <= 4 * max(columns, 1):
        return x, y
    size = -(-len(x) // max(columns, 1))
    starts = np.arange(0, len(x), size)
    gap = np.isnan(y)
    low = np.minimum.reduceat(np.where(gap, np.inf, y), starts)
    high = np.maximum.reduceat(np.where(gap, -np.inf, y), starts)
    empty = low > high
    low[empty] = high[empty] = np.nan
    # Which of the two comes first hardly matters; rising and falling in turn keeps the line
    # connected.
    pairs = np.empty(2 * len(starts))
    pairs[0::2] = np.where(np.arange(len(starts)) % 2, high, low)
    pairs[1::2] = np.where(np.arange(len(starts)) % 2, low, high)
    pairs[-1] = y[-1] if not gap[-1] else pairs[-1]
    middles = x[np.minimum(starts + size // 2, len(x) - 1)]
    xs = np.repeat(middles, 2)
    xs[0], xs[-1] = x[0], x[-1]
    return xs, pairs
