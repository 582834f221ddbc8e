"""Weighted sampling: the more a kind of task cost when it was last seen, the likelier it is.

    P(i) = (1 - floor) L_i / sum of L + floor / #bins                       (1)

L_i is the loss last seen in bin i: a class of images, or a cell of a grid over the parameters of a
function, inside which they are uniform. An N-way task is drawn class after class without
repetition, and its loss is credited to each of its classes.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from workbench.functional.priorities import Table, shares, start
from workbench.schema.config import Config as BaseConfig
from workbench.schema.priorities import bins, floor, initial
from workbench.sources import SAMPLERS, Sampler


class Config(BaseConfig):
    """Settings of weighted sampling."""

    name: Literal["weighted"] = "weighted"
    bins: int = bins()
    initial: float = initial()
    floor: float = floor()


@SAMPLERS.register(Config)
class Weighted(Sampler):
    """Tasks are drawn in proportion to the loss last seen there."""

    title = "Weighted"
    family = "By a table of losses"
    summary = "Tasks are drawn in proportion to the loss last seen there."
    config: Config

    def start(self, classes: int, parameters: int) -> Table:
        return start((self.config.bins,) * parameters or (classes,), self.config.initial)

    def chances(self, table: Table, progress: float) -> NDArray[np.float64]:
        return shares(table.losses, self.config.floor)  # (1)
