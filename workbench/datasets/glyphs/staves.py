"""Stems with twigs, bowls, bars and branches, as runes and Latin letters are built."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from workbench.datasets.glyphs.manners import Manner, bulge, pick, weighted
from workbench.datasets.glyphs.strokes import PenStroke, Pin, Random, bent, line, ring


def staves(random: Random, manner: Manner) -> list[PenStroke]:
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
    twigs = [replace(line(0, tip, 0.6 * bulge(random, manner)), start=stem)]
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
