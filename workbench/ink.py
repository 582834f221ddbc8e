"""Strokes become an image as Omniglot draws them, and images are resized one way only.

A drawing is a list of strokes on a square canvas, x to the right and y DOWN, both in 0..1. The pen
is a round nib: a pixel is ink when its centre lies within half a pen width of the pen's path. A
stroke whose points have a third number was drawn with pressure: there the nib is so many times as
wide. The window's canvas, the glyph generator and the tests all draw through here, so a network
sees one kind of ink.

    >>> image = render([np.array([[0.2, 0.5], [0.8, 0.5]], np.float32)])
    >>> image.shape, int(image[52, 52]), int(image[5, 5])
    ((105, 105), 255, 0)
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from workbench.errors import DataError

# (P, 2): x right, y down, in 0..1 of the square canvas; or (P, 3) with the pen's relative width.
Stroke = NDArray[np.float32]

CANVAS = 105
"""Side of an Omniglot image in pixels; pen widths are measured on it."""

PEN_WIDTH = 5.0
"""Width of Omniglot's pen on a 105-pixel canvas.

Calibrated on the 2,720 drawings of strokes_background.zip: rendered with this nib they cover the
matching images of images_background.zip with a mean intersection over union of 0.940 (0.939 for
widths of 4.8 and 5.2).
"""

DIGITS = 4
"""Digits of a coordinate in a file: a hundredth of a pixel of Omniglot's."""

THINNEST, WIDEST = 0.1, 4.0
"""What pressure may make of a pen's width, in a file."""

_LEVELS = 16  # relative widths are rounded to 1/16
_STEPS = 8  # nib positions are rounded to 1/8 pixel
_OUTSIDE = 0.25  # a path further outside than this is pulled in: it cannot be seen either way


def render(
    strokes: Sequence[Stroke], size: int = CANVAS, pen_width: float = PEN_WIDTH
) -> NDArray[np.uint8]:
    """Draw strokes on a white sheet.

    Args:
        strokes: (P, 2) or (P, 3) each, in 0..1; one point is a dot, no point is nothing.
        size: side of the image in pixels.
        pen_width: in units of a 105-pixel canvas, so that a drawing looks alike at any size.

    Returns:
        (size, size) uint8, 255 where there is ink, 0 elsewhere.
    """
    image = np.zeros((size, size), np.uint8)
    for width, own in _by_width(strokes, size, pen_width):
        points = np.concatenate(own)
        image |= render_points(points, np.zeros(len(points), np.intp), 1, size, width)[0]
    return image


def _by_width(
    strokes: Sequence[Stroke], size: int, pen_width: float
) -> Iterator[tuple[float, list[Stroke]]]:
    """Places of the nib, (P, 2) each, by its width."""
    found: dict[float, list[Stroke]] = {}
    for stroke in strokes:
        if stroke.shape[-1] == 3 and stroke.ndim == 2 and len(stroke):
            least = max(float(stroke[:, 2].min()), THINNEST)
            path = follow(stroke, _spacing(size, pen_width * least) / size)
            levels = np.rint(path[:, 2].clip(THINNEST, WIDEST) * _LEVELS) / _LEVELS
            for level in np.unique(levels):
                part = path[levels == level, :2]
                found.setdefault(pen_width * max(float(level), 1 / _LEVELS), []).append(part)
        elif len(stroke):
            path = follow(stroke, _spacing(size, pen_width) / size)
            found.setdefault(pen_width, []).append(path)
    yield from found.items()


