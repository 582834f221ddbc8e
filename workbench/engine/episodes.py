"""Tasks from data: one vectorised draw of indices, then one gather. Works without torch.

An image number counts through the bank and, where rotations are classes of their own, through its
turned copies: `rotation * images + image`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from workbench.errors import ConfigError, DataError
from workbench.functional.priorities import Drawn, smallest, unweighted
from workbench.interfaces import Random
from workbench.sources import FunctionData, ImageData, Sampler
from workbench.task import TaskBatch

Split = Literal["train", "validation", "test"]
QUARTER_TURNS = 4
GRID_POINTS = 100  # queries of a task of the test grid
CHUNK = 8  # tasks that an evaluation draws at once, between two looks at whoever may cancel


@dataclass(frozen=True)
class TaskShape:
    """Ways, shots and queries of each class.

    Where least numbers are given, the tasks of a step have a number of ways between the least and
    `n_way`, and each of their classes a number of shots between the least and `k_shot`, the same
    for all tasks of the step: they stay a batch.

    Attributes:
        least_ways, least_shots: None where nothing varies.
        shots: (N,) of each class, once they were drawn.
    """

    n_way: int
    k_shot: int
    queries: int
    least_ways: int | None = None
    least_shots: int | None = None
    shots: tuple[int, ...] = ()

    @property
    def varies(self) -> bool:
        return (self.least_ways, self.least_shots) != (None, None)

    @property
    def class_shots(self) -> tuple[int, ...]:
        """(N,) shots of each class."""
        return self.shots or (self.k_shot,) * self.n_way

    def of_step(self, random: Random) -> TaskShape:
        """The shape of one step's tasks. Where nothing varies no number is drawn."""
        if not self.varies or self.n_way == 0:
            return self
        ways = int(random.integers(self.least_ways or self.n_way, self.n_way + 1))
        least = self.least_shots or self.k_shot
        shots = random.integers(least, self.k_shot + 1, ways).tolist()
        return replace(self, n_way=ways, shots=tuple(shots))


def task_shape(settings: Mapping[str, Any], training: bool) -> TaskShape:
    """The shape of tasks from complete settings by dotted key.

    Args:
        training: tasks of training, which may have numbers of their own.
    """
    names = ("n_way", "k_shot", "queries")
    own = {name: settings.get(f"training.{name}") if training else None for name in names}
    # A regression task has no ways.
    ways, shots, queries = (int(own[name] or settings.get(f"task.{name}") or 0) for name in names)
    least_ways, least_shots = settings.get("task.least_ways"), settings.get("task.least_shots")
    return TaskShape(
        ways,
        shots,
        queries,
        min(int(least_ways), ways) if least_ways else None,
        min(int(least_shots), shots) if least_shots else None,
    )


