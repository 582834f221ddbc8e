"""The tasks of some settings one after another, drawn as training and evaluation do it. Works
without torch.

A whole batch is drawn at a time, since that is what the random numbers of a step make.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from workbench.engine.augment import HALVES, Disturbances, disturbances
from workbench.engine.episodes import (
    CHUNK,
    ImagePool,
    Split,
    TaskShape,
    grid_functions,
    points_of,
    task_shape,
)
from workbench.engine.seeding import generator
from workbench.errors import ConfigError
from workbench.schema.catalogue import Catalogue
from workbench.services.data import plugin_config, selected_of
from workbench.sources import SAMPLERS, FunctionData, ImageData, Progress
from workbench.task import Task
from workbench.tasklist import ListedTask, Source, TaskList, listed


@dataclass(frozen=True)
class DrawnTask:
    """One task of images.

    Attributes:
        images: (N, K + Q) image numbers, which count through turned copies.
        positions: (N,) of its classes in the pool.
        support, query: how each image of a half is disturbed; None where it is not.
    """

    pool: ImagePool
    shape: TaskShape
    images: NDArray[np.int64]
    positions: NDArray[np.int64]
    support: Disturbances | None = None
    query: Disturbances | None = None


class Draws:
    """Draws one task after another; a sampler that learns from losses has not seen any yet.

    Raises:
        ConfigError: the settings are wrong, or the data cannot make such tasks.
    """

    def __init__(self, values: Mapping[str, Any], data: ImageData | FunctionData, split: Split):
        self.settings = Catalogue.load().complete(values)
        data = selected_of(self.settings, data)
        self.split: Split = split
        training = split == "train"
        self.seed = int(self.settings["training.seed" if training else "evaluation.seed"])
        self.shape = task_shape(self.settings, training)
        self.data = data
        self._at_once = int(self.settings["training.meta_batch"]) if training else CHUNK
        config = plugin_config("sampler", values)
        self._sampler = SAMPLERS[config.name](config)
        self._pool: ImagePool | None = None
        self._step, self._drawn = -1, self.shape
        self._batch: tuple[NDArray[np.int64], NDArray[np.int64]] | None = None
        if isinstance(data, ImageData):
            if not data.splits.get(split):
                raise ConfigError.of("dataset", f"This data set has no {split} classes.")
            self._pool = ImagePool(data, split, self.shape)
            self._pool.check_sampler(self._sampler, self.shape)

    def image_task(self, index: int) -> DrawnTask:
        """The task of that number, of images."""
        assert self._pool is not None
        step, which = divmod(index, self._at_once)
        if self._batch is None or step != self._step:
            random = generator(self.seed, self.split, step)
            self._drawn = self.shape.of_step(random)
            self._batch = self._pool.indices(random, self._sampler, self._at_once, self._drawn)
            self._step = step
        images, positions = self._batch
        disturbed = (self._disturbances(half, step, which) for half in HALVES)
        return DrawnTask(self._pool, self._drawn, images[which], positions[which], *disturbed)

    def _disturbances(self, half: str, step: int, which: int) -> Disturbances | None:
        if self.split != "train":
            return None
        own = {k.partition(".")[2]: v for k, v in self.settings.items() if k.startswith("augment.")}
        shape = self._drawn
        count = sum(shape.class_shots) if half == "support" else shape.n_way * shape.queries
        random = generator(self.seed, "augment", step, HALVES.index(half))
        found = disturbances(own, half, random, self._at_once, count)
        return None if found is None else found.of_task(which)

    def function_task(self, index: int) -> tuple[Task[NDArray[np.float64]], NDArray[np.float64]]:
        """The task of that number, of points of a function, and the function's parameters (P,)."""
        data = self.data
        assert not isinstance(data, ImageData)
        step, which = divmod(index, self._at_once)
        random = generator(self.seed, self.split, step)
        drawn = grid_functions(data, self.split, step, self._at_once) or self._sampler.parameters(
            random, data, self._at_once
        )
        batch = points_of(random, data, drawn.tasks, self.shape, self.split)
        return batch[which], drawn.tasks[which]


def draw_list(
    values: Mapping[str, Any],
    data: ImageData | FunctionData,
    split: Split,
    count: int,
    progress: Progress,
) -> TaskList:
    """The first tasks of a split, to be kept.

    Raises:
        ConfigError: the settings are wrong, or there are no images to list.
        Cancelled: `progress` raised it.
    """
    if not isinstance(data, ImageData):
        raise ConfigError.of(
            "dataset.name", "A list of tasks is of images; functions are told by their seed."
        )
    draws = Draws(values, data, split)
    data = cast(ImageData, draws.data)
    tasks = []
    for index in range(count):
        if index % CHUNK == 0:
            progress(index, count, "Drawing tasks")
        tasks.append(_listed(draws.image_task(index), data))
    progress(count, count, "Drawing tasks")
    return TaskList(_source(draws.settings, data), _protocol(draws), tuple(tasks))


def _listed(task: DrawnTask, data: ImageData) -> ListedTask:
    pool = task.pool
    classes, turns = pool.classes[task.positions], pool.turns[task.positions]
    shape = task.shape
    return listed(data.bank, classes, turns, task.images, shape.class_shots, shape.k_shot)


def _source(settings: Mapping[str, Any], data: ImageData) -> Source:
    left_out = {"dataset.name", *Catalogue.load().path_keys}  # where it lies is nobody else's
    own = {k: v for k, v in settings.items() if k.startswith("dataset.") and k not in left_out}
    return Source.of(data.bank, str(settings["dataset.name"]), own)


def _protocol(draws: Draws) -> dict[str, Any]:
    shape = draws.shape
    sampler = {k: v for k, v in draws.settings.items() if k.startswith("sampler.")}
    varied = {"least_ways": shape.least_ways, "least_shots": shape.least_shots}
    least = {name: value for name, value in varied.items() if value is not None}
    return {
        "split": draws.split,
        "seed": draws.seed,
        "n_way": shape.n_way,
        "k_shot": shape.k_shot,
        "queries": shape.queries,
        **least,
        **sampler,
    }
