"""Strokes that know what they touch.

A stroke is a row of nodes joined by arcs, and says where it meets earlier strokes (at an end, along
them, across them), so that a shaky hand keeps a crossbar on its stem. Points are complex numbers,
x + iy with y down; a character is about 1 high. A leg from a to b with bulge s turns by
theta = 4 atan(s) and passes

    z(u) = a + (b - a) sin(theta u / 2) / sin(theta / 2) exp(i theta (u - 1) / 2)                (1)

so that 0 is a line, 1 a half circle, and a positive bulge lies to the left of the way.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Complex = NDArray[np.complex128]
Floats = NDArray[np.float64]
Random = np.random.Generator


@dataclass(frozen=True)
class Pin:
    """A place on an earlier stroke: its number, and how far along (0 to 1)."""

    stroke: int
    at: float


@dataclass(frozen=True)
class PenStroke:
    """One movement of the pen.

    Attributes:
        nodes: (k,) where it passes.
        bulges: (k - 1,) how round each leg is.
        start: what it meets with its point `own`; None if it stands free.
        end: what it meets with its end; needs `start`.
        own: fraction along itself that `start` holds.
        closed: it ends where it began.
        soft: 1 if its corners are flowing joins, 0 if they are meant.
    """

    nodes: Complex
    bulges: Floats
    start: Pin | None = None
    end: Pin | None = None
    own: float = 0.0
    closed: bool = False
    soft: float = 0.0


@dataclass(frozen=True)
class Program:
    """One character.

    Attributes:
        strokes: in writing order.
        scale: pixels per unit, on a canvas of 105 pixels.
        centre: where its middle sits, in pixels.
    """

    strokes: tuple[PenStroke, ...]
    scale: float
    centre: complex


def arcs(starts: Complex, chords: Complex, bulges: Floats, u: Floats) -> Complex:
    """Points of legs at fractions u of their ways; all arguments broadcast together."""
    half = 2 * np.arctan(bulges)
    half = half + 1e-3 * (np.abs(half) < 1e-3)  # a line is a very flat arc
    way = half * u
    ahead = way - half
    part = np.sin(way) / np.sin(half)
    return np.asarray(starts + chords * (part * np.cos(ahead) + 1j * (part * np.sin(ahead))))  # (1)


_U = np.linspace(0, 1, 9)[1:]


def resolve(strokes: Sequence[PenStroke]) -> list[Complex]:
    """Where the strokes go when a perfect hand writes them: (P,) points each, every pin held."""
    starts = np.concatenate([stroke.nodes[:-1] for stroke in strokes])
    ends = np.concatenate([stroke.nodes[1:] for stroke in strokes])
    bulges = np.concatenate([stroke.bulges for stroke in strokes])
    legs = arcs(starts[:, None], (ends - starts)[:, None], bulges[:, None], _U)
    paths: list[Complex] = []
    first = 0
    for stroke in strokes:
        last = first + len(stroke.bulges)
        path = np.concatenate((stroke.nodes[:1], legs[first:last].ravel()))
        paths.append(_pinned(path, stroke, paths))
        first = last
    return paths


def bounds(strokes: Sequence[PenStroke]) -> tuple[complex, complex]:
    """Corners of the box around the strokes, upper left and lower right."""
    points = np.concatenate(resolve(strokes))
    x, y = points.real, points.imag
    return complex(x.min(), y.min()), complex(x.max(), y.max())


def line(a: complex, b: complex, bulge: float = 0.0) -> PenStroke:
    return PenStroke(np.array([a, b], complex), np.array([bulge]))


def bent(nodes: Iterable[complex], bulges: Iterable[float], soft: float = 0.0) -> PenStroke:
    return PenStroke(np.array([*nodes], complex), np.array([*bulges], float), soft=soft)


def dot(at: complex) -> PenStroke:
    return line(at, at + 0.02)


def ring(random: Random, centre: complex, radius_x: float, radius_y: float) -> PenStroke:
    """An ellipse of four arcs, begun anywhere, either way round."""
    begin = random.integers(4) * np.pi / 2 + random.normal(0, 0.4)
    way = 1 if random.random() < 0.6 else -1
    angle = begin + way * np.arange(5) * np.pi / 2
    nodes: Complex = centre + radius_x * np.cos(angle) + 1j * radius_y * np.sin(angle)
    return PenStroke(nodes, np.full(4, way * np.tan(np.pi / 8)), closed=True, soft=1)


def polygon(random: Random, centre: complex, radius: float, width: float) -> PenStroke:
    corners = (3, 4, 4, 5)[random.integers(4)]
    turn = (0, np.pi / 4, np.pi / 2, np.pi / corners)[random.integers(4)]
    angle = turn + np.arange(corners + 1) * 2 * np.pi / corners
    nodes = centre + radius * (width * np.cos(angle) + 1j * np.sin(angle))
    return PenStroke(nodes, np.zeros(corners), closed=True)


def spiral(random: Random, centre: complex, radius: float) -> PenStroke:
    turns = random.uniform(1.1, 2.1)
    count = int(4 * turns) + 2
    way = 1 if random.random() < 0.5 else -1
    angle = random.uniform(0, 2 * np.pi) + way * np.linspace(0, turns * 2 * np.pi, count)
    nodes = centre + radius * np.linspace(0.15, 1, count) * np.exp(1j * angle)
    bulges = np.full(count - 1, way * 0.38)
    if random.random() < 0.4:
        return PenStroke(nodes[::-1], -bulges, soft=1)
    return PenStroke(nodes, bulges, soft=1)


def flipped(strokes: Sequence[PenStroke], axis: float = 0.0) -> list[PenStroke]:
    """The mirror image about a vertical line."""

    def mirrored(nodes: Complex) -> Complex:
        return np.asarray(2 * axis - np.conj(nodes), np.complex128)

    return [replace(s, nodes=mirrored(s.nodes), bulges=-s.bulges) for s in strokes]


def shifted(strokes: Sequence[PenStroke], by: int) -> list[PenStroke]:
    """The same strokes, to stand behind `by` others."""

    def moved(pin: Pin | None) -> Pin | None:
        return None if pin is None else Pin(pin.stroke + by, pin.at)

    return [replace(s, start=moved(s.start), end=moved(s.end)) for s in strokes]


def fitted(strokes: Sequence[PenStroke], corner: complex, opposite: complex) -> list[PenStroke]:
    """Scale strokes into a box, not out of all proportion."""
    low, high = bounds(strokes)
    extent, box = high - low, opposite - corner
    wide = min(box.real / max(extent.real, 0.2), 1.6)
    tall = min(box.imag / max(extent.imag, 0.2), 1.6)
    wide, tall = min(wide, 1.6 * tall), min(tall, 1.6 * wide)
    aside = corner + 0.5 * (box - complex(extent.real * wide, extent.imag * tall))

    def moved(nodes: Complex) -> Complex:
        x, y = nodes.real - low.real, nodes.imag - low.imag
        return np.asarray(aside + wide * x + 1j * tall * y, np.complex128)

    return [replace(s, nodes=moved(s.nodes)) for s in strokes]


def _pinned(path: Complex, stroke: PenStroke, earlier: Sequence[Complex]) -> Complex:
    if stroke.start is None:
        return path
    target = _at(earlier[stroke.start.stroke], stroke.start.at)
    if stroke.end is None:
        return path + (target - _at(path, stroke.own))
    goal = _at(earlier[stroke.end.stroke], stroke.end.at)
    span = complex(path[-1] - path[0])
    turn = (goal - target) / (span if abs(span) > 1e-6 else 1)
    return np.asarray(target + (path - path[0]) * turn)


def _at(path: Complex, fraction: float) -> complex:
    return complex(path[round(fraction * (len(path) - 1))])
