"""Marks that tell characters apart: dots, ticks, rings and bars, and a headline above."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from workbench.datasets.glyphs.manners import pick, weighted
from workbench.datasets.glyphs.strokes import PenStroke, Random, bounds, dot, line, ring

_MARKS = ("dot", "two", "three", "tick", "ring", "bar")
_MARK_ODDS = np.array([0.34, 0.18, 0.04, 0.2, 0.1, 0.14])


def marked(random: Random, strokes: Sequence[PenStroke]) -> list[PenStroke]:
    """The strokes, and dots, a tick, a ring or a bar above, below, beside or inside them."""
    small = sum(float(np.abs(stroke.nodes - stroke.nodes[0]).max()) < 0.2 for stroke in strokes)
    if small >= 2:  # marked already, through its kin
        return list(strokes)
    low, high = bounds(strokes)
    middle = 0.5 * (low + high)
    x = pick(random, (middle.real, middle.real, high.real + 0.16, low.real))
    y = pick(random, (low.imag - 0.2, low.imag - 0.2, high.imag + 0.2, middle.imag))
    at, kind = complex(x, y), _MARKS[weighted(random, _MARK_ODDS)]
    if kind == "dot":
        return [*strokes, dot(at)]
    if kind == "two":
        aside = 0.12 if random.random() < 0.75 else 0.12j
        return [*strokes, dot(at - aside), dot(at + aside)]
    if kind == "three":
        return [*strokes, dot(at - 0.12), dot(at + 0.12), dot(at - 0.15j)]
    if kind == "tick":
        towards = 0.24 * np.exp(1j * np.pi * pick(random, (0.25, 0.5, -0.25)))
        return [*strokes, line(at, at + complex(towards), pick(random, (0.0, 0.0, 0.5)))]
    if kind == "ring":
        return [*strokes, ring(random, at, 0.08, 0.08)]
    return [*strokes, line(at - 0.2, at + 0.2, pick(random, (0, 0, 0.5, -0.5)))]
