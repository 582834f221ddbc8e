"""Curves in words: for screen readers, for the read-out, for the labels at their ends."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from workbench.app.plots.overlay import Reading
from workbench.app.plots.series import Curve
from workbench.app.plots.ticks import interval_text, number_text, short_text
from workbench.app.theme import theme


def described(curves: Sequence[Curve], x_title: str, y_title: str) -> str:
    """Each curve with its last value and its range, in sentences."""
    said = []
    for curve in curves:
        last = curve.shown.last()
        if last < 0:
            continue
        y = curve.numbers.y[np.isfinite(curve.numbers.y)]
        ends = f"from {short_text(y.min())} to {short_text(y.max())}"
        at = f"{x_title.lower()} {number_text(curve.shown.x[last])}"
        said.append(f"{curve.name}: {short_text(curve.shown.y[last])} at {at}, {ends}")
    return f"{y_title}. " + ("; ".join(said) if said else "No data yet")


def end_texts(curves: Sequence[Curve]) -> list[tuple[Curve, int, str]]:
    """Name and last value of each curve, with the place of that value."""
    found = [(curve, curve.shown.last()) for curve in curves]
    return [(c, i, f"{c.name} {short_text(c.shown.y[i])}") for c, i in found if i >= 0]


def readings(
    curves: Sequence[Curve], x: float, unit: str, smooth: bool
) -> list[tuple[Reading, float]]:
    """Rows of the read-out at `x`, and the value of each."""
    rows = []
    for curve in curves:
        i = curve.shown.nearest(x)
        if i < 0 or not np.isfinite(curve.shown.y[i]):
            continue
        y = float(curve.shown.y[i])
        text = short_text(y)
        if len(curve.numbers.low):
            half = float(curve.numbers.high[i] - curve.numbers.low[i]) / 2
            text = interval_text(y, half)
        name = f"{curve.name}, smoothed" if curve.noisy and smooth else curve.name
        value = f"{text} {unit}".rstrip()
        rows.append((Reading(name, value, theme().series(curve.index)), y))
    return rows


def snapped(curves: Sequence[Curve], x: float) -> float | None:
    """The x nearest to `x` where any curve has a value."""
    found = [float(c.numbers.x[c.numbers.nearest(x)]) for c in curves if len(c.numbers.x)]
    return min(found, key=lambda v: abs(v - x), default=None)
