"""One curve that hardly leaves the paper, as Burmese and Balinese letters are built."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from workbench.datasets.glyphs.manners import Manner, pick, weighted
from workbench.datasets.glyphs.strokes import PenStroke, Pin, Random, bent


def running(random: Random, manner: Manner) -> list[PenStroke]:
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
