"""One drawing: strokes on a square sheet, or an image in their place."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Self

import numpy as np
from numpy.typing import NDArray

from workbench import ink
from workbench.ink import Stroke

Image = NDArray[np.uint8]
LUMA = (0.299, 0.587, 0.114)  # of red, green and blue, as Pillow makes grey of colours


@dataclass(frozen=True, eq=False)
class Sheet:
    """A sheet never changes; drawing on it gives a new one, so that undo is keeping the old.

    Attributes:
        strokes: in the order they were drawn, in 0..1 of the sheet.
        image: (H, W) uint8, ink high, or (3, H, W) in colour; where it is set there are no strokes.
    """

    strokes: tuple[Stroke, ...] = ()
    image: Image | None = None

    @property
    def empty(self) -> bool:
        return not self.strokes and self.image is None

    def with_stroke(self, stroke: Stroke) -> Self:
        """One stroke more. The first one takes the place of an image."""
        return replace(self, strokes=(*self.strokes, stroke), image=None)

    def without(self, index: int) -> Self:
        return replace(self, strokes=self.strokes[:index] + self.strokes[index + 1 :])

    def hit(self, x: float, y: float, radius: float) -> int | None:
        """Index of the topmost stroke within `radius` of a point, in 0..1; None: nothing there."""
        for index in reversed(range(len(self.strokes))):
            if distance(self.strokes[index], x, y) <= radius:
                return index
        return None

    def pixels(self, size: int, pen_width: float = ink.PEN_WIDTH) -> Image:
        """What a network is given, made as the data sets are made: (size, size) uint8, ink high.

        The array is shared: nobody writes into it.
        """
        return _pixels(self, size, pen_width)

    def planes(self, size: int, pen_width: float, channels: int) -> Image:
        """The same for a network of so many channels: (channels, size, size). A drawing and a grey
        image are alike in each."""
        if channels == 3 and self.image is not None and self.image.ndim == 3:
            return _planes(self, size)
        return np.broadcast_to(self.pixels(size, pen_width), (channels, size, size))


EMPTY = Sheet()


@lru_cache(maxsize=1024)  # a board is asked for after every stroke, and one sheet of it is new
def _pixels(sheet: Sheet, size: int, pen_width: float) -> Image:
    if sheet.image is None:
        return ink.resize(ink.render(sheet.strokes, pen_width=pen_width), size)
    return ink.resize(grey(sheet.image), size)


@lru_cache(maxsize=1024)
def _planes(sheet: Sheet, size: int) -> Image:
    return ink.resize(sheet.image, size) if sheet.image is not None else np.empty(0, np.uint8)


def grey(image: Image) -> Image:
    """An image, (H, W) or (3, H, W), as (H, W): colours as bright as the eye takes them."""
    if image.ndim == 2:
        return image
    bright = np.tensordot(np.array(LUMA, np.float32), image.astype(np.float32), 1)
    return np.rint(bright).astype(np.uint8)


def distance(stroke: Stroke, x: float, y: float) -> float:
    """How far a point is from a stroke's path; infinite for an empty one."""
    if not len(stroke):
        return float("inf")
    path = stroke[:, :2].astype(np.float64)
    point = np.array([x, y])
    start, leg = path[:-1], np.diff(path, axis=0)
    if not len(start):
        return float(np.hypot(*(path[0] - point)))
    length = np.maximum((leg**2).sum(axis=1), 1e-12)
    along = (((point - start) * leg).sum(axis=1) / length).clip(0, 1)
    nearest = start + along[:, None] * leg
    return float(np.hypot(*(nearest - point).T).min())