class ImagePool:
    """The classes of one split, with turned copies as classes of their own where the data says so.

    Args:
        data: the whole data set.
        split: its classes alone.
        shape: of the tasks to be drawn; refused if a class has too few images, or the split too few
            classes.
        section: of the settings that such a shape comes from, for the refusal.
    """

    def __init__(
        self, data: ImageData, split: Split, shape: TaskShape, section: str = "task"
    ) -> None:
        self.images = len(data.bank.images)
        self.split = split
        turns = QUARTER_TURNS if data.turned(split) else 1
        classes = np.array(data.splits[split], dtype=np.int64)
        self.classes = np.tile(classes, turns)  # (pool,)
        self.turns = np.repeat(np.arange(turns), len(classes))
        starts = np.asarray(data.bank.starts)
        self.starts = starts[self.classes]
        self.counts = starts[self.classes + 1] - self.starts
        names = [data.bank.classes[number].group for number in self.classes]
        groups = np.unique(names, return_inverse=True)[1] if names else np.zeros(0)
        # An alphabet turned is another alphabet: its classes stay together.
        self.groups = (groups * turns + self.turns).astype(np.int64)
        self._check(data, shape, section)

    def check_sampler(self, sampler: Sampler, shape: TaskShape) -> None:
        """Refuse a sampler that could draw no such task from these classes.

        Raises:
            ConfigError: with what would help.
        """
        problem = sampler.refusal(self.groups, shape.n_way, self.split)
        if problem is not None:
            raise ConfigError([problem])

    def indices(
        self, random: Random, sampler: Sampler, tasks: int, shape: TaskShape
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Image numbers (T, N, K + Q), distinct within a class, and pool positions (T, N) of the
        classes, all equally likely."""
        positions = sampler.classes(random, self.groups, tasks, shape.n_way).tasks
        return self.images_of(random, positions, shape), positions

    def images_of(
        self, random: Random, positions: NDArray[np.int64], shape: TaskShape
    ) -> NDArray[np.int64]:
        """Image numbers (T, N, K + Q), distinct within a class, of classes at pool positions
        (T, N)."""
        counts = self.counts[positions][..., None]  # (T, N, 1)
        keys = random.random((*positions.shape, int(counts.max())))
        keys[np.arange(keys.shape[-1]) >= counts] = np.inf
        chosen = smallest(keys, shape.k_shot + shape.queries)
        first = self.turns[positions] * self.images + self.starts[positions]
        return np.asarray(chosen + first[..., None])

    def _check(self, data: ImageData, shape: TaskShape, section: str) -> None:
        if len(self.classes) < shape.n_way:
            raise ConfigError.of(
                f"{section}.n_way",
                f"A {shape.n_way}-way task needs {shape.n_way} classes; "
                f"the {self.split} split has {len(self.classes)}.",
                "Lower the ways or choose a data set with more classes.",
                len(self.classes) if len(self.classes) >= 2 else None,
            )
        need, have = shape.k_shot + shape.queries, int(self.counts.min())
        if have < need:
            name = data.bank.classes[int(self.classes[int(self.counts.argmin())])].name
            shots = "shot" if shape.k_shot == 1 else "shots"
            fits = have - shape.k_shot
            raise ConfigError.of(
                f"{section}.queries",
                f"{shape.k_shot} {shots} and {shape.queries} queries need {need} images; "
                f"class {name} has {have}.",
                f"Lower the queries to {fits}, or choose a data set with more images per class."
                if fits > 0
                else "Lower the shots, or choose a data set with more images per class.",
                fits if fits > 0 else None,
            )


def gather(data: ImageData, indices: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Images (…, C, H, W) of image numbers, turned where they say so; for previews, on the CPU."""
    images = len(data.bank.images)
    flat = [
        np.rot90(data.bank.images[index % images], int(index // images), axes=(-2, -1))
        for index in indices.ravel()
    ]
    return np.stack(flat).reshape(*indices.shape, *data.bank.images.shape[1:])


def labels(tasks: int, shape: TaskShape) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Class numbers (T, S) of the support set and (T, N * Q) of the queries, as `split_task`
    orders them."""
    support = np.repeat(np.arange(shape.n_way), shape.class_shots)
    query = np.repeat(np.arange(shape.n_way), shape.queries)
    return np.tile(support, (tasks, 1)), np.tile(query, (tasks, 1))


def split_indices(
    indices: NDArray[np.int64], shape: TaskShape
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(T, N, K + Q) into support (T, S) and queries (T, N * Q): no image is ever in both."""
    taught = [indices[:, number, :shots] for number, shots in enumerate(shape.class_shots)]
    query = indices[..., shape.k_shot :]
    return np.concatenate(taught, axis=1), query.reshape(len(indices), -1)


def grid_functions(
    data: FunctionData, split: Split, step: int, tasks: int
) -> Drawn[np.float64] | None:
    """The functions of the test grid whose turn it is, round and round; None where functions are
    drawn."""
    if split != "test" or data.test_grid is None:
        return None
    # In any order, so that the first few already stand for all.
    order = np.random.Generator(np.random.Philox(0)).permutation(len(data.test_grid))
    turns = np.arange(step * tasks, (step + 1) * tasks) % len(order)
    return unweighted(data.test_grid[order[turns]])


def points_of(
    random: Random,
    data: FunctionData,
    parameters: NDArray[np.float64],
    shape: TaskShape,
    split: Split,
) -> TaskBatch[NDArray[np.float64]]:
    """Regression tasks of the functions that have parameters (T, P): `k_shot` support points and
    `queries` query points, or fixed ones all over the range where a grid is tested."""
    tasks, k = len(parameters), shape.k_shot
    fixed = split == "test" and data.test_grid is not None
    low, high = data.x_range
    x = random.uniform(low, high, (tasks, k if fixed else k + shape.queries, 1))
    if fixed:
        everywhere = np.tile(np.linspace(low, high, GRID_POINTS)[:, None], (tasks, 1, 1))
        x = np.concatenate([x, everywhere], axis=1)
    y = data.value(parameters, x)
    if not np.isfinite(y).all():
        raise DataError(
            "A function of this data set gave a value that is not a number.",
            hint="Check its ranges.",
        )
    return TaskBatch(x[:, :k], y[:, :k], x[:, k:], y[:, k:], n_way=0)
