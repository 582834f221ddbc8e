"""Lines and shapes on a lattice, joined to one another, as Korean and Tifinagh are built."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from workbench.datasets.glyphs.manners import Manner, bulge, pick, weighted
from workbench.datasets.glyphs.strokes import PenStroke, Pin, Random, bent, polygon, ring, spiral


def lattice(random: Random, manner: Manner) -> list[PenStroke]:
    """Lines, arcs, rings and polygons on a lattice, each joined to what stands already."""
    strokes: list[PenStroke] = []
    for index in range(1 + random.poisson(manner.strokes - 0.8)):
        if random.random() < 0.5 * manner.loop + 0.06:
            shape = _closed(random, manner)
            if index and random.random() < 0.7:
                shape = replace(shape, start=_any_pin(random, strokes))
            strokes.append(shape)
        else:
            stroke = walk(random, manner, pick(random, (1, 1, 1, 2, 2, 3)))
            strokes.append(joined(random, stroke, strokes) if strokes else stroke)
    return strokes


def walk(random: Random, manner: Manner, legs: int) -> PenStroke:
    """A way over points of the lattice, along its lines unless the manner is skew."""
    nodes = [_spot(random, manner)]
    while len(nodes) <= legs:
        to = _spot(random, manner)
        step = to - nodes[-1]
        if abs(step) < 0.2 or (len(nodes) > 1 and abs(to - nodes[-2]) < 0.2):
            continue
        straight = abs(step.real) < 0.01 or abs(step.imag) < 0.01
        if straight or random.random() < 0.3 + 0.7 * manner.skew:
            nodes.append(to)
    strays = 0.12 * manner.skew * random.standard_normal((2, len(nodes)))
    bulges = [bulge(random, manner) for _ in range(legs)]
    return bent(np.array(nodes) + strays[0] + 1j * strays[1], bulges, soft=manner.curvy)


_JOINTS = ("begin", "cross", "bridge", "repeat", "free")
_JOINT_ODDS = np.array([0.4, 0.22, 0.18, 0.12, 0.08])


def joined(random: Random, stroke: PenStroke, strokes: Sequence[PenStroke]) -> PenStroke:
    """Begin on an earlier stroke, cross it, reach from one to another, repeat it, or stand free."""
    kind = _JOINTS[weighted(random, _JOINT_ODDS)]
    if kind == "begin":
        return replace(stroke, start=_any_pin(random, strokes))
    if kind == "cross":
        crossed = Pin(int(random.integers(len(strokes))), float(random.uniform(0.3, 0.7)))
        return replace(stroke, start=crossed, own=0.5)
    if kind == "bridge":
        start, end = _any_pin(random, strokes), _any_pin(random, strokes)
        return replace(stroke, start=start, end=end) if start != end else stroke
    if kind == "repeat":
        aside = pick(random, (0.3, -0.3, 0.3j, -0.3j)) * random.uniform(0.8, 1.4)
        nodes = strokes[-1].nodes * pick(random, (1, 1, 0.6)) + aside
        return replace(strokes[-1], nodes=nodes, start=None, end=None)
    return stroke


def _any_pin(random: Random, strokes: Sequence[PenStroke]) -> Pin:
    at = pick(random, (0, 1, 0, 1, 0.5, 0.5, 0.25, 0.75))
    return Pin(int(random.integers(len(strokes))), at)


def _closed(random: Random, manner: Manner) -> PenStroke:
    radius, centre, kind = (
        pick(random, (0.14, 0.22, 0.35, 0.48)),
        _spot(random, manner),
        random.random(),
    )
    if kind < 0.35 + 0.4 * manner.curvy:
        return ring(random, centre, radius * manner.width**0.5 * random.uniform(0.8, 1.2), radius)
    if kind < 0.9:
        return polygon(random, centre, radius, random.uniform(0.8, 1.4))
    return spiral(random, centre, max(radius, 0.3))


def _spot(random: Random, manner: Manner) -> complex:
    return complex(manner.width * pick(random, manner.columns), pick(random, manner.rows))
