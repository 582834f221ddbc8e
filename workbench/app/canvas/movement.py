"""One movement over the sheet, of whatever draws: where it has been, in 0..1."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QPointingDevice, QTabletEvent

from workbench.app.canvas.desk import ERASER
from workbench.ink import Stroke

Point = tuple[float, float]
LIGHTEST, HARDEST = 0.7, 1.3
"""Widths of the lightest and of the firmest touch; half of the pressure draws the usual width.

Models have seen pens without pressure: from half to one and a half times the width costs two points
of accuracy, as `benchmarks/ink.py` measures it, and this range less than one.
"""


def pressed_width(event: QTabletEvent) -> float:
    """How wide a tablet's pen draws, as a multiple of its width; 1 where it feels no pressure."""
    feels = event.pointingDevice().capabilities() & QPointingDevice.Capability.Pressure
    return LIGHTEST + (HARDEST - LIGHTEST) * event.pressure() if feels else 1.0


class Movement:
    """Lasts from `begin` to `end`.

    Attributes:
        source: what draws: "mouse", "pen", "touch", "keys"; empty while nothing does.
        erasing: it rubs out, and leaves no points.
        points: every point of the stroke as it came.
        widths: of each point the pen's relative width; 1 where nothing presses.
    """

    def __init__(self) -> None:
        self.source = ""
        self.erasing = False
        self.points: list[Point] = []
        self.widths: list[float] = []
        self._rubbed: NDArray[np.float64] | None = None  # last, unless lifted since

    @property
    def stroke(self) -> Stroke | None:
        """The stroke so far, (P, 2), or (P, 3) where its width differs; None: there is none."""
        if not self.points:
            return None
        places = np.array(self.points, np.float32)
        if all(width == 1 for width in self.widths):
            return places
        return np.column_stack((places, np.array(self.widths, np.float32)))

    def begin(self, source: str, erasing: bool) -> None:
        self.source, self.erasing, self._rubbed = source, erasing, None

    def add(self, point: Point, width: float = 1.0) -> bool:
        """Go on to a point; whether that is another one."""
        if self.points and point == self.points[-1]:
            return False
        self.points.append(point)
        self.widths.append(width)
        return True

    def end(self) -> Stroke | None:
        """Lift; what was drawn."""
        stroke = self.stroke
        self.points, self.widths = [], []
        self.source, self.erasing, self._rubbed = "", False, None
        return stroke

    def rub(self, point: Point) -> Iterator[tuple[float, float, bool]]:
        """Everything on the way from the last place, for a quick hand sends few points: x, y, and
        whether it is joined to the place before."""
        here, before = np.array(point), self._rubbed
        start = here if before is None else before
        pieces = max(1, int(np.ceil(np.abs(here - start).max() / ERASER)))
        for piece in range(1, pieces + 1):
            x, y = start + (here - start) * piece / pieces
            yield float(x), float(y), before is not None or piece > 1
        self._rubbed = here
