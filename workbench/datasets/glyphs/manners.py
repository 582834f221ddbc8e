"""Manners of writing: what the characters of one alphabet have in common."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np

from workbench.datasets.glyphs.strokes import Floats, PenStroke, Random

T = TypeVar("T")


@dataclass(frozen=True)
class Manner:
    """What the characters of one alphabet have in common; parts and chances are 0 to 1.

    Attributes:
        habits: how often each of `habits.HABITS` is followed.
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


def invent(random: Random) -> Manner:
    """The manner of a new alphabet: mostly one or two habits, mostly either round or straight."""
    spaced = ((0, 0.33, 0.67, 1), (0, 0.5, 1))
    often = np.array([1.6, 1.3, 1.4, 0.8, 0.12, 0.02])  # in the order of habits.HABITS
    return Manner(
        habits=random.dirichlet(np.full(len(often), 0.3)) * often,
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
        mark=float(random.beta(0.4, 3.5)),
        headline=float(random.random() < 0.08) * 0.9,
        mirror=float(random.beta(0.5, 4)),
        kin=float(random.beta(1, 2.5)),
        height=float(np.clip(random.normal(62, 7), 48, 78)),
        uneven=float(random.uniform(0.1, 0.5)),
    )


def pick(random: Random, among: Sequence[T]) -> T:
    """One of a few, all as likely; many times faster than `random.choice`."""
    return among[int(random.integers(len(among)))]


def weighted(random: Random, odds: Floats) -> int:
    """A position, as likely as its odds, which need not sum to 1."""
    sums = np.cumsum(odds)
    place = int(np.searchsorted(sums, random.random() * sums[-1], side="right"))
    return min(place, len(odds) - 1)


def bulge(random: Random, manner: Manner, least: float = 0.0) -> float:
    if random.random() >= max(manner.curvy, least):
        return 0.0
    size = min(max(random.normal(manner.bulge, 0.2), 0.2), 1.4)
    return float(pick(random, (-1, 1)) * size)
