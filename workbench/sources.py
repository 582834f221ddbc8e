"""What a source of tasks must be: the contract of data sets and samplers on one screen.

A data set gives classes of images or a family of functions; a sampler chooses which of them the
next tasks are made of. Files of both kinds work before torch is loaded, and in a process that never
loads it. Letters of shapes are those of `workbench.task`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from workbench.bank import Bank
from workbench.errors import Problem
from workbench.fetching import Progress
from workbench.functional import priorities
from workbench.schema.priorities import TableConfig
from workbench.schema.registry import Registry
from workbench.survey import Survey
from workbench.task import Kind

__all__ = [
    "DATASETS",
    "SAMPLERS",
    "Dataset",
    "FunctionData",
    "ImageData",
    "Progress",
    "Sampler",
    "TableSampler",
]


@dataclass(frozen=True)
class ImageData:
    """Classes of images.

    Attributes:
        bank: all images, sorted by class.
        splits: class numbers under "train", "validation", "test"; disjoint.
        rotations: training classes also appear turned by 90, 180 and 270 degrees, as classes of
            their own.
        folder: where the bank lies on disk.
        notes: what was skipped or is worth knowing, as sentences.
        rotations_held_out: so do the classes of validation and test.
        split_given: the files say on which side each class is; shares and seed decide nothing.
    """

    bank: Bank
    splits: Mapping[str, tuple[int, ...]]
    rotations: bool
    folder: str
    notes: tuple[str, ...] = ()
    rotations_held_out: bool = False
    split_given: bool = False

    def turned(self, split: str) -> bool:
        """Whether classes of a split appear turned as well."""
        return self.rotations if split == "train" else self.rotations_held_out


class FunctionData(Protocol):
    """A family of functions to regress; a task is one function of it."""

    x_range: tuple[float, float]
    parameter_names: tuple[str, ...]
    parameter_ranges: tuple[tuple[float, float], ...]
    # (G, P) of the functions to test on, always the same; None tests on drawn ones.
    test_grid: NDArray[np.float64] | None

    def value(self, parameters: NDArray[np.float64], x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Y (T, points, 1) of x (T, points, 1) for parameters (T, P)."""


class Dataset(ABC):
    """Where tasks come from."""

    title: ClassVar[str]
    kind: ClassVar[Kind]
    family: ClassVar[str] = ""
    summary: ClassVar[str]
    source: ClassVar[str] = ""
    licence: ClassVar[str] = ""
    citation: ClassVar[str] = ""
    recommended: ClassVar[Mapping[str, Any]] = {}
    # Known before loading: `noun` for a class; `images_per_class`, a number or a setting's name.
    facts: ClassVar[Mapping[str, Any]] = {}

    def __init__(self, config: Any) -> None:
        self.config = config

    @abstractmethod
    def load(self, cache: Any, progress: Progress) -> ImageData | FunctionData:
        """Make the data ready: generate, download or unpack once into the folder `cache`, then
        open.

        Raises:
            DataError: with what is wrong and what to do next. Nothing half-made stays behind.
            Cancelled: when `progress` raised it.
        """

    def survey(self, progress: Progress) -> Survey | None:
        """What its files were understood to hold, before anything is made of them; None where a
        person need not be asked.

        Raises:
            DataError, Cancelled: as `load`.
        """
        return None

    def here(self, cache: Path) -> bool:
        """Whether it can be made ready from this computer alone."""
        return True

    def first_look(self) -> Bank | None:
        """A little of it to look at while `load` takes its time; None where that is not quicker."""
        return None


class Sampler(ABC):
    """A way to choose the next tasks.

    What it learns from losses stands in a `Table`, which is data: the engine keeps it, hands it to
    every draw of training and puts the updated one in its place. Without a table a draw is uniform;
    evaluation never has one.
    """

    title: ClassVar[str]
    family: ClassVar[str] = ""
    summary: ClassVar[str]
    # A task counts the more, the likelier a uniform draw had been to choose it.
    importance: ClassVar[bool] = False

    def __init__(self, config: Any) -> None:
        self.config = config

    def start(self, classes: int, parameters: int) -> priorities.Table | None:
        """The table before the first step, over so many classes or functions of so many parameters
        (the other is 0); None where nothing is learned from losses."""
        return None

    def chances(self, table: priorities.Table, progress: float) -> NDArray[np.float64]:
        """Probability (bins,) of each bin, none of them 0. `progress` is 0 at the first step of a
        run and 1 at the last."""
        return np.full(table.losses.size, 1 / table.losses.size)

    def figures(self, table: priorities.Table, progress: float) -> dict[str, float]:
        """What the plots show of a table before a step is drawn from it."""
        return priorities.figures(table)

    def refusal(self, groups: NDArray[np.int64], n_way: int, split: str) -> Problem | None:
        """Why no task of so many ways could be drawn from classes of these groups; None if one
        could."""
        return None

    def classes(
        self,
        random: np.random.Generator,
        groups: NDArray[np.int64],
        tasks: int,
        n_way: int,
        table: priorities.Table | None = None,
        progress: float = 0.0,
    ) -> priorities.Drawn[np.int64]:
        """Positions (T, N) in a pool of classes, distinct within a task; the bins are the same.

        Args:
            groups: (pool,) number of the group (alphabet) of each class.
        """
        if table is None:
            return priorities.unweighted(priorities.any_classes(random, len(groups), tasks, n_way))
        chances = self.chances(table, progress)
        bins = priorities.draw_distinct(random, chances, tasks, n_way)
        return priorities.Drawn(bins, bins, self._weights(chances, bins))

    def parameters(
        self,
        random: np.random.Generator,
        data: FunctionData,
        tasks: int,
        table: priorities.Table | None = None,
        progress: float = 0.0,
    ) -> priorities.Drawn[np.float64]:
        """Parameters (T, P) of functions to regress, uniform inside their bin."""
        if table is None:
            return priorities.unweighted(
                priorities.any_parameters(random, data.parameter_ranges, tasks)
            )
        chances = self.chances(table, progress)
        bins = random.choice(len(chances), size=tasks, p=chances)
        inside = priorities.draw_inside(random, data.parameter_ranges, table.losses.shape, bins)
        return priorities.Drawn(inside, bins[:, None], self._weights(chances, bins[:, None]))

    def _weights(
        self, chances: NDArray[np.float64], bins: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        return priorities.importance(chances, bins) if self.importance else np.ones(len(bins))


class TableSampler(Sampler):
    """A sampler that learns from losses: one bin for each class, or for each cell of a grid over
    the parameters of a function."""

    family = "By a table of losses"
    config: TableConfig

    def start(self, classes: int, parameters: int) -> priorities.Table:
        shape = (self.config.bins,) * parameters or (classes,)
        return priorities.start(shape, self.config.initial)


DATASETS: Registry[type[Dataset]] = Registry("dataset", "workbench.datasets")
SAMPLERS: Registry[type[Sampler]] = Registry("sampler", "workbench.samplers")
