"""Hands that write programs of strokes: the same character, twenty people.

A drawer keeps one style over a whole alphabet (slant, size, proportions, roundness, steadiness,
care, pen), and every drawing adds its own slips. All drawers of a character are computed at once;
D is their number, P that of the pen's positions. Points are complex, x + iy, y down.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from workbench import ink
from workbench.datasets.glyphs.strokes import Complex, Floats, PenStroke, Program, Random, arcs

_PER_UNIT = 24  # pen positions per unit of length: one every 2 or 3 pixels, as a mouse reports them
_DENSE = 3  # nib positions from one pen position to the next
_STYLES = 10  # normal numbers that make a drawer
_FRAME = 6  # normal numbers that make one drawing's size and place
_PINS = 6  # normal numbers that move a stroke
_SWINGS = 5  # slow swings of the hand along one stroke
_MIDDLE = 52 + 52j
_REACH = 48.0  # pixels from the middle that a drawing may have


@dataclass(frozen=True)
class Hands:
    """The styles of D drawers; each attribute is (D, 1).

    Attributes:
        size, aspect: factors of the whole and of width to height.
        slant, tilt: shear, and turn in radians.
        roundness: how much corners are cut, 0 to 1.
        tremor: in units of a character's height.
        care: how far strokes miss their places; 1 is usual.
        place: where on the canvas, in pixels off the middle.
        pen: width on a canvas of 105 pixels.
    """

    size: Floats
    aspect: Floats
    slant: Floats
    tilt: Floats
    roundness: Floats
    tremor: Floats
    care: Floats
    place: Complex
    pen: Floats

    @classmethod
    def draw(cls, random: Random, drawers: int) -> Hands:
        z = random.standard_normal((drawers, _STYLES))[:, :, None]
        return cls(
            size=np.exp(0.13 * z[:, 0]),
            aspect=np.exp(0.12 * z[:, 1]),
            slant=0.10 * z[:, 2],
            tilt=0.03 * z[:, 3],
            roundness=1 / (1 + np.exp(-z[:, 4])),
            tremor=0.007 * np.exp(0.5 * z[:, 5]),
            care=np.exp(0.35 * z[:, 6]),
            place=3.0 * z[:, 7] + 3.0j * z[:, 8],
            pen=np.clip(np.round(ink.PEN_WIDTH + 0.1 * z[:, 9], 1), 4.8, 5.3),
        )


def draw(
    programs: Sequence[Program], hands: Hands, randoms: Sequence[Random], size: int = ink.CANVAS
) -> NDArray[np.uint8]:
    """Write every program once by every hand: (len(programs), D, size, size) uint8.

    Row d of the numbers drawn from each program's generator belongs to drawer d, who therefore
    writes the same among any number of others.
    """
    written = [_write(p, hands, r) for p, r in zip(programs, randoms, strict=True)]
    drawers = len(hands.size)
    image = np.repeat(np.arange(len(programs)), [drawing.shape[1] for drawing in written])
    points = np.concatenate(written, axis=1) / ink.CANVAS + (0.5 + 0.5j) / ink.CANVAS
    pairs = np.stack((points.real, points.imag), axis=-1).astype(np.float32)  # (D, P, 2)
    images = np.empty((len(programs), drawers, size, size), np.uint8)
    for drawer in range(drawers):
        pen = float(hands.pen[drawer, 0])
        images[:, drawer] = ink.render_points(pairs[drawer], image, len(programs), size, pen)
    return images


def _write(program: Program, hands: Hands, random: Random) -> Complex:
    """Nib positions of every drawer, (D, P), in pixels of the 105-pixel canvas."""
    strokes = program.strokes
    needs = [3 * len(stroke.nodes) + _PINS for stroke in strokes]
    swings = 2 * _SWINGS * len(strokes)
    noise = random.standard_normal((len(hands.size), _FRAME + swings + sum(needs)))
    paths: list[Complex] = []
    at = _FRAME + swings
    for stroke, need in zip(strokes, needs, strict=True):
        paths.append(_path(stroke, paths, hands, noise[:, at : at + need]))
        at += need
    counts = [path.shape[1] for path in paths]
    path = _rounded(np.concatenate(paths, axis=1), strokes, counts, hands)
    path += hands.tremor * _swinging(counts, noise[:, _FRAME : _FRAME + swings])
    # a mouse reports whole pixels
    return _filled(np.rint(_placed(path, program, hands, noise[:, :_FRAME, None])), counts)


def _path(stroke: PenStroke, earlier: list[Complex], hands: Hands, noise: Floats) -> Complex:
    """Pen positions of one stroke for every drawer, (D, P), in units of the character."""
    count = len(stroke.nodes)
    extent = float(np.abs(stroke.nodes - stroke.nodes.mean()).max())
    loose = hands.care * (0.014 + 0.055 * min(extent, 0.6))
    slips = noise[:, :count] + 1j * noise[:, count : 2 * count]
    nodes = stroke.nodes + loose * slips
    if stroke.closed:
        nodes[:, -1] = nodes[:, 0] + 0.8 * loose[:, 0] * slips[:, -1]
    bends = hands.care * noise[:, 2 * count : 3 * count - 1]
    bulges = stroke.bulges + (0.2 * stroke.bulges + 0.045) * bends
    leg, u = _samples(stroke)
    chords = nodes[:, 1:] - nodes[:, :-1]
    path = arcs(nodes[:, leg], chords[:, leg], bulges[:, leg], u)
    return _pinned(path, stroke, earlier, hands.care, noise[:, 3 * count :])


def _samples(stroke: PenStroke) -> tuple[NDArray[np.intp], Floats]:
    """Leg of each pen position of a stroke, and how far along the leg: (P,) each."""
    chords = np.abs(stroke.nodes[1:] - stroke.nodes[:-1])
    lengths = chords * (1 + 0.6 * np.minimum(np.abs(stroke.bulges), 1.5) ** 2)
    counts = np.maximum(3, (_PER_UNIT * lengths).astype(np.intp) + 1)
    counts[0] += 1  # the first leg has its starting point, too
    leg = np.repeat(np.arange(len(counts)), counts)
    place = np.arange(len(leg)) - np.repeat(np.cumsum(counts) - counts, counts) + (leg > 0)
    return leg, place / np.where(leg > 0, counts[leg], counts[0] - 1)


def _pinned(
    path: Complex, stroke: PenStroke, earlier: list[Complex], care: Floats, noise: Floats
) -> Complex:
    """Move (one pin) or move, turn and stretch (two pins) a stroke to meet the earlier ones."""
    slip = noise[:, 0:1] + 1j * noise[:, 1:2]
    if stroke.start is None:
        return path + 0.035 * care * slip
    slide = 0.035 * care * noise[:, 2:4]
    target = _along(earlier[stroke.start.stroke], stroke.start.at + slide[:, :1])
    target = target + 0.016 * care * slip
    if stroke.end is None:
        own = round(stroke.own * (path.shape[1] - 1))
        return path + (target - path[:, own : own + 1])
    goal = _along(earlier[stroke.end.stroke], stroke.end.at + slide[:, 1:])
    goal = goal + 0.016 * care * (noise[:, 4:5] + 1j * noise[:, 5:6])
    span = path[:, -1:] - path[:, :1]
    return target + (path - path[:, :1]) * (
        (goal - target) / np.where(np.abs(span) < 1e-6, 1, span)
    )


def _along(path: Complex, at: Floats) -> Complex:
    """The points of (D, P) paths at fractions (D, 1)."""
    last = path.shape[1] - 1
    index = np.minimum(np.maximum(np.rint(at * last), 0), last).astype(np.intp)
    return np.take_along_axis(path, index, axis=1)


def _rounded(
    path: Complex, strokes: Sequence[PenStroke], counts: Sequence[int], hands: Hands
) -> Complex:
    """Cut corners as a quick hand does; the ends of strokes stay."""
    cut = np.repeat([0.35 + 0.15 * stroke.soft for stroke in strokes], counts)
    last = np.cumsum(counts) - 1
    cut[last] = 0
    cut[last - counts + 1] = 0
    amount = hands.roundness * cut[1:-1]
    for _ in range(3):
        path[:, 1:-1] += amount * (0.5 * (path[:, :-2] + path[:, 2:]) - path[:, 1:-1])
    return path


def _swinging(counts: Sequence[int], noise: Floats) -> Complex:
    """Smooth random displacements, (D, P), about 1 in size."""
    across, down = np.split(noise, 2, axis=1)
    parts = []
    for index, count in enumerate(counts):
        own = slice(_SWINGS * index, _SWINGS * (index + 1))
        parts.append((across[:, own] + 1j * down[:, own]) @ _waves(count))
    return np.concatenate(parts, axis=1)


@lru_cache(maxsize=256)
def _waves(count: int) -> Complex:
    waves = np.cos(np.pi * np.arange(1, _SWINGS + 1)[:, None] * np.linspace(0, 1, count))
    return np.array([1.0, 0.9, 0.8, 0.6, 0.5])[:, None] * waves + 0j


def _placed(path: Complex, program: Program, hands: Hands, z: Floats) -> Complex:
    """Size, proportions, slant, turn and place on the canvas, in pixels. `z` is (D, 6, 1)."""
    x, y = path.real, path.imag
    x = x - 0.5 * (x.min(1, keepdims=True) + x.max(1, keepdims=True))
    y = y - 0.5 * (y.min(1, keepdims=True) + y.max(1, keepdims=True))
    scale = program.scale * hands.size * np.exp(0.08 * z[:, 3])
    aspect = np.exp(0.5 * (np.log(hands.aspect) + 0.09 * z[:, 0]))
    y = y * (scale / aspect)
    x = x * (scale * aspect) - (hands.slant + 0.04 * z[:, 1]) * y
    path = (x + 1j * y) * np.exp(1j * (hands.tilt + 0.035 * z[:, 2]))
    reach_x = np.abs(path.real).max(1, keepdims=True)
    reach_y = np.abs(path.imag).max(1, keepdims=True)
    shrink = np.minimum(1, _REACH / np.maximum(np.maximum(reach_x, reach_y), 1e-6))
    room_x, room_y = _REACH + 1 - shrink * reach_x, _REACH + 1 - shrink * reach_y
    aside = program.centre + hands.place + 2.8 * (z[:, 4] + 1j * z[:, 5]) - _MIDDLE
    inside = np.clip(aside.real, -room_x, room_x) + 1j * np.clip(aside.imag, -room_y, room_y)
    return np.asarray(path * shrink + (_MIDDLE + inside))


def _filled(pen: Complex, counts: Sequence[int]) -> Complex:
    """Put nib positions on the lines between pen positions, but not between strokes."""
    ends = np.cumsum(counts) - 1
    left = np.delete(np.arange(pen.shape[1]), ends)
    steps = pen[:, left + 1] - pen[:, left]
    between = pen[:, left, None] + steps[:, :, None] * (np.arange(_DENSE) / _DENSE)
    return np.concatenate((between.reshape(len(pen), -1), pen[:, ends]), axis=1)
