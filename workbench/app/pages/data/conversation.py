"""What the Data page asks of the worker, and where the answers go."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QWidget

from workbench.app.pages.data.audits import Audits
from workbench.app.pages.data.importing import Importer
from workbench.app.pages.data.keeping import TaskLists
from workbench.app.pages.data.maps import Maps
from workbench.app.pages.data.tasks import Tasks
from workbench.protocol import Failed

if TYPE_CHECKING:
    from workbench.app.context import Context
    from workbench.app.pages.data.browse import BrowsePanel
    from workbench.app.pages.data.preview import PreviewPanel
    from workbench.app.pages.data.sets import DataSets
    from workbench.app.pages.data.source import SourceBar
    from workbench.app.pages.data.split import SplitPanel


class Conversation(QObject):
    """Tasks to preview and to keep, leaks, maps, and what is to be imported.

    Signals:
        import_wanted(str, object): a path, and settings that go with it.
        looked(): a look at files has ended without an import.
        function_came(object): the curve of one more function.
    """

    import_wanted = Signal(str, object)
    looked = Signal()
    function_came = Signal(object)

    def __init__(self, context: Context, sets: DataSets, parent: QWidget) -> None:
        super().__init__(parent)
        self._shell = context.shell
        self.tasks = Tasks(context.link, sets, self)
        self.audits = Audits(context.link, sets, self)
        self.maps = Maps(context.link, sets, self)
        self.lists = TaskLists(context.link, sets, parent)
        self.importer = Importer(context.link, sets, parent)

    def join(
        self, preview: PreviewPanel, split: SplitPanel, browse: BrowsePanel, source: SourceBar
    ) -> None:
        """Let the panels ask, and show what comes."""
        self._source = source
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
        source.path_chosen.connect(self.importer.look)
        source.cancelled.connect(self.importer.cancel)
        source.cancelled.connect(self.looked)
        self.importer.wanted.connect(self.import_wanted)
        self.importer.working.connect(source.show_progress)
        self.importer.asked.connect(self.looked)
        self.importer.failed.connect(self._import_failed)

    @Slot(object)
    def _import_failed(self, failed: Failed) -> None:
        self.looked.emit()  # what was shown before stays
        self._source.show_failure(failed)

    @Slot(str)
    def _warn_of_leaks(self, words: str) -> None:
        hint = "What is held out was trained on in part: scores will flatter."
        self._shell.add_message(words, "warn", hint)

    @Slot(str, str)
    def _say_failure(self, message: str, hint: str) -> None:
        self._shell.add_message(message, "bad", hint)
        self._shell.undo_bar.say(message)
