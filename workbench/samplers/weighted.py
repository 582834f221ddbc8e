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

from workbench.functional.priorities import Table, shares
from workbench.schema.priorities import SharesConfig
from workbench.sources import SAMPLERS, TableSampler


class Config(SharesConfig):
    """Settings of weighted sampling."""

    name: Literal["weighted"] = "weighted"


@SAMPLERS.register(Config)
class Weighted(TableSampler):
    """Tasks are drawn in proportion to the loss last seen there."""

    title = "Weighted"
    summary = "Tasks are drawn in proportion to the loss last seen there."
    config: Config

    def chances(self, table: Table, progress: float) -> NDArray[np.float64]:
        return shares(table.losses, self.config.floor)  # (1)
