"""Epsilon-greedy sampling: mostly the hardest task known, sometimes any.

    P(i) = (1 - epsilon) [i has the highest L] + epsilon / #bins                      (1)
    epsilon = start + (end - start) progress, from the first step of a run to its last (2)

L_i is the loss last seen in bin i; bins of equal loss share the first part. An N-way task is drawn
class after class without repetition. Its loss stands in each of its classes, so the classes of the
hardest task tend to come together.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from workbench.functional.priorities import Table, highest
from workbench.schema.config import setting
from workbench.schema.priorities import TableConfig
from workbench.sources import SAMPLERS, TableSampler

GROUP = "Exploration"


class Config(TableConfig):
    """Settings of epsilon-greedy sampling."""

    name: Literal["epsilon_greedy"] = "epsilon_greedy"
    # Neither may be 0: every bin stays within reach.
    epsilon_start: float = setting(
        1.0,
        gt=0,
        le=1,
        suggest=(0.2, 1),
        label="Any task, at first",
        symbol="ε",
        unit="of the draws",
        group=GROUP,
        help="The part of the draws that takes any task, at the first step. 1 is uniform sampling.",
    )
    epsilon_end: float = setting(
        0.1,
        gt=0,
        le=1,
        suggest=(0.01, 0.5),
        label="Any task, at last",
        symbol="ε",
        unit="of the draws",
        group=GROUP,
        help="The part of the draws that takes any task, at the last step; it changes evenly "
        "over the run. The rest takes the hardest task.",
    )


@SAMPLERS.register(Config)
class EpsilonGreedy(TableSampler):
    """Mostly the hardest task known, sometimes any."""

    title = "Epsilon-greedy"
    summary = "Mostly the task whose loss was highest when last seen, sometimes any."
    config: Config

    def chances(self, table: Table, progress: float) -> NDArray[np.float64]:
        return highest(table.losses, self.epsilon(progress))  # (1)

    def figures(self, table: Table, progress: float) -> dict[str, float]:
        return {"epsilon": self.epsilon(progress), **super().figures(table, progress)}

    def epsilon(self, progress: float) -> float:
        """The part of the draws that takes any task. (2)"""
        first, last = self.config.epsilon_start, self.config.epsilon_end
        return first * (1 - progress) + last * progress
