"""Keeps the drawing on disk, so that nothing a person drew is lost."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from workbench.app.canvas import Board, Desk, load_board, save_board

FILE = "drawing.json"
PAUSE_MS = 800


class Keeper(QObject):
    """Writes the board some time after a change, and at once when asked.

    Signals:
        failed(str): it cannot be kept, said once.
    """

    failed = Signal(str)

    def __init__(self, desk: Desk, file: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desk, self._file = desk, file
        self._kept: Board = desk.board
        self._told = False
        self._timer = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._timer.timeout.connect(self.save)
        desk.listen(self._changed)

    @staticmethod
    def load(file: Path) -> Desk:
        """The desk of last time, or an empty one."""
        return Desk(load_board(file))

    def _changed(self) -> None:
        if self._desk.board is not self._kept:
            self._timer.start()

    @Slot()
    def save(self) -> None:
        """Write now what is not written yet."""
        self._timer.stop()
        if self._desk.board is self._kept:
            return
        self._kept = self._desk.board
        try:
            save_board(self._kept, self._file)
        except OSError as error:
            if not self._told:
                self._told = True
                self.failed.emit(
                    f"The drawing cannot be kept in {self._file.parent}: {error.strerror}."
                )
