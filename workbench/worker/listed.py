"""Tasks of a saved list, shown one by one as an algorithm is given them. Works without torch."""

from __future__ import annotations

import threading
from pathlib import Path

from workbench.engine.episodes import gather
from workbench.errors import ConfigError, DataError
from workbench.inquiries import OpenTasks, TasksOpened
from workbench.protocol import PreviewTask, TaskPreviewed
from workbench.schema.catalogue import Catalogue
from workbench.services.data import selected_of
from workbench.sources import ImageData, Progress
from workbench.tasklist import ListedTask, TaskList, load_tasks, numbers
from workbench.worker.data import DataShelf, class_name

_Stamp = tuple[str, int, int]  # path, size, time of change


class Lists:
    """Remembers the last list, so that a step to its next task reads and checks nothing again."""

    def __init__(self, shelf: DataShelf) -> None:
        self._shelf = shelf
        self._lock = threading.Lock()
        self._last: tuple[_Stamp, TaskList] | None = None
        self._checked: tuple[_Stamp, str] | None = None

    def open(self, command: OpenTasks) -> TasksOpened:
        """Say what a file holds.

        Raises:
            DataError: it is no list of tasks.
        """
        _, found = self._read(command.path)
        source = found.source
        return TasksOpened(
            command.request, command.path, len(found.tasks), source.name, found.split, found.ways
        )

    def preview(self, command: PreviewTask, progress: Progress) -> TaskPreviewed:
        """One of its tasks.

        Raises:
            ConfigError, DataError: the list is of other data, or is no list any more.
        """
        stamp, found = self._read(command.listed)
        data = self._shelf.get(command.values, progress)
        data = selected_of(Catalogue.load().complete(command.values), data)
        if not isinstance(data, ImageData):
            raise ConfigError.of("", "A list of tasks is of images; this data set has functions.")
        if self._checked != (stamp, data.folder):
            found.check(data.bank)
            self._checked = stamp, data.folder
        if command.index >= len(found.tasks):
            raise DataError(
                "{path} has {count:,} tasks now.",
                path=command.listed,
                count=len(found.tasks),
                hint="It was written anew; open it again.",
            )
        return _shown(command.request, data, found.tasks[command.index])

    def _read(self, path: str) -> tuple[_Stamp, TaskList]:
        with self._lock:
            stamp = _stamp(path)
            if self._last is None or self._last[0] != stamp:
                self._last = stamp, load_tasks(Path(path))
            return self._last


def _stamp(path: str) -> _Stamp:
    try:
        facts = Path(path).stat()
    except (OSError, ValueError):
        return path, -1, -1  # whoever reads it says why
    return path, facts.st_size, facts.st_mtime_ns


def _shown(request: int, data: ImageData, task: ListedTask) -> TaskPreviewed:
    support, support_y = numbers(data.bank, task, "support")
    query, query_y = numbers(data.bank, task, "query")
    names = (
        class_name(data, number, turn)
        for number, turn in zip(task.classes, task.turns, strict=True)
    )
    return TaskPreviewed(
        request, gather(data, support), support_y, gather(data, query), query_y, tuple(names)
    )
