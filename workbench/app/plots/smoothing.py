"""Smoothing of noisy curves."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

# Within a block the weights weight ** k must stay far above the smallest double.
_SMALLEST_POWER = 1e-100
_LONGEST_BLOCK = 4096


def smoothed(y: npt.NDArray[np.floating], weight: float) -> Floats:
    """Exponential moving average without the pull towards zero at the start.

        s_t = weight s_(t-1) + (1 - weight) y_t,     shown: s_t / (1 - weight ** t)

    A value that is not a number is left out of the average and stays a gap.

    Args:
        y: shape (n,).
        weight: 0 (as it is) up to, not including, 1.

    Raises:
        ValueError: weight is not in [0, 1).
    """
    if not 0 <= weight < 1:
        raise ValueError(f"weight must lie in [0, 1), not {weight}")
    values = np.asarray(y, dtype=np.float64)
    finite = np.isfinite(values)
    if weight == 0 or not finite.any():
        return values.copy()
    kept = values[finite]
    sums = _discounted_sums(kept, weight)
    norms = (1 - weight ** np.arange(1, len(kept) + 1)) / (1 - weight)
    out = np.full(values.shape, np.nan)
    out[finite] = sums / norms
    return out


def _discounted_sums(values: Floats, weight: float) -> Floats:
    """s_t = values_t + weight s_(t-1), a block at a time: a loop over a million numbers would be
    felt.
    """
    block = min(_LONGEST_BLOCK, max(1, int(math.log(_SMALLEST_POWER) / math.log(weight))))
    sums = np.empty_like(values)
    carried = 0.0
    for start in range(0, len(values), block):
        part = values[start : start + block]
        powers = weight ** np.arange(1, len(part) + 1)
        sums[start : start + block] = powers * (np.cumsum(part / powers) + carried)
        carried = float(sums[start + len(part) - 1])
    return sums
