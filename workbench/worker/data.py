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
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.engine.augment import Disturbances, disturbed
from workbench.engine.episodes import ImagePool, gather, labels, split_indices
from workbench.errors import ConfigError
from workbench.protocol import DataReady, PreviewTask, TaskPreviewed
from workbench.services.data import plugin_config
from workbench.services.draws import Draws
from workbench.sources import DATASETS, FunctionData, ImageData, Progress
from workbench.task import Task

CURVE_POINTS = 201


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


def described(request: int, data: ImageData | FunctionData) -> DataReady:
    """What the window needs to look at a data set for itself."""
    if isinstance(data, ImageData):
        ready = DataReady(request, "classification", data.folder, dict(data.splits), data.notes)
        return replace(ready, split_given=data.split_given)
    ranges = {
        name: [float(low), float(high)]
        for name, (low, high) in zip(data.parameter_names, data.parameter_ranges, strict=True)
    }
    return DataReady(
        request, "regression", "", {}, description={"x": list(data.x_range), "parameters": ranges}
    )


def preview(command: PreviewTask, shelf: DataShelf, progress: Progress) -> TaskPreviewed:
    """Draw one task exactly as training or evaluation does."""
    data = shelf.get(command.values, progress)
    draws = Draws(command.values, data, command.split)
    data = draws.data
    if not isinstance(data, ImageData):
        return _function_task(command.request, data, *draws.function_task(command.index))
    task = draws.image_task(command.index)
    support, query = split_indices(task.images[None], task.shape)
    support_y, query_y = labels(1, task.shape)
    return TaskPreviewed(
        command.request,
        _as_seen(gather(data, support[0]), task.support),
        support_y[0],
        _as_seen(gather(data, query[0]), task.query),
        query_y[0],
        tuple(_pooled_name(data, task.pool, int(position)) for position in task.positions),
    )


def _as_seen(images: NDArray[np.uint8], found: Disturbances | None) -> NDArray[np.uint8]:
    """Images (M, C, H, W) disturbed as training does it; that alone has to wait for torch."""
    if found is None:
        return images
    import torch

    seen = disturbed(torch.from_numpy(images)[None].to(torch.float32) / 255, found)[0]
    return (seen * 255).round().to(torch.uint8).numpy()


def _pooled_name(data: ImageData, pool: ImagePool, position: int) -> str:
    return class_name(data, int(pool.classes[position]), int(pool.turns[position]))


def class_name(data: ImageData, number: int, turns: int) -> str:
    """What a class is called that is turned so many times by 90 degrees."""
    turned = f", turned by {turns * 90}°" if turns else ""
    return data.bank.classes[number].title + turned


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
