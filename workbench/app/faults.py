"""No silent death: what nobody caught goes to a log file and to Messages, and the window goes
on."""

from __future__ import annotations

import contextlib
import datetime as dt
import faulthandler
import sys
import threading
import traceback
from pathlib import Path
from types import TracebackType
from typing import IO

import platformdirs
from PySide6.QtCore import QObject, Signal

LARGEST_LOG = 2_000_000  # bytes; a longer one is put aside at the next start


class Faults(QObject):
    """Catches what reaches the interpreter's hooks, from any thread.

    Args:
        folder: of the log file; the user's own where None.

    Signals:
        happened(str, str): a sentence for the person, and a hint where the details are.
    """

    happened = Signal(str, str)

    def __init__(self, folder: Path | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.file: Path | None = None
        self._stream: IO[str] | None = None
        # A read-only home has no log; the sentence in Messages is then all there is.
        with contextlib.suppress(OSError):
            self._open(folder or platformdirs.user_log_path("fewshot-workbench"))

    def install(self) -> None:
        """Take over the hooks of the interpreter; also log crashes below Python."""
        sys.excepthook = self._caught
        threading.excepthook = self._caught_in_thread
        if self._stream is not None:
            faulthandler.enable(self._stream)

    def uninstall(self) -> None:
        """Give the hooks back and close the log."""
        sys.excepthook = sys.__excepthook__
        threading.excepthook = threading.__excepthook__
        if self._stream is not None:
            faulthandler.disable()
            self._stream.close()
            self._stream = None

    def log(self, text: str) -> None:
        """Write to the log file, with the time."""
        if self._stream is None:
            return
        now = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
        with contextlib.suppress(OSError):  # a full disk must not add a fault of its own
            self._stream.write(f"{now}\n{text.rstrip()}\n\n")
            self._stream.flush()

    def _open(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / "window.log"
        if file.exists() and file.stat().st_size > LARGEST_LOG:
            file.replace(file.with_suffix(".old.log"))
        self._stream = file.open("a", encoding="utf-8")
        self.file = file

    def _caught(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        text = "".join(traceback.format_exception(kind, error, trace))
        if sys.stderr is not None:  # a windowed program has none
            sys.stderr.write(text)
        self.log(text)
        if issubclass(kind, KeyboardInterrupt):
            return
        where = f"The details are in {self.file}." if self.file else "There is no log to write to."
        self.happened.emit(f"The window met a fault: {kind.__name__}: {error}.", where)

    def _caught_in_thread(self, fault: threading.ExceptHookArgs) -> None:
        if fault.exc_value is not None:
            self._caught(fault.exc_type, fault.exc_value, fault.exc_traceback)