def render_points(
    points: NDArray[np.float32],
    image: NDArray[np.intp],
    count: int,
    size: int = CANVAS,
    pen_width: float = PEN_WIDTH,
) -> NDArray[np.uint8]:
    """Press the nib down at many points of many images at once.

    Args:
        points: (P, 2) in 0..1, close enough together to leave no gaps (see `follow`).
        image: (P,) the image that each point belongs to, in 0..count.
        count: M, how many images.
        size: side of the images in pixels.
        pen_width: in units of a 105-pixel canvas.

    Returns:
        (M, size, size) uint8, 255 where there is ink.
    """
    stamps, margin = _stamps(size, float(pen_width))
    side = size + 2 * margin  # a nib over the edge falls into the margin
    canvas = np.zeros(count * side * side, np.uint8)
    place = np.clip(points, -_OUTSIDE, 1 + _OUTSIDE) * size - 0.5
    grid = np.rint(place * _STEPS).astype(np.int64)
    np.clip(grid, -_STEPS * (margin // 2), _STEPS * (size - 1 + margin // 2), out=grid)
    pixel, part = np.divmod(grid, _STEPS)
    corner = ((image * side + pixel[:, 1] + margin) * side) + pixel[:, 0] + margin
    nib = part[:, 1] * _STEPS + part[:, 0]
    for start in range(0, len(points), 65536):  # keeps the index table inside the cache
        block = slice(start, start + 65536)
        canvas[corner[block, None] + stamps[nib[block]]] = 255
    sheet = canvas.reshape(count, side, side)
    return np.ascontiguousarray(sheet[:, margin : margin + size, margin : margin + size])


def follow(stroke: Stroke, spacing: float = 0.6 / CANVAS) -> Stroke:
    """The same path with a point at least every `spacing` (in 0..1); (P, 2) in, (P', 2) out, and
    likewise with widths."""
    path = np.array(stroke, np.float32)
    if path.ndim != 2 or path.shape[1] != 3:
        path = path.reshape(-1, 2)
    path[:, :2] = path[:, :2].clip(-_OUTSIDE, 1 + _OUTSIDE)
    if len(path) < 2:
        return path
    legs = np.hypot(*np.diff(path[:, :2], axis=0).T)
    pieces = np.maximum(1, np.ceil(legs / spacing)).astype(np.intp)
    at = np.concatenate(([0], np.cumsum(pieces)))
    steps = np.arange(at[-1] + 1)
    columns = [np.interp(steps, at, column) for column in path.T]
    return np.stack(columns, axis=1).astype(np.float32)


def resize(images: NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
    """Scale images with an antialiased triangle filter: (..., H, W) to (..., size, size).

    Two small matrix products for the whole batch; equal to Pillow's BILINEAR within one grey level.
    """
    height, width = images.shape[-2:]
    if height == width == size:
        return images.copy()
    flat = images.reshape(-1, height, width)
    rows, columns = _filter(height, size), _filter(width, size).T
    out = np.empty((len(flat), size, size), np.uint8)
    for start in range(0, len(flat), 256):  # float copies of a block, not of the whole bank
        block = flat[start : start + 256].astype(np.float32)
        out[start : start + 256] = np.rint(np.matmul(rows, block @ columns)).clip(0, 255)
    return out.reshape(*images.shape[:-2], size, size)


def to_lists(stroke: Stroke) -> tuple[list[list[float]], list[float]]:
    """Places and widths of a stroke as a file keeps them; no widths where it has none."""
    rounded = np.round(stroke.astype(float), DIGITS)
    return rounded[:, :2].tolist(), rounded[:, 2].tolist() if rounded.shape[1] == 3 else []


def of_lists(places: Sequence[Sequence[float]], widths: Sequence[float] = ()) -> Stroke:
    """A stroke of a file.

    Raises:
        ValueError: it has no finite place, or not a width for each.
    """
    stroke = np.array(places, np.float32).reshape(-1, 2)
    if len(widths):
        wide = np.array(widths, np.float32).reshape(len(stroke), 1)
        stroke = np.concatenate((stroke, wide.clip(THINNEST, WIDEST)), axis=1)
    if not np.isfinite(stroke).all():
        raise ValueError("a stroke has no finite place")
    return stroke


def read_strokes(text: str) -> list[Stroke]:
    """Strokes of an Omniglot stroke file.

    Lines are `x,y,milliseconds`; START comes first, BREAK after each stroke. Its x runs over 0..105
    and its y over -105..0, from the centre of the first pixel.

    Raises:
        DataError: a line is neither a mark nor a point; it is named.
    """
    strokes: list[Stroke] = []
    current: list[tuple[float, float]] = []
    for number, line in enumerate(text.splitlines(), start=1):
        mark = line.strip().upper()
        if mark in ("START", "BREAK"):
            strokes, current = _ended(strokes, current), []
        elif mark:
            current.append(_point(mark, number))
    return _ended(strokes, current)


def _ended(strokes: list[Stroke], current: list[tuple[float, float]]) -> list[Stroke]:
    if not current:
        return strokes
    return [*strokes, ((np.array(current) * (1, -1) + 0.5) / CANVAS).astype(np.float32)]


def _point(line: str, number: int) -> tuple[float, float]:
    try:
        x, y = (float(part) for part in line.split(",")[:2])
    except ValueError:
        x = y = float("nan")
    if not (np.isfinite(x) and np.isfinite(y)):
        raise DataError(
            "Line {number} of the stroke file is {line!r}.",
            number=number,
            line=line[:40],
            hint="Each line is x,y,milliseconds, or START, or BREAK.",
        )
    return x, y


def _spacing(size: int, pen_width: float) -> float:
    """Pixels between nib positions; at a quarter of the radius the edge is true to 1 % of it."""
    return max(0.5, 0.125 * pen_width * size / CANVAS)


@lru_cache(maxsize=64)
def _stamps(size: int, pen_width: float) -> tuple[NDArray[np.int64], int]:
    """Offsets of inked pixels per sub-pixel position of the nib, (64, K), and their margin."""
    radius = max(0.5 * pen_width * size / CANVAS, 0.5)  # thinner than a pixel would leave holes
    reach = int(np.ceil(radius)) + 1
    margin = 2 * reach
    side = size + 2 * margin
    dy, dx = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    nibs = []
    for part in range(_STEPS * _STEPS):
        py, px = divmod(part, _STEPS)
        inked = (dx - px / _STEPS) ** 2 + (dy - py / _STEPS) ** 2 < radius**2
        nibs.append((dy[inked] * side + dx[inked]).astype(np.int64))
    table = np.zeros((len(nibs), max(map(len, nibs))), np.int64)
    for row, nib in zip(table, nibs, strict=True):
        row[: len(nib)] = nib
        row[len(nib) :] = nib[0] if len(nib) else 0  # repeats ink, so every row has one length
    return table, margin


@lru_cache(maxsize=32)
def _filter(before: int, after: int) -> NDArray[np.float32]:
    """Weights of old pixels in new ones, (after, before): triangles as wide as a new pixel."""
    scale = before / after
    reach = max(scale, 1.0)
    centres = (np.arange(after) + 0.5) * scale
    distance = np.abs(np.arange(before) + 0.5 - centres[:, None]) / reach
    weights = np.maximum(0.0, 1.0 - distance)
    return np.asarray(weights / weights.sum(axis=1, keepdims=True), np.float32)
