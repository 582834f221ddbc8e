"""Importance-weighted sampling: hard tasks are seen more often, and count less each time.

    P(i) = (1 - floor) L_i / sum of L + floor / #bins                       (1)
    w = (1 / #tasks) / P(task), scaled to a mean of 1 over the step         (2)

L_i is the loss last seen in bin i. Before it is scaled, the weighted loss has the mean that it has
under uniform sampling: what is learned is the same, and where the noise lies differs. The P of an
N-way task is the chance of its set of classes, see `workbench.functional.priorities`. No task of
one bin counts for more than 1 / floor before the scaling.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from workbench.functional.priorities import Table, shares
from workbench.schema.priorities import SharesConfig
from workbench.sources import SAMPLERS, TableSampler


class Config(SharesConfig):
    """Settings of importance weighted sampling."""

    name: Literal["importance_weighted"] = "importance_weighted"


@SAMPLERS.register(Config)
class ImportanceWeighted(TableSampler):
    """Tasks are drawn in proportion to their loss, and count the less the likelier they were."""

    title = "Importance weighted"
    summary = (
        "Tasks are drawn in proportion to their loss, and count the less the likelier they were."
    )
    importance = True
    config: Config

    def chances(self, table: Table, progress: float) -> NDArray[np.float64]:
        return shares(table.losses, self.config.floor)  # (1)
