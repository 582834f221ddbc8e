"""Images made so small that they can be compared."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def shrunk(images: NDArray[np.float32], side: int) -> NDArray[np.float32]:
    """Images (n, H, W) as means over the cells of a grid (n, side, side); smaller ones grow."""
    for axis in (1, 2):
        length = images.shape[axis]
        edges = np.linspace(0, length, side + 1)
        low, high = np.floor(edges[:-1]).astype(int), np.ceil(edges[1:]).astype(int)
        totals = np.concatenate(
            [np.zeros_like(images.take([0], axis)), images.cumsum(axis, dtype=np.float32)], axis
        )
        span = (high - low).reshape([-1 if place == axis else 1 for place in range(3)])
        images = (totals.take(high, axis) - totals.take(low, axis)) / span
    return images.astype(np.float32)
