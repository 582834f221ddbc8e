"""Listed tasks as a session's own: the images that a list names, with the noise of their places.

A list that was saved from a split gives the bits of that split: chunk and place are the address of
noise, as they are where tasks are drawn.
"""

from __future__ import annotations

import torch
from torch import Tensor

from workbench.engine.episodes import CHUNK, Split
from workbench.engine.evaluate import Item
from workbench.engine.session import Session
from workbench.errors import ConfigError
from workbench.sources import ImageData
from workbench.task import Task
from workbench.tasklist import ListedTask, TaskList, numbers


class Replay:
    """The tasks of a list for a session.

    Args:
        split: whose noise the tasks get; that of the list where it was drawn from one.

    Raises:
        ConfigError: the session's model cannot answer such tasks.
        DataError: the list is of other data.
    """

    def __init__(self, session: Session, tasks: TaskList, split: Split) -> None:
        if not isinstance(session.data, ImageData):
            raise ConfigError.of("", "A list of tasks is of images; this run predicts numbers.")
        tasks.check(session.data.bank)
        able = session.spec.outputs
        if tasks.ways > able and not session.algorithm.traits.any_way:
            raise ConfigError.of(
                "",
                f"The list has tasks of {tasks.ways} classes; this run tells {able} apart.",
                "Score a run with as many ways, or a metric-based one, which takes any.",
            )
        self._session, self._list, self._split = session, tasks, split
        self._bank = session.data.bank

    def __call__(self, number: int) -> list[Item]:
        """The tasks of a chunk, and their noise."""
        some = self._list.tasks[number * CHUNK : (number + 1) * CHUNK]
        return [self._item(number, place, task) for place, task in enumerate(some)]

    def _item(self, number: int, place: int, task: ListedTask) -> Item:
        support_x, support_y = self._half(task, "support")
        query_x, query_y = self._half(task, "query")
        sizes = len(support_y), len(query_y)
        noise = self._session.task_noise(self._split, number, place, sizes, None)
        return Task(support_x, support_y, query_x, query_y, len(task.classes)), noise

    def _half(self, task: ListedTask, half: str) -> tuple[Tensor, Tensor]:
        images, labels = numbers(self._bank, task, half)
        # Turned here, not taken from the stored copies: a list may turn what the run does not.
        turns, rows = images // len(self._bank.images), images % len(self._bank.images)
        pictures = self._session.pictures(rows)
        for turn in set(turns.tolist()) - {0}:
            these = torch.from_numpy(turns == turn).to(pictures.device)
            pictures[these] = torch.rot90(pictures[these], turn, (-2, -1))
        return pictures, self._session.tensor(labels)


def trained_on(session: Session, tasks: TaskList) -> int:
    """How many classes of a list the session's run trains on."""
    assert isinstance(session.data, ImageData)
    trained = set(session.data.splits.get("train", ()))
    return len({number for task in tasks.tasks for number in task.classes} & trained)
