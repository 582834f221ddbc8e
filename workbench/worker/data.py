"""Data for the window: made ready once, kept open, previewed task by task. All of it works before
torch is loaded."""

from __future__ import annotations

import json
import os
import shutil
import threading
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.engine.episodes import (
    ImagePool,
    TaskShape,
    gather,
    grid_functions,
    labels,
    points_of,
    split_indices,
)
from workbench.engine.seeding import generator
from workbench.errors import ConfigError
from workbench.protocol import DataReady, PreviewTask, TaskPreviewed
from workbench.schema.catalogue import Catalogue
from workbench.schema.config import validate
from workbench.schema.layers import nest
from workbench.sources import DATASETS, SAMPLERS, FunctionData, ImageData, Progress
from workbench.task import Task

CURVE_POINTS = 201
EVALUATION_CHUNK = 8
"""Tasks that an evaluation draws at once: `engine.evaluate.CHUNK`, which cannot be imported without
torch."""


class DataShelf:
    """Data sets that were opened, by their settings.

    Args:
        cache: folder for what is generated, downloaded and unpacked.
    """

    def __init__(self, cache: Path) -> None:
        self.cache = cache
        self._lock = threading.Lock()
        self._open: dict[str, ImageData | FunctionData] = {}
        self._making: dict[str, threading.Lock] = {}

    def get(
        self, values: Mapping[str, Any], progress: Progress, anew: bool = False
    ) -> ImageData | FunctionData:
        """The data set that `values` choose; made ready if need be.

        Args:
            anew: look at its files again, which a person may have added to.

        Raises:
            ConfigError: its settings are wrong.
            DataError: it cannot be had.
            Cancelled: `progress` raised it.
        """
        config = plugin_config("dataset", values)
        key = _key(config)
        with self._lock:
            making = self._making.setdefault(key, threading.Lock())
        with making:  # whoever comes second waits, and finds it open
            if anew:
                self._open.pop(key, None)
            if key not in self._open:
                self._open[key] = DATASETS[config.name](config).load(self.cache, progress)
            return self._open[key]

    @contextmanager
    def first_look(self, values: Mapping[str, Any]) -> Iterator[DataReady | None]:
        """A part of a data set that is still being made; its files go when the block is left."""
        config = plugin_config("dataset", values)
        bank = DATASETS[config.name](config).first_look()
        if bank is None:
            yield None
            return
        folder = self.cache / f".first-look-{os.getpid()}-{uuid.uuid4().hex[:8]}"
        try:
            bank.save(folder)
            splits = {"train": tuple(range(len(bank.classes)))}
            yield DataReady(0, "classification", str(folder), splits, partial=True)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def peek(self, values: Mapping[str, Any]) -> ImageData | FunctionData | None:
        """The data set if it is open already."""
        try:
            return self._open.get(_key(plugin_config("dataset", values)))
        except ConfigError:
            return None


def _key(config: Any) -> str:
    return json.dumps(config.model_dump(mode="json"), sort_keys=True)


def plugin_config(root: str, values: Mapping[str, Any]) -> Any:
    """The settings of the plug-in chosen at `root`, with their effective defaults.

    Raises:
        ConfigError: with the problems under `root`; others are none of its business.
    """
    catalogue = Catalogue.load()
    problems = [p for p in catalogue.check(values) if p.path.split(".")[0] == root]
    if problems:
        raise ConfigError(problems)
    registry: Any = {"dataset": DATASETS, "sampler": SAMPLERS}[root]
    chosen = nest(catalogue.complete(values))[root]
    return validate(registry.config(chosen["name"]), chosen)


def described(request: int, data: ImageData | FunctionData) -> DataReady:
    """What the window needs to look at a data set for itself."""
    if isinstance(data, ImageData):
        return DataReady(request, "classification", data.folder, dict(data.splits), data.notes)
    ranges = {
        name: [float(low), float(high)]
        for name, (low, high) in zip(data.parameter_names, data.parameter_ranges, strict=True)
    }
    return DataReady(
        request, "regression", "", {}, description={"x": list(data.x_range), "parameters": ranges}
    )


def preview(command: PreviewTask, shelf: DataShelf, progress: Progress) -> TaskPreviewed:
    """Draw one task exactly as training or evaluation does: a whole batch of which one is shown.
    A sampler that learns from losses shows what it draws before it has seen any."""
    data = shelf.get(command.values, progress)
    settings = Catalogue.load().complete(command.values)
    training = command.split == "train"
    shape = _shape(settings, training)
    config = plugin_config("sampler", command.values)
    sampler = SAMPLERS[config.name](config)
    seed = int(settings["training.seed" if training else "evaluation.seed"])
    count = int(settings["training.meta_batch"]) if training else EVALUATION_CHUNK
    step, which = divmod(command.index, count)
    random = generator(seed, command.split, step)
    if not isinstance(data, ImageData):
        drawn = grid_functions(data, command.split, step, count) or sampler.parameters(
            random, data, count
        )
        batch = points_of(random, data, drawn.tasks, shape, command.split)
        return _function_task(command.request, data, batch[which], drawn.tasks[which])
    pool = ImagePool(data, command.split, shape)
    indices, positions = pool.indices(random, sampler, count, shape)
    support, query = split_indices(indices[which][None], shape)
    support_y, query_y = labels(1, shape)
    return TaskPreviewed(
        command.request,
        gather(data, support[0]),
        support_y[0],
        gather(data, query[0]),
        query_y[0],
        tuple(_class_name(data, pool, int(position)) for position in positions[which]),
    )


def _shape(settings: Mapping[str, Any], training: bool) -> TaskShape:
    names = ("n_way", "k_shot", "queries")
    own = {name: settings.get(f"training.{name}") if training else None for name in names}
    # A regression task has no ways.
    return TaskShape(*(int(own[name] or settings.get(f"task.{name}", 0)) for name in names))


def _class_name(data: ImageData, pool: ImagePool, position: int) -> str:
    found = data.bank.classes[int(pool.classes[position])]
    turn = int(pool.turns[position]) * 90
    return found.title + (f", turned by {turn}°" if turn else "")


def _function_task(
    request: int, data: FunctionData, task: Task[Any], parameters: NDArray[np.float64]
) -> TaskPreviewed:
    low, high = data.x_range
    x = np.linspace(low, high, CURVE_POINTS)[None, :, None]
    curve = np.stack([x[0, :, 0], data.value(parameters[None], x)[0, :, 0]], axis=1)
    parts = (task.support_x, task.support_y, task.query_x, task.query_y)
    support_x, support_y, query_x, query_y = (part.astype(np.float32) for part in parts)
    return TaskPreviewed(
        request, support_x, support_y, query_x, query_y, (), curve.astype(np.float32)
    )
