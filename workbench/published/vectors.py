"""Feature vectors as a bank keeps them: pictures one pixel high, in 256 levels.

A level of a feature is a 255th of its range, so that whatever works on pictures works on vectors.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

LEVELS = 255
ROWS = 4096  # vectors that are turned into levels at a time


def levels(
    values: NDArray[np.floating], low: NDArray[np.floating], high: NDArray[np.floating]
) -> NDArray[np.uint8]:
    """Vectors (M, F) as pictures (M, 1, 1, F); `low` and `high` (F,) are the ends of each feature's
    range. A feature that is always the same becomes 0."""
    span = np.where(high > low, high - low, 1)
    out = np.empty((len(values), 1, 1, len(span)), np.uint8)
    for start in range(0, len(values), ROWS):
        share = (np.asarray(values[start : start + ROWS], np.float64) - low) / span
        out[start : start + ROWS, 0, 0] = np.rint(share.clip(0, 1) * LEVELS)
    return out
