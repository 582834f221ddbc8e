"""What the Data page asks of the worker, and where the answers go."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QWidget

from workbench.app.pages.data.audits import Audits
from workbench.app.pages.data.keeping import TaskLists
from workbench.app.pages.data.maps import Maps
from workbench.app.pages.data.tasks import Tasks

if TYPE_CHECKING:
    from workbench.app.context import Context
    from workbench.app.pages.data.browse import BrowsePanel
    from workbench.app.pages.data.preview import PreviewPanel
    from workbench.app.pages.data.sets import DataSets
    from workbench.app.pages.data.split import SplitPanel


class Conversation(QObject):
    """Tasks to preview and to keep, leaks and maps.

    Signals:
        function_came(object): the curve of one more function.
    """

    function_came = Signal(object)

    def __init__(self, context: Context, sets: DataSets, parent: QWidget) -> None:
        super().__init__(parent)
        self._shell = context.shell
        self.tasks = Tasks(context.link, sets, self)
        self.audits = Audits(context.link, sets, self)
        self.maps = Maps(context.link, sets, self)
        self.lists = TaskLists(context.link, sets, parent)

    def join(self, preview: PreviewPanel, split: SplitPanel, browse: BrowsePanel) -> None:
        """Let the panels ask, and show what comes."""
        preview.wanted.connect(self.tasks.ask)
        self.tasks.came.connect(preview.show_task)
        self.tasks.failed.connect(preview.show_failure)
        self.tasks.function_came.connect(self.function_came)
        preview.keep_wanted.connect(self.lists.ask)
        preview.task_wanted.connect(self.lists.ask_task)
        preview.open_wanted.connect(self.lists.ask_open)
        self.lists.done.connect(self._shell.undo_bar.say)
        self.lists.failed.connect(self._say_failure)
        self.audits.found.connect(split.show_audit)
        self.audits.failed.connect(split.show_failure)
        self.audits.leaked.connect(self._warn_of_leaks)
        browse.map.wanted.connect(self.maps.ask)
        browse.map.gave_up.connect(self.maps.cancel)
        self.maps.came.connect(browse.map.show_map)
        self.maps.working.connect(browse.map.show_progress)
        self.maps.failed.connect(browse.map.show_failure)

    @Slot(str)
    def _warn_of_leaks(self, words: str) -> None:
        hint = "What is held out was trained on in part: scores will flatter."
        self._shell.add_message(words, "warn", hint)

    @Slot(str, str)
    def _say_failure(self, message: str, hint: str) -> None:
        self._shell.add_message(message, "bad", hint)
        self._shell.undo_bar.say(message)
