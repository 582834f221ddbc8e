"""Ready-made examples: tasks of the data set, drawn as training would draw them."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QObject, Signal

from workbench.app.canvas import Desk
from workbench.app.canvas.sheet import Image
from workbench.protocol import Event, Failed, PreviewTask, Progress, TaskPreviewed

if TYPE_CHECKING:
    from workbench.app.engine_link import EngineLink

MOST_INDEX = 2**31 - 1
# What is asked for, also where the run's tasks vary.
EVEN = {"task.queries": 1, "task.least_ways": None, "task.least_shots": None}
Put = Callable[[TaskPreviewed], None]


class Filler(QObject):
    """Fills the desk from the data set; the latest wish wins.

    Signals:
        working(str): what is being done, empty when it is done.
        failed(str, str): what is wrong, and what to do.
    """

    working = Signal(str)
    failed = Signal(str, str)

    def __init__(self, link: EngineLink, desk: Desk, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._link, self._desk = link, desk
        self._request = 0

    def fill(self, values: dict[str, Any], shots: int) -> None:
        """Replace the support set by a new task with so many shots of each class."""
        self._ask(values | EVEN | {"task.k_shot": shots}, self._put_task)

    def fill_class(self, values: dict[str, Any], row: int) -> None:
        """Put a class of the data set into a row: an example for each shot, and its name."""
        shots = len(self._desk.board.classes[row].shots)
        wanted = values | EVEN | {"task.n_way": 2, "task.k_shot": shots}
        self._ask(wanted, partial(self._put_class, row))

    def _put_task(self, event: TaskPreviewed) -> None:
        names, images = _classes(event)
        self._desk.fill(names, images)

    def _put_class(self, row: int, event: TaskPreviewed) -> None:
        if row < len(self._desk.board.classes):
            names, images = _classes(event)
            self._desk.fill_class(row, names[0], images[0])

    def _ask(self, values: dict[str, Any], put: Put) -> None:
        if self._request:
            self._link.cancel(self._request)
        self._request = self._link.request(
            PreviewTask,
            partial(self._receive, put),
            values=values,
            split="test",
            index=random.randrange(MOST_INDEX),
        )
        self.working.emit("Fetching a task from the data set…")

    def _receive(self, put: Put, event: Event) -> None:
        if event.request != self._request:
            return
        if isinstance(event, Progress):
            self.working.emit(event.text)
            return
        self._request = 0
        self.working.emit("")
        if isinstance(event, TaskPreviewed):
            put(event)
        elif isinstance(event, Failed) and not event.cancelled:
            self.failed.emit(event.message, event.hint)


def _classes(event: TaskPreviewed) -> tuple[list[str], list[list[Image]]]:
    names = [_short(name) for name in event.class_names]
    images: list[list[Image]] = [[] for _ in names]
    for image, label in zip(event.support_x, event.support_y, strict=True):
        images[int(label)].append(_sheet_image(image))
    return names, images


def _sheet_image(image: Any) -> Image:
    """(C, H, W) as a sheet keeps it: (H, W), or (3, H, W)."""
    planes = np.ascontiguousarray(image, np.uint8)
    return planes if len(planes) == 3 else planes[0]


def _short(name: str) -> str:
    """A name that fits beside a bar: "Greek, character05" is "Greek 5"."""
    group, _, own = name.replace("_", " ").rpartition(", ")
    digits = own.removeprefix("character")
    if digits == own or not digits.isdigit():
        return own
    return f"{group} {int(digits)}" if group else f"character {int(digits)}"
