"""Which page a file is for: one that was named on the command line, double-clicked or dropped."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Slot
from PySide6.QtGui import QFileOpenEvent

if TYPE_CHECKING:
    from workbench.app.main import Workbench

TASK, LIST = ".fewshot", ".json"
DATA = (
    ".zip",
    ".tar",
    ".tgz",
    ".gz",
    ".bz2",
    ".xz",
    ".csv",
    ".npz",
    ".npy",
    ".mat",
    ".pkl",
    ".pickle",
)
HINT = (
    f"A task ({TASK}), a list of tasks ({LIST}), and data open: a folder of pictures, a zip of it, "
    "a table (.csv) or arrays (.npz, .npy)."
)


class Opener(QObject):
    """Brings files to their pages; before these are there, the last one waits.

    Args:
        workbench: what has the pages.
    """

    def __init__(self, workbench: Workbench) -> None:
        super().__init__(workbench)
        self._workbench = workbench
        self._waiting: Path | None = None
        self._ready = False
        workbench.completed.connect(self._begin)
        workbench.data.task_dropped.connect(self.open)

    @Slot(object)
    def open(self, path: Path) -> None:
        """Show a task on the Draw page, a list of tasks or data on the Data page."""
        if not self._ready:
            self._waiting = path
            return
        window, kind = self._workbench.window, path.suffix.lower()
        if not os.path.exists(path):  # noqa: PTH110 - which takes any name, too long a one as well
            self._refuse(f"There is no file or folder {path}.", "Check its name.")
        elif kind == TASK and not path.is_dir():
            window.show_page("Draw")
            self._workbench.draw.files.open(path)
        elif kind == LIST or kind in DATA or path.is_dir():
            window.show_page("Data")
            self._workbench.data.open_file(path)
        else:
            self._refuse(f"{path.name} is no file that this program opens.", HINT)

    @Slot()
    def _begin(self) -> None:
        self._ready = True
        if self._waiting is not None:
            self.open(self._waiting)

    def _refuse(self, message: str, hint: str) -> None:
        window = self._workbench.window
        window.add_message(message, "bad", hint)
        window.undo_bar.say(message)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QFileOpenEvent):  # how macOS says what was double-clicked
            self.open(Path(event.file()))
            return True
        return super().eventFilter(watched, event)
