"""Manners of writing, and the habits by which the body of a character is built.

The habits are those of real scripts: staves with twigs and bowls, one running curve, a lattice of
lines and rings, letters put together, low bodies told apart by dots, and mere dots.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

import numpy as np

from workbench.datasets.glyphs.strokes import (
    Floats,
    PenStroke,
    Pin,
    Random,
    bent,
    bounds,
    dot,
    fitted,
    line,
    polygon,
    ring,
    shifted,
    spiral,
)

T = TypeVar("T")


@dataclass(frozen=True)
class Manner:
    """What the characters of one alphabet have in common; parts and chances are 0 to 1.

    Attributes:
        habits: how often each of the HABITS is followed.
        curvy: part of the legs that are arcs.
        bulge: how round these are.
        skew: part of the lines that leave the directions of the lattice.
        columns, rows: where the lattice's points are.
        width: of a character that is 1 high.
        strokes: about how many a character has.
        serif, hook, loop, mark, headline, mirror: how often these occur.
        kin: how often a character is made from an earlier one.
        height: of the longer side, in pixels of a 105-pixel canvas.
        uneven: how much characters differ in size.
        pool: parts that come back in other characters; grows.
    """

    habits: Floats
    curvy: float
    bulge: float
    skew: float
    columns: tuple[float, ...]
    rows: tuple[float, ...]
    width: float
    strokes: float
    serif: float
    hook: float
    loop: float
    mark: float
    headline: float
    mirror: float
    kin: float
    height: float
    uneven: float
    pool: list[tuple[PenStroke, ...]] = field(default_factory=list)


def manner(random: Random) -> Manner:
    """The manner of a new alphabet: mostly one or two habits, mostly either round or straight."""
    spaced = ((0, 0.33, 0.67, 1), (0, 0.5, 1))
    often = np.array([1.2, 1.2, 1.4, 1.0, 0.25, 0.02])
    return Manner(
        habits=random.dirichlet(np.full(len(HABITS), 0.3)) * often,
        curvy=float(random.beta(0.55, 0.6)),
        bulge=float(random.uniform(0.45, 1.0)),
        skew=float(random.beta(1, 3)),
        columns=pick(random, spaced),
        rows=pick(random, spaced),
        width=float(random.uniform(0.5, 1.0)),
        strokes=float(random.uniform(1.6, 3.6)),
        serif=float(random.beta(0.5, 2.5)),
        hook=float(random.beta(0.8, 2)),
        loop=float(random.beta(0.8, 3)),
        mark=float(random.beta(0.4, 2.4)),
        headline=float(random.random() < 0.08) * 0.9,
        mirror=float(random.beta(0.5, 4)),
        kin=float(random.beta(1, 2.5)),
        height=float(np.clip(random.normal(62, 7), 48, 78)),
        uneven=float(random.uniform(0.1, 0.6)),
    )


def body(random: Random, manner: Manner) -> tuple[PenStroke, ...]:
    """A new character, without marks."""
    return tuple(HABITS[weighted(random, manner.habits)](random, manner))


def pick(random: Random, among: Sequence[T]) -> T:
    """One of a few, all as likely; many times faster than `random.choice`."""
    return among[int(random.integers(len(among)))]


def weighted(random: Random, odds: Floats) -> int:
    """A position, as likely as its odds, which need not sum to 1."""
    sums = np.cumsum(odds)
    place = int(np.searchsorted(sums, random.random() * sums[-1], side="right"))
    return min(place, len(odds) - 1)


# ------------------------------------------------------------------------------------------ staves


def _staves(random: Random, manner: Manner) -> list[PenStroke]:
    """A stem with twigs, bowls, bars and branches."""
    x = manner.width * pick(random, (0.0, 0.0, 0.0, 0.5, 1.0))
    top, foot = pick(random, (0, 0, 0, 0.25)), pick(random, (1, 1, 1, 1.3, 0.75))
    strokes = [_stem(random, manner, complex(x, top), complex(x, foot))]
    side = 1 if x == 0 else -1 if x == manner.width else pick(random, (-1, 1))
    for _ in range(1 + random.poisson(max(0.0, manner.strokes - 1.6))):
        out = side * manner.width * random.uniform(0.45, 1.0)
        attach = _ATTACHMENTS[weighted(random, _ATTACHMENT_ODDS)]
        strokes.extend(attach(random, manner, out, strokes))
        if x == 0.5 * manner.width:
            side = -side
    if random.random() < manner.serif:
        reach, end = 0.12 * manner.width, pick(random, (0.0, 1.0))
        own = pick(random, (0.5, 0.5, 0.0, 1.0))
        strokes.append(replace(line(-reach, reach), start=Pin(0, end), own=own))
    return strokes


def _stem(random: Random, manner: Manner, top: complex, foot: complex) -> PenStroke:
    nodes = [top + 0.25 * manner.skew * random.normal(), foot]
    bulges = [0.1 * random.normal() * manner.curvy]
    round_ = 0.9 * manner.bulge * (random.random() < manner.curvy)
    if random.random() < manner.hook:
        way = pick(random, (-1, 1))
        out = complex(way * random.uniform(0.15, 0.45) * manner.width, random.uniform(-0.3, 0.05))
        nodes.append(foot + out)
        bulges.append(-way * round_)
    if random.random() < 0.6 * manner.hook:
        way = pick(random, (-1, 1))
        out = complex(way * random.uniform(0.15, 0.45) * manner.width, random.uniform(-0.05, 0.3))
        nodes.insert(0, top + out)
        bulges.insert(0, -way * round_)
    return bent(nodes, bulges, soft=manner.curvy)


def _on_stem(random: Random) -> Pin:
    return Pin(0, pick(random, (0, 0.2, 0.35, 0.5, 0.65, 0.8, 1)))


def _is_round(random: Random, manner: Manner) -> bool:
    return bool(random.random() < 0.25 + 0.7 * manner.curvy)


def _twig(random: Random, manner: Manner, out: float, _: list[PenStroke]) -> list[PenStroke]:
    slope = pick(random, (0, 0.35, -0.35, 0.7, -0.7, 0.15)) + 0.2 * manner.skew * random.normal()
    tip = complex(out * random.uniform(0.6, 1), slope * abs(out))
    stem = _on_stem(random)
    twigs = [replace(line(0, tip, 0.6 * _bulge(random, manner)), start=stem)]
    if random.random() < 0.3:
        beside = float(np.clip(stem.at + pick(random, (-0.35, 0.35)), 0, 1))
        twigs.append(replace(twigs[0], start=Pin(0, beside)))
    return twigs


def _bowl(random: Random, manner: Manner, out: float, _: list[PenStroke]) -> list[PenStroke]:
    stops = random.permutation([0, 0.15, 0.3, 0.5, 0.7, 0.85, 1.0])[:2]
    high, low = float(stops.min()), float(stops.max())
    low = low if low - high >= 0.25 else min(1.0, high + 0.4)
    fall, reach, way = 1j * (low - high), 0.7 * out, np.sign(out)
    if _is_round(random, manner):
        if random.random() < 0.4:
            shape = bent((0, reach, reach + 1j, 1j), (0, way * 0.9, 0), soft=1)
        else:
            shape = line(0, 1j, way * random.uniform(0.8, 1.3))
    elif random.random() < 0.5:
        shape = bent((0, reach + random.uniform(0.3, 0.7) * fall, fall), (0, 0))
    else:
        shape = bent((0, reach, reach + fall, fall), (0, 0, 0))
    return [replace(shape, start=Pin(0, high), end=Pin(0, low))]


def _bar(random: Random, manner: Manner, _: float, __: list[PenStroke]) -> list[PenStroke]:
    reach = manner.width * random.uniform(0.25, 0.5)
    tip = reach + pick(random, (0, 0, 0.2, -0.2)) * manner.skew * 1j
    return [replace(line(-tip, tip), start=_on_stem(random), own=0.5)]


def _second_stem(
    random: Random, manner: Manner, out: float, strokes: list[PenStroke]
) -> list[PenStroke]:
    top = out + complex(strokes[0].nodes[0])
    long = pick(random, (1, 1, 0.6)) * 1j
    second = line(top, top + long, 0.1 * random.normal() * manner.curvy)
    if random.random() < 0.15:
        return [second]
    bulge = -0.5 * float(np.sign(out)) * _is_round(random, manner)
    near = Pin(0, pick(random, (0, 0.3, 0.5, 1)))
    far = Pin(len(strokes), pick(random, (0, 0.5, 0.5, 1)))
    return [second, replace(line(0, 1, bulge), start=near, end=far)]


def _branch(random: Random, manner: Manner, out: float, _: list[PenStroke]) -> list[PenStroke]:
    stem, way = _on_stem(random), float(np.sign(out))
    foot = complex(out, random.uniform(0.3, 0.6))
    if _is_round(random, manner):
        arch = bent((0, complex(out * 0.55, -0.08), foot), (way * 0.35, way * 0.4), soft=1)
        return [replace(arch, start=stem)]
    rise = random.uniform(-0.35, 0.1) if stem.at > 0.3 else random.uniform(0, 0.3)
    return [replace(bent((0, 0.9 * complex(out, rise), foot), (0, 0)), start=stem)]


def _eye(random: Random, _: Manner, __: float, ___: list[PenStroke]) -> list[PenStroke]:
    radius = random.uniform(0.12, 0.26)
    small = ring(random, 0, radius * random.uniform(0.8, 1.3), radius)
    return [replace(small, start=Pin(0, pick(random, (0, 0.5, 1))))]


def _tail(random: Random, manner: Manner, out: float, _: list[PenStroke]) -> list[PenStroke]:
    tip = complex(out, random.uniform(-0.15, 0.4))
    bulge = 0.5 * float(np.sign(out)) * manner.curvy
    tail = bent((0, complex(out * 0.5, 0.18), tip), (bulge, -bulge), soft=1)
    return [replace(tail, start=_on_stem(random))]


_ATTACHMENTS = (_twig, _bowl, _bar, _second_stem, _branch, _eye, _tail)
_ATTACHMENT_ODDS = np.array([0.24, 0.22, 0.14, 0.12, 0.12, 0.08, 0.08])


# ----------------------------------------------------------------------------------- running curve


def _running(random: Random, manner: Manner) -> list[PenStroke]:
    """One curve that hardly leaves the paper: humps, loops, returns, a tail."""
    strokes = [_Run(random, manner).go(int(random.integers(2, 4 + int(manner.strokes))))]
    if random.random() < 0.2 * manner.strokes:
        second = _Run(random, manner).go(int(random.integers(1, 3)))
        at, own = pick(random, (0, 0.3, 0.5, 0.7, 1)), pick(random, (0.0, 0.0, 0.5))
        strokes.append(replace(second, nodes=0.7 * second.nodes, start=Pin(0, at), own=own))
    return strokes


class _Run:
    """A pen on its way."""

    def __init__(self, random: Random, manner: Manner) -> None:
        self.random, self.manner = random, manner
        self.nodes = [complex(random.uniform(0, 0.4), random.uniform(0.2, 0.8))]
        self.bulges: list[float] = []
        self.heading = np.pi * pick(random, (0.0, 0.5, -0.5, 1.0))
        self.turn = pick(random, (-1, 1))
        self.roundness = 0.35 + 0.65 * manner.curvy

    def go(self, moves: int) -> PenStroke:
        odds = np.array(
            [0.32, 0.4 * self.manner.loop, 0.3, 0.08 + 0.3 * (1 - self.manner.curvy), 0.14]
        )
        kinds = (self._hump, self._loop, self._swing, self._straight, self._curl)
        for _ in range(moves):
            kinds[weighted(self.random, odds)](self.random.uniform(0.32, 0.65))
            at = self.nodes[-1]
            x = min(max(at.real, -0.1), self.manner.width + 0.25)
            self.nodes[-1] = complex(x, min(max(at.imag, -0.05), 1.05))
        return bent(self.nodes, self.bulges, soft=0.5 + 0.5 * self.manner.curvy)

    def _to(self, step: complex, bulge: float) -> None:
        self.nodes.append(self.nodes[-1] + step)
        self.bulges.append(bulge)

    def _hump(self, step: float) -> None:
        across = 0.8 * step * np.exp(1j * np.pi * pick(self.random, (0.0, 0.0, 0.15, -0.15)))
        self._to(complex(across), self.turn * self.random.uniform(0.8, 1.3) * self.roundness)
        self._maybe_back(0.4)

    def _loop(self, _: float) -> None:
        radius = self.random.uniform(0.09, 0.2)
        from_middle = -radius * np.exp(1j * (self.heading + self.turn * np.pi / 2))
        middle = self.nodes[-1] - from_middle
        for angle, bulge in ((2.1, 0.58), (4.2, 0.58), (6.0, 0.5)):
            self.nodes.append(complex(middle + from_middle * np.exp(1j * self.turn * angle)))
            self.bulges.append(self.turn * bulge)

    def _swing(self, step: float) -> None:
        self.heading += self.turn * self.random.uniform(0.3, 0.8) * np.pi
        bulge = self.turn * self.random.uniform(0.3, 0.7) * self.roundness
        self._to(complex(step * np.exp(1j * self.heading)), bulge)
        self._maybe_back(0.45)

    def _curl(self, step: float) -> None:
        for part in (0.54, 0.36):
            self.heading += self.turn * 0.55 * np.pi
            self._to(complex(part * step * np.exp(1j * self.heading)), self.turn * 0.55)
        self.turn = -self.turn

    def _straight(self, step: float) -> None:
        towards = pick(self.random, (0, 0.5, 0.5, -0.5, 0.25, 0.75))
        self.heading = towards * np.pi + 0.3 * self.manner.skew * self.random.normal()
        self._to(complex(1.3 * step * np.exp(1j * self.heading)), 0.0)

    def _maybe_back(self, chance: float) -> None:
        if self.random.random() < chance:
            self.turn = -self.turn


# ----------------------------------------------------------------------------------------- lattice


def _lattice(random: Random, manner: Manner) -> list[PenStroke]:
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
    bulges = [_bulge(random, manner) for _ in range(legs)]
    return bent(np.array(nodes) + strays[0] + 1j * strays[1], bulges, soft=manner.curvy)


_JOINTS = ("begin", "cross", "bridge", "repeat", "free")
_JOINT_ODDS = np.array([0.36, 0.2, 0.14, 0.12, 0.18])


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


def _bulge(random: Random, manner: Manner, least: float = 0.0) -> float:
    if random.random() >= max(manner.curvy, least):
        return 0.0
    size = min(max(random.normal(manner.bulge, 0.2), 0.2), 1.4)
    return float(pick(random, (-1, 1)) * size)


# -------------------------------------------------------------------- letters, low bodies, and dots


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
        base = line(0, complex(slant, 0.9), 0.5 * _bulge(random, manner, 0.5))
    return marked(random, [base]) if random.random() < 0.75 else [base]


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


def _cells(random: Random, manner: Manner) -> list[PenStroke]:
    """Only dots or little rings, two by three."""
    spots = [complex(x, y) for x in (0, 0.45) for y in (0, 0.45, 0.9)]
    chosen = sorted(random.permutation(6)[: random.integers(1, 6)])
    rings = manner.loop > 0.2
    return [ring(random, spots[i], 0.06, 0.06) if rings else dot(spots[i]) for i in chosen]


HABITS: tuple[Callable[[Random, Manner], list[PenStroke]], ...] = (
    _staves,
    _running,
    _lattice,
    _letters,
    _low,
    _cells,
)
