"""Habits by which the body of a character is built.

They are those of real scripts: staves with twigs and bowls, one running curve, a lattice of lines
and rings, letters put together, low bodies told apart by dots, and mere dots.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from workbench.datasets.glyphs.lattice import lattice, walk
from workbench.datasets.glyphs.manners import Manner, bulge, pick, weighted
from workbench.datasets.glyphs.marks import marked
from workbench.datasets.glyphs.running import running
from workbench.datasets.glyphs.staves import staves
from workbench.datasets.glyphs.strokes import (
    PenStroke,
    Random,
    bent,
    dot,
    fitted,
    line,
    ring,
    shifted,
)


def body(random: Random, manner: Manner) -> tuple[PenStroke, ...]:
    """A new character, without marks."""
    return tuple(HABITS[weighted(random, manner.habits)](random, manner))


def _letters(random: Random, manner: Manner) -> list[PenStroke]:
    """Two parts beside, above or inside one another."""
    first, second = _part(random, manner), _part(random, manner)
    kind = pick(random, ("beside", "beside", "above", "around"))
    width, half = manner.width, 0.55 * manner.width
    if kind == "beside":
        left, right = fitted(first, 0, half * 0.85 + 1j), fitted(second, half, half * 1.9 + 1j)
        return [*left, *shifted(right, len(left))]
    if kind == "above":
        upper, lower = fitted(first, 0, width + 0.45j), fitted(second, 0.55j, width + 1j)
        return [*upper, *shifted(lower, len(upper))]
    outer = walk(random, manner, 3) if random.random() < 0.5 else ring(random, 0, 0.5, 0.5)
    whole = width + 1j
    inside = fitted(second, 0.3 * whole, 0.7 * whole)
    return [*fitted((outer,), 0, whole), *shifted(inside, 1)]


def _part(random: Random, manner: Manner) -> tuple[PenStroke, ...]:
    if len(manner.pool) < 7 or random.random() < 0.25:
        simple = replace(manner, strokes=max(1.3, manner.strokes - 1.0))
        habit = HABITS[weighted(random, manner.habits[:3] + 1e-6)]
        manner.pool.append(tuple(habit(random, simple))[:3])
        return manner.pool[-1]
    return pick(random, manner.pool)


def _low(random: Random, manner: Manner) -> list[PenStroke]:
    """A low open body: a bowl, a hook, a ring, teeth, or one stroke; marks tell them apart."""
    width = manner.width * pick(random, (0.6, 1, 1.3))
    kind, way = random.integers(5), pick(random, (-1, 1))
    if kind == 0:
        depth = -0.6 * random.uniform(0.3, 1)
        base = bent((0, 0.25j, width + 0.25j, width), (0, depth, 0), soft=1)
    elif kind == 1:
        far = random.uniform(0.3, 0.9)
        nodes = (0, way * width * 0.5 + 0.05j, way * 0.1 + 0.7j)
        base = bent(nodes, (-0.1 * way, way * far), soft=0.4)
    elif kind == 2:
        base = ring(random, 0, random.uniform(0.15, 0.3), random.uniform(0.15, 0.3))
    elif kind == 3:
        teeth = int(random.integers(2, 4))
        points = [0.28 * manner.width * tooth + 0j for tooth in range(teeth + 1)]
        tail = random.random() < 0.5
        ends = [points[-1] + complex(-0.5 * width, 0.4)] * tail
        base = bent([*points, *ends], [-0.9] * teeth + [0.8] * tail, soft=0.2)
    else:
        slant = pick(random, (0, 0.2, -0.3))
        base = line(0, complex(slant, 0.9), 0.5 * bulge(random, manner, 0.5))
    return marked(random, [base]) if random.random() < 0.75 else [base]


def _cells(random: Random, manner: Manner) -> list[PenStroke]:
    """Only dots or little rings, two by three."""
    spots = [complex(x, y) for x in (0, 0.45) for y in (0, 0.45, 0.9)]
    chosen = sorted(random.permutation(6)[: random.integers(1, 6)])
    rings = manner.loop > 0.2
    return [ring(random, spots[i], 0.06, 0.06) if rings else dot(spots[i]) for i in chosen]


HABITS: tuple[Callable[[Random, Manner], list[PenStroke]], ...] = (
    staves,
    running,
    lattice,
    _letters,
    _low,
    _cells,
)
