"""What brings examples on the board from elsewhere: the data set, pictures, task files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QWidget

from workbench.app.canvas import Canvas, Cell, Desk
from workbench.app.pages.draw.fill import Filler
from workbench.app.pages.draw.models import channels_of
from workbench.app.pages.draw.own import OwnPictures, picture_files
from workbench.app.pages.draw.picker import ModelPicker
from workbench.app.pages.draw.support import SupportPanel
from workbench.app.pages.draw.tasks import SUFFIX, TaskFiles

if TYPE_CHECKING:
    from workbench.app.context import Context
    from workbench.pictures import Fit

NUMBERS = "A task file holds pictures, and this run predicts numbers."


class Teaching(QObject):
    """Does what the support panel asks for, and takes what is dropped on the page.

    Attributes:
        files: opens and saves task files.
        own: puts pictures on the board.

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
        canvas: Canvas,
        page: QWidget,
    ) -> None:
        super().__init__(page)
        self._context, self._desk, self._picker = context, desk, picker
        self._support, self._canvas, self._page = support, canvas, page
        self._filler = Filler(context.link, desk, self)
        self.files = TaskFiles(desk, self._refusal, page)
        self.own = OwnPictures(desk, self._manner, page)
        support.fill_requested.connect(self.fill)
        support.paste_asked.connect(self.own.paste)
        support.files_asked.connect(self.own.ask)
        support.open_asked.connect(self.files.ask_open)
        support.save_asked.connect(self.files.ask_save)
        self._filler.working.connect(support.set_busy)
        self._filler.failed.connect(self.failed)

    @Slot(int, object)
    def fill(self, shots: int = 1, cell: Cell | None = None) -> None:
        """Take so many shots of a new task of the chosen run's data set, or a class of it for the
        row of a cell."""
        if cell is None:
            self._filler.fill(self._values(), shots)
        else:
            self._filler.fill_class(self._values(), cell.row)

    # ---------------------------------------------------------------------------------- dropping

    def drag(self, event: QDropEvent) -> None:
        """Say whether what is dragged could be dropped here, and mark where it would land."""
        cell = self._target(event) if picture_files(event.mimeData()) else None
        self._support.show_target(cell)
        if cell is not None or _task_file(event) is not None:
            event.acceptProposedAction()
        else:
            event.ignore()

    def drag_ended(self) -> None:
        self._support.show_target(None)

    def drop(self, event: QDropEvent) -> None:
        """Take what was dropped."""
        self.drag_ended()
        task, pictures, cell = _task_file(event), picture_files(event.mimeData()), None
        if pictures:
            cell = self._target(event)
        if task is not None:
            event.acceptProposedAction()
            self.files.open(task)
        elif cell is not None:
            event.acceptProposedAction()
            self._desk.select(cell)
            self.own.take(pictures, cell)

    def _target(self, event: QDropEvent) -> Cell | None:
        """The cell under the pointer: a tile, or the paper for the one that is drawn into."""
        place, canvas, support = event.position().toPoint(), self._canvas, self._support
        if canvas.isVisible() and canvas.rect().contains(canvas.mapFrom(self._page, place)):
            return self._desk.selected
        if support.isVisible():
            return support.cell_at(support.mapFrom(self._page, place))
        return None

    # ----------------------------------------------------------------------------------- settings

    def _values(self) -> dict[str, Any]:
        model = self._picker.model
        return model.values if model is not None else self._context.draft.values

    def _manner(self) -> tuple[Fit, bool]:
        """As the data set of the chosen run does it; where it has no pictures, nothing is lost."""
        values = self._values()
        fit: Fit = values.get("dataset.fit", "pad")
        return fit, channels_of(values, self._context.catalogue) == 3

    def _refusal(self) -> str:
        """Why no task of drawings can be opened or saved now; empty where it can."""
        model = self._picker.model
        return NUMBERS if model is not None and model.regression else ""


def _task_file(event: QDropEvent) -> Path | None:
    """The task file that is dragged, if it is one."""
    urls = event.mimeData().urls()
    one = len(urls) == 1 and urls[0].isLocalFile()
    path = Path(urls[0].toLocalFile()) if one else None
    return path if path is not None and path.suffix == SUFFIX else None
