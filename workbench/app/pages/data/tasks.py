"""Asks the worker for the tasks that the Data page shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from workbench.app.pages.data.sets import DataSets
from workbench.protocol import Event, Failed, PreviewTask, TaskPreviewed

if TYPE_CHECKING:
    from workbench.app.engine_link import EngineLink


class Tasks(QObject):
    """Of several tasks that were asked for, only the last one is heard of.

    Signals:
        came(TaskPreviewed): the task that was wanted last.
        failed(Failed): it cannot be had.
        function_came(object): the curve (P, 2) of one more function.
    """

    came = Signal(object)
    failed = Signal(object)
    function_came = Signal(object)

    def __init__(self, link: EngineLink, sets: DataSets, parent: QObject) -> None:
        super().__init__(parent)
        self._link, self._sets = link, sets
        self._request = 0
        self._functions: set[int] = set()

    @Slot(str, int, str)
    def ask(self, split: str, index: int, listed: str = "") -> None:
        """Want that task of the shown data set, or of a list of tasks in a file."""
        if self._sets.shown.ready is None:
            return
        self._request = self._link.request(
            PreviewTask,
            self._answered,
            values=self._sets.preview_values(),
            split=split,
            index=index,
            listed=listed,
        )

    def ask_functions(self, count: int) -> None:
        """Want the curves of the first validation tasks."""
        values = self._sets.preview_values()
        self._functions = {
            self._link.request(
                PreviewTask,
                self._function_answered,
                values=values,
                split="validation",
                index=index,
            )
            for index in range(count)
        }

    def _answered(self, event: Event) -> None:
        if event.request != self._request:
            return  # an answer to what was asked before
        if isinstance(event, TaskPreviewed):
            self.came.emit(event)
        elif isinstance(event, Failed):
            self.failed.emit(event)

    def _function_answered(self, event: Event) -> None:
        if event.request not in self._functions:
            return  # of a family as it was before
        if isinstance(event, TaskPreviewed) and event.curve is not None:
            self.function_came.emit(event.curve)
