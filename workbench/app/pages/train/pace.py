"""How often the curves of a run are drawn: soon where a person sees them move. No Qt here."""

from __future__ import annotations

import time
from collections.abc import Callable

YOUNG_S = 5.0  # a run just begun or opened is watched closely
YOUNG_REST, REST = 10, 40  # drawing takes t, so many t are left for everything else
NUMBERS_S = 2.0  # what moves by less than a pixel is drawn for the numbers at its ends


class Pace:
    """Says when to draw again.

    Args:
        clock: seconds that only ever grow.
    """

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock = clock
        self._shape: object = None
        self.begin()

    def begin(self) -> None:
        """Another run, or the same in another way: draw at the next chance."""
        self._began, self._drawn, self._rest_until = self._clock(), -NUMBERS_S, 0.0
        self._shape = None

    def due(self, shape: object, moved: float) -> bool:
        """Whether to draw now; whoever asks then does so, and says what it cost.

        Args:
            shape: what is drawn as soon as it is another: the count of validations, the axis.
            moved: px that the curves have grown by since they were drawn.
        """
        now = self._clock()
        if now < self._rest_until:
            return False
        still = shape == self._shape and moved < 1 and now < self._drawn + NUMBERS_S
        if still and now > self._began + YOUNG_S:
            return False
        self._shape, self._drawn = shape, now
        return True

    def spent(self, seconds: float) -> None:
        """A plot was drawn in so many seconds."""
        now = self._clock()
        rest = YOUNG_REST if now < self._began + YOUNG_S else REST
        self._rest_until = max(self._rest_until, now) + rest * seconds
