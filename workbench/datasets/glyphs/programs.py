"""Invented alphabets: characters are programs of strokes, and share their alphabet's manner.

Among a few tries the one is kept that differs most from the alphabet's other characters and does
not run over itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from workbench.datasets.glyphs import habits, manners
from workbench.datasets.glyphs.lattice import joined, walk
from workbench.datasets.glyphs.manners import Manner, pick
from workbench.datasets.glyphs.marks import marked
from workbench.datasets.glyphs.strokes import (
    Complex,
    Floats,
    PenStroke,
    Program,
    Random,
    bounds,
    flipped,
    line,
    resolve,
    shifted,
)

_TRIES = 8
_NOVEL = 0.5  # difference of two pictures (0 to 2) from which characters are told apart easily
_CLEAN = 0.08  # part of the ink that may run over other ink
_MOST_STROKES = 8
_GRID = np.linspace(-0.5, 0.5, 8)


def invent(random: Random, characters: int) -> list[Program]:
    """An alphabet: different characters in one manner."""
    manner = manners.invent(random)
    programs: list[Program] = []
    pictures = np.zeros((characters, _GRID.size**2))
    while len(programs) < characters:
        best: tuple[float, tuple[PenStroke, ...], _Look] | None = None
        for _ in range(_TRIES):
            strokes = _character(random, manner, programs)
            look = _Look.of(strokes)
            if not look.fair(random):
                continue
            others = np.abs(pictures[: len(programs)] - look.picture).sum(axis=1)
            novelty = float(others.min(initial=_NOVEL + 0.05))
            score = novelty - 1.5 * max(look.overlap - 0.06, 0.0)
            if best is None or score > best[0]:
                best = (score, strokes, look)
            if novelty > _NOVEL and look.overlap < _CLEAN:
                break
        if best is not None:
            pictures[len(programs)] = best[2].picture
            programs.append(_sized(random, manner, best[1], best[2]))
    return programs


def _character(random: Random, manner: Manner, earlier: Sequence[Program]) -> tuple[PenStroke, ...]:
    strokes: Sequence[PenStroke]
    if earlier and random.random() < manner.kin:
        strokes = _relative(random, manner, pick(random, earlier).strokes)
    else:
        strokes = habits.body(random, manner)
        if random.random() < manner.mirror and len(strokes) < 4:
            strokes = _mirrored(strokes)
    if random.random() < manner.headline:
        strokes = _under_headline(random, strokes)
    if random.random() < manner.mark:
        strokes = marked(random, strokes)
    return tuple(strokes[:_MOST_STROKES])


def _mirrored(strokes: Sequence[PenStroke]) -> Sequence[PenStroke]:
    """With the mirror image to the right."""
    low, high = bounds(strokes)
    if high.real - low.real < 0.15:
        return strokes
    return [*strokes, *shifted(flipped(strokes, high.real), len(strokes))]


def _under_headline(random: Random, strokes: Sequence[PenStroke]) -> Sequence[PenStroke]:
    low, high = bounds(strokes)
    over = random.uniform(0.05, 0.2)
    right = max(high.real, low.real + 0.5) + over
    return [*strokes, line(low - over, complex(right, low.imag))]


def _relative(random: Random, manner: Manner, strokes: Sequence[PenStroke]) -> Sequence[PenStroke]:
    """A character made from another: turned, flipped, with a stroke more, less or different."""
    kind = pick(random, ("turn", "flip", "more", "less", "bend", "mark", "swap"))
    if kind == "turn":
        turn = pick(random, (1j, -1, -1j))
        return [replace(s, nodes=s.nodes * turn) for s in strokes]
    if kind == "flip":
        upside_down = -1 if random.random() < 0.4 else 1
        return [replace(s, nodes=s.nodes * upside_down) for s in flipped(strokes)]
    if kind == "mark":
        return marked(random, strokes)
    if kind == "bend":
        which = int(random.integers(len(strokes)))
        return [_bent_anew(random, s) if i == which else s for i, s in enumerate(strokes)]
    if kind == "less" and len(strokes) > 1:
        return strokes[:-1]
    kept = strokes[:-1] if kind == "swap" and len(strokes) > 1 else strokes
    stroke = walk(random, manner, int(random.integers(1, 3)))
    return [*kept, joined(random, stroke, kept)]


def _bent_anew(random: Random, stroke: PenStroke) -> PenStroke:
    """Lines become arcs; arcs turn over or become lines."""
    arcs = -stroke.bulges if random.random() < 0.6 else 0.0
    bulges = np.where(np.abs(stroke.bulges) < 0.1, pick(random, (-0.6, 0.6)), arcs)
    return replace(stroke, bulges=bulges)


@dataclass(frozen=True)
class _Look:
    """What a perfect hand's drawing looks like.

    Attributes:
        picture: (64,) coarse and blurred, sums to 1, whatever the size.
        overlap: part of the ink that runs close beside other ink: blots, accidental double lines.
        length: of all strokes.
        extent: the longer side.
        flatness: width by height.
    """

    picture: Floats
    overlap: float
    length: float
    extent: float
    flatness: float

    @classmethod
    def of(cls, strokes: Sequence[PenStroke]) -> _Look:
        paths = resolve(strokes)
        steps: Complex = np.concatenate([path[1:] - path[:-1] for path in paths])
        points: Complex = np.concatenate([path[1:] for path in paths]) - 0.5 * steps
        lengths = np.abs(steps)
        x, y = points.real, points.imag
        left, right, top, foot = x.min(), x.max(), y.min(), y.max()
        extent = float(max(right - left, foot - top, 0.25))
        near_x = np.exp(-(((x - 0.5 * (left + right))[:, None] / extent - _GRID) ** 2) / 0.01)
        near_y = np.exp(-(((y - 0.5 * (top + foot))[:, None] / extent - _GRID) ** 2) / 0.01)
        picture = ((near_y * lengths[:, None]).T @ near_x).ravel()
        stroke = np.repeat(np.arange(len(paths)), [len(path) - 1 for path in paths])
        along: Floats = np.cumsum(lengths) + 100.0 * stroke
        overlap = _overlap(points, steps, lengths, along, 0.1 * min(extent, 1.2))
        flatness = float((right - left) / max(foot - top, 0.05))
        return cls(picture / picture.sum(), overlap, float(lengths.sum()), extent, flatness)

    def fair(self, random: Random) -> bool:
        """Scripts have few very short or very flat characters, and none that are a tangle."""
        long_enough = random.random() < (self.length - 0.4) / 1.6
        tall_enough = random.random() < 2.6 - self.flatness
        return bool(
            long_enough and tall_enough and random.random() < 5.5 - self.length / self.extent
        )


def _overlap(points: Complex, steps: Complex, lengths: Floats, along: Floats, near: float) -> float:
    way = steps / np.maximum(lengths, 1e-9)
    x, y = points.real, points.imag
    close = (x[:, None] - x) ** 2 + (y[:, None] - y) ** 2 < near**2
    close &= np.abs(along[:, None] - along) > 2 * near
    first, second = np.nonzero(close)
    parallel = np.abs((way[first] * np.conj(way[second])).real) > 0.75
    return float(lengths[np.unique(first[parallel])].sum() / lengths.sum())


def _sized(random: Random, manner: Manner, strokes: tuple[PenStroke, ...], look: _Look) -> Program:
    """Big characters are drawn a little bigger, and so are intricate ones."""
    size = min(max(look.extent, 0.45), 1.4) ** manner.uneven * np.exp(0.06 * random.normal())
    intricate = min(max(look.length / look.extent / 2.6, 0.6), 2) ** 0.15
    longer = min(manner.height * size * intricate, 78)
    centre = complex(*random.normal((50.5, 51.5), 2.5))
    return Program(strokes, float(longer / look.extent), centre)
