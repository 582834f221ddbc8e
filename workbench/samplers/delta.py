"""Delta sampling: tasks whose loss is moving are drawn more often than those that stand still.

    P(i) = (1 - floor) D_i / sum of D + floor / #bins,   D_i = |old L_i - new L_i|     (1)

L_i is the loss seen in bin i, at the last visit and at the one before. A task that is too hard to
be learned stops to be drawn, as does one that has been learned. The first visit compares with the
table's first value.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from workbench.functional.priorities import Table, shares
from workbench.schema.priorities import SharesConfig
from workbench.sources import SAMPLERS, TableSampler


class Config(SharesConfig):
    """Settings of delta sampling."""

    name: Literal["delta"] = "delta"


@SAMPLERS.register(Config)
class Delta(TableSampler):
    """Tasks are drawn in proportion to how much their loss changed when last seen."""

    title = "Delta"
    summary = "Tasks are drawn in proportion to how much their loss changed when last seen."
    config: Config

    def chances(self, table: Table, progress: float) -> NDArray[np.float64]:
        return shares(table.changes, self.config.floor)  # (1)
