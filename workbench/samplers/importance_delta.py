"""Importance-weighted delta sampling: moving tasks are seen more often, and count less each time.

    P(i) = (1 - floor) D_i / sum of D + floor / #bins,   D_i = |old L_i - new L_i|     (1)
    w = (1 / #tasks) / P(task), scaled to a mean of 1 over the step                    (2)

Before it is scaled, the weighted loss has the mean that it has under uniform sampling. The P of an
N-way task is the chance of its set of classes, see `workbench.functional.priorities`.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from workbench.functional.priorities import Table, shares
from workbench.schema.priorities import SharesConfig
from workbench.sources import SAMPLERS, TableSampler


class Config(SharesConfig):
    """Settings of importance delta sampling."""

    name: Literal["importance_delta"] = "importance_delta"


@SAMPLERS.register(Config)
class ImportanceDelta(TableSampler):
    """As delta, but a task counts the less, the likelier it was to be drawn."""

    title = "Importance delta"
    summary = "As delta, but a task counts the less, the likelier it was to be drawn."
    importance = True
    config: Config

    def chances(self, table: Table, progress: float) -> NDArray[np.float64]:
        return shares(table.changes, self.config.floor)  # (1)
