"""Uniform sampling: every class, and every parameter of a function, is as likely as any other."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from workbench.errors import Problem
from workbench.functional.priorities import Drawn, Table, smallest, unweighted
from workbench.interfaces import Random
from workbench.schema.config import Config as BaseConfig
from workbench.schema.config import setting
from workbench.sources import SAMPLERS, Sampler


class Config(BaseConfig):
    """Settings of uniform sampling."""

    name: Literal["uniform"] = "uniform"
    within_group: bool = setting(
        False,
        label="Within one alphabet",
        applies="classification",
        help="Take all classes of a task from one alphabet: harder, since they look alike. An "
        "alphabet is as likely "
        "as it has classes; those with fewer classes than ways are left out.",
    )


@SAMPLERS.register(Config)
class Uniform(Sampler):
    """Every class is as likely as any other."""

    title = "Uniform"
    family = "Uniform"
    summary = "Every class is as likely as any other."
    config: Config

    def refusal(self, groups: NDArray[np.int64], n_way: int, split: str) -> Problem | None:
        largest = int(np.bincount(groups).max())
        if not self.config.within_group or largest >= n_way:
            return None
        return Problem(
            "sampler.within_group",
            f"A {n_way}-way task within one alphabet needs {n_way} classes; the largest alphabet "
            f"of the {split} split has {largest}.",
            "Take classes of any alphabet, or lower the ways.",
            False,
        )

    def classes(
        self,
        random: Random,
        groups: NDArray[np.int64],
        tasks: int,
        n_way: int,
        table: Table | None = None,
        progress: float = 0.0,
    ) -> Drawn[np.int64]:
        if not self.config.within_group:
            return super().classes(random, groups, tasks, n_way, table, progress)
        keys = random.random((tasks, len(groups)))
        keys[groups != self._group(random, groups, tasks, n_way)[:, None]] = np.inf
        return unweighted(smallest(keys, n_way))

    def _group(
        self, random: Random, groups: NDArray[np.int64], tasks: int, n_way: int
    ) -> NDArray[np.int64]:
        numbers, counts = np.unique(groups, return_counts=True)
        counts = np.where(counts >= n_way, counts, 0)
        return random.choice(numbers, size=tasks, p=counts / counts.sum())
