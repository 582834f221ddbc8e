"""Tasks of files as a session's own: what a person drew or picked, or Omniglot's one-shot runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from workbench import ink
from workbench.engine.episodes import CHUNK
from workbench.engine.evaluate import Item
from workbench.engine.session import Session, to_float
from workbench.errors import ConfigError, DataError
from workbench.sources import ImageData
from workbench.task import Task, TaskSpec
from workbench.taskfile import Example, TaskFile


class FromFiles:
    """The tasks of files for a session, a chunk at a time.

    Raises:
        ConfigError: the session's model cannot answer such tasks.
        DataError: one teaches nothing, or does not say which of its classes its queries are of.
    """

    def __init__(self, session: Session, tasks: Sequence[TaskFile]) -> None:
        if not isinstance(session.data, ImageData):
            raise ConfigError.of("", "These tasks are of images; this run predicts numbers.")
        tasks = [_taught(task, task.title or f"Task {n}") for n, task in enumerate(tasks, 1)]
        able, ways = session.spec.outputs, max(len(task.names) for task in tasks)
        if ways > able and not session.algorithm.traits.any_way:
            raise ConfigError.of(
                "",
                f"These tasks have {ways} classes; this run tells {able} apart.",
                "Score a run with as many ways, or a metric-based one, which takes any.",
            )
        self._session, self._tasks = session, tasks

    def __call__(self, number: int) -> list[Item]:
        """The tasks of a chunk, and their noise."""
        some = self._tasks[number * CHUNK : (number + 1) * CHUNK]
        return [self._item(number, place, task) for place, task in enumerate(some)]

    def _item(self, number: int, place: int, task: TaskFile) -> Item:
        shots = [example for own in task.shots for example in own]
        support_y = np.repeat(range(len(task.shots)), [len(own) for own in task.shots])
        queries = [example for example, _ in task.queries]
        query_y = np.array([truth for _, truth in task.queries], np.int64)
        noise = self._session.task_noise("test", number, place, (len(shots), len(queries)), None)
        return Task(
            self._images(shots),
            self._session.tensor(support_y.astype(np.int64)),
            self._images(queries),
            self._session.tensor(query_y),
            len(task.names),
        ), noise

    def _images(self, examples: Sequence[Example]) -> Tensor:
        pixels = torch.from_numpy(sized(examples, self._session.spec))
        return to_float(pixels.to(self._session.device))


def sized(examples: Sequence[Example], spec: TaskSpec) -> NDArray[np.uint8]:
    """(B, C, H, W): examples of any size and colour as a model takes them."""
    channels, size = spec.input_shape[0], spec.input_shape[-1]
    images = []
    for example in examples:
        pixels = ink.resize(example.pixels, size)
        if len(pixels) != channels:
            grey = np.rint(pixels.mean(axis=0, keepdims=True)).astype(np.uint8)
            pixels = grey.repeat(channels, axis=0)
        images.append(pixels)
    return np.stack(images)


def _taught(task: TaskFile, name: str) -> TaskFile:
    """The same without the classes that have no example."""
    kept = [number for number, own in enumerate(task.shots) if own]
    known = all(truth in kept for _, truth in task.queries)
    if not kept or not task.queries or not known:
        raise DataError(
            "{task} {what}.",
            task=name,
            what="does not say what its queries are" if kept else "teaches nothing",
            hint="Complete it on the Draw page and save it again.",
        )
    return replace(
        task,
        names=tuple(task.names[number] for number in kept),
        shots=tuple(task.shots[number] for number in kept),
        queries=tuple(
            (example, kept.index(truth)) for example, truth in task.queries if truth is not None
        ),
    )
