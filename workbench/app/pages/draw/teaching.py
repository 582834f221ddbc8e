"""What brings examples on the board from elsewhere: the data set, and task files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QWidget

from workbench.app.canvas import Cell, Desk
from workbench.app.pages.draw.fill import Filler
from workbench.app.pages.draw.picker import ModelPicker
from workbench.app.pages.draw.support import SupportPanel
from workbench.app.pages.draw.tasks import SUFFIX, TaskFiles

if TYPE_CHECKING:
    from workbench.app.context import Context


class Teaching(QObject):
    """Does what the support panel asks for.

    Attributes:
        files: opens and saves task files.

    Signals:
        failed(str, str): what is wrong with what was asked for, and what to do.
    """

    failed = Signal(str, str)

    def __init__(
        self,
        context: Context,
        desk: Desk,
        picker: ModelPicker,
        support: SupportPanel,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._context, self._picker = context, picker
        self._filler = Filler(context.link, desk, self)
        self.files = TaskFiles(desk, parent)
        support.fill_requested.connect(self.fill)
        support.open_asked.connect(self.files.ask_open)
        support.save_asked.connect(self.files.ask_save)
        self._filler.working.connect(support.set_busy)
        self._filler.failed.connect(self.failed)

    @Slot(int, object)
    def fill(self, shots: int = 1, cell: Cell | None = None) -> None:
        """Take so many shots of a new task of the chosen run's data set, or one for one cell."""
        model = self._picker.model
        values = model.values if model is not None else self._context.draft.values
        if cell is None:
            self._filler.fill(values, shots)
        else:
            self._filler.fill_cell(values, cell)

    def takes(self, event: QDropEvent) -> bool:
        """Whether what is dragged could be dropped."""
        return _task_file(event) is not None

    def drop(self, event: QDropEvent) -> None:
        """Take what was dropped."""
        path = _task_file(event)
        if path is not None:
            event.acceptProposedAction()
            self.files.open(path)


def _task_file(event: QDropEvent) -> Path | None:
    """The task file that is dragged, if it is one."""
    urls = event.mimeData().urls()
    one = len(urls) == 1 and urls[0].isLocalFile()
    path = Path(urls[0].toLocalFile()) if one else None
    return path if path is not None and path.suffix == SUFFIX else None
