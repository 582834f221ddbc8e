"""Keeps what is drawn as a task file, and brings one back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QFileDialog, QWidget

from workbench.app.canvas import Desk
from workbench.errors import DataError

SUFFIX = ".fewshot"
_KINDS = f"Few-shot tasks (*{SUFFIX});;All files (*)"


class TaskFiles(QObject):
    """Asks where, and does it; opening is a step of undo.

    Args:
        refusal: why there are no drawings to open or save now; empty where there are.

    Signals:
        done(str): what was done, in words.
        failed(str, str): message and hint.
    """

    done = Signal(str)
    failed = Signal(str, str)

    def __init__(self, desk: Desk, refusal: Callable[[], str], parent: QWidget) -> None:
        super().__init__(parent)
        self._desk, self._refusal, self._parent = desk, refusal, parent
        self._folder = str(Path.home())

    @Slot()
    def ask_save(self) -> None:
        """Save under a name that the person gives."""
        if self._refused():
            return
        start = str(Path(self._folder) / f"task{SUFFIX}")
        dialog = QFileDialog(self._parent, "Save task", start, _KINDS)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(SUFFIX)  # before it asks whether to replace a file of that name
        if dialog.exec() and dialog.selectedFiles():
            self.save(Path(dialog.selectedFiles()[0]))
        dialog.deleteLater()

    @Slot()
    def ask_open(self) -> None:
        """Open a file that the person chooses."""
        if self._refused():
            return
        found, _ = QFileDialog.getOpenFileName(self._parent, "Open task", self._folder, _KINDS)
        if found:
            self.open(Path(found))

    def save(self, path: Path) -> None:
        """Write what is drawn; a name without the ending gets it."""
        from workbench.app.canvas.tasks import to_task  # the library of images loads when wanted
        from workbench.taskfile import save_task

        path = path if path.suffix == SUFFIX else path.with_name(path.name + SUFFIX)
        try:
            save_task(to_task(self._desk.board), path)
        except DataError as error:
            self.failed.emit(error.message, error.hint)
            return
        self._folder = str(path.parent)
        self.done.emit(f"The task is in {path}")

    def open(self, path: Path) -> None:
        """Replace everything on the desk by the task of a file."""
        from workbench.app.canvas.tasks import to_board
        from workbench.taskfile import load_task

        if self._refused():
            return
        try:
            board = to_board(load_task(path))
        except DataError as error:
            self.failed.emit(error.message, error.hint)
            return
        self._folder = str(path.parent)
        self._desk.open(board)
        self.done.emit(f"Opened {path.name}")

    def _refused(self) -> bool:
        reason = self._refusal()
        if reason:
            self.failed.emit(reason, "Choose a run that names images to answer, then try again.")
        return bool(reason)
