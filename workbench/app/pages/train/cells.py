"""A sampler's table as a picture has it: two dimensions, and what a cell of it says. No Qt here."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workbench.app.pages.train.figures import short, whole
from workbench.store.tables import SeenTable, TableAxes, TableAxis

Values = NDArray[np.float64]
MEAN = -1  # in place of a slice


@dataclass(frozen=True)
class Picture:
    """The cells that are shown.

    Attributes:
        losses: (X, Y), NaN where nothing was drawn yet.
        counts: (X, Y), NaN where there is no cell.
        x, y: axes; None for classes, which have none.
    """

    losses: Values
    counts: Values
    x: TableAxis | None = None
    y: TableAxis | None = None


def picture_of(table: SeenTable, axes: TableAxes, at: int = MEAN) -> Picture:
    """Lay a table out.

    Args:
        at: which slice of the third parameter; MEAN takes the mean of all losses and the sum of
            all counts.
    """
    losses = np.where(table.counts > 0, table.losses, np.nan).astype(np.float64)
    counts = table.counts.astype(np.float64)
    if not axes.axes:
        return Picture(_in_rows(losses), _in_rows(counts))
    while losses.ndim > 2:
        if at == MEAN:
            losses, counts = _mean(losses, counts), counts.sum(-1)
        else:
            losses, counts = losses[..., at], counts[..., at]
    if losses.ndim == 1:
        return Picture(losses[:, None], counts[:, None], axes.axes[0])
    return Picture(losses, counts, axes.axes[0], axes.axes[1])


def class_at(x: int, y: int, shape: tuple[int, int]) -> int:
    """Which class stands in a cell: from left to right, the first row on top."""
    across, up = shape
    return (up - 1 - y) * across + x


def words_of(picture: Picture, axes: TableAxes, x: int, y: int) -> str:
    """What a cell says; empty for none."""
    across, up = picture.losses.shape
    if not (0 <= x < across and 0 <= y < up) or math.isnan(picture.counts[x, y]):
        return ""
    if axes.classes:
        place = axes.classes[class_at(x, y, (across, up))]
    else:
        said = [_span(axis, i, n) for axis, i, n in _placed(picture, x, y) if axis is not None]
        place = ", ".join(said)
    count = int(picture.counts[x, y])
    if not count:
        return f"{place}: not drawn yet"
    draws = f"{whole(count)} draw{'s' * (count > 1)}"
    return f"{place}: loss {short(float(picture.losses[x, y]))}, {draws}"


def slices_of(table: SeenTable, axes: TableAxes) -> list[tuple[str, str]]:
    """Keys and words of the choices for a third parameter; none where there is none."""
    if len(axes.axes) < 3:
        return []
    axis, count = axes.axes[2], table.losses.shape[2]
    spans = [(str(i), _span(axis, i, count).capitalize()) for i in range(count)]
    return [(str(MEAN), f"Any {axis.name}"), *spans]


def _placed(picture: Picture, x: int, y: int) -> tuple[tuple[TableAxis | None, int, int], ...]:
    across, up = picture.losses.shape
    return (picture.x, x, across), (picture.y, y, up)


def _span(axis: TableAxis, i: int, count: int) -> str:
    width = (axis.high - axis.low) / count
    if not width:  # a parameter that does not vary
        return f"{axis.name} {short(axis.low)}"
    low, high = axis.low + i * width, axis.low + (i + 1) * width
    decimals = max(0, -math.floor(math.log10(width) + 1e-9))
    return f"{axis.name} {low:.{decimals}f}–{high:.{decimals}f}"


def _mean(losses: Values, counts: Values) -> Values:
    """Over the last parameter, of what was drawn."""
    known = counts > 0
    total = np.where(known, losses, 0.0).sum(-1)
    number = known.sum(-1)
    return np.where(number > 0, total / np.maximum(number, 1), np.nan)


def _in_rows(values: Values) -> Values:
    """Classes (N,) in rows about twice as wide as high (X, Y), NaN where the last row ends."""
    across = max(1, math.ceil(math.sqrt(2 * len(values))))
    up = max(1, math.ceil(len(values) / across))
    filled = np.full(across * up, np.nan)
    filled[: len(values)] = values
    return filled.reshape(up, across)[::-1].T
