"""What the engine and the machine do, said in the status bar and in Messages."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Slot

from workbench.app.faults import Faults
from workbench.app.shell.memory import user_settings
from workbench.protocol import (
    EngineReady,
    Event,
    Failed,
    RunEnded,
    RunStarted,
)
from workbench.store.location import HOME

if TYPE_CHECKING:
    from workbench.app.context import Context

DISK_MS = 30_000
LITTLE_SPACE = 2e9  # bytes
_LEFT_OFF = "left_off_run"


class Reporter(QObject):
    """Listens to the link and tells the shell.

    Args:
        faults: where details of failures are logged.
    """

    def __init__(self, context: Context, faults: Faults | None, parent: QObject) -> None:
        super().__init__(parent)
        self._context, self._faults = context, faults
        self._shell = context.shell
        self._run = ""
        context.link.event.connect(self._heard)
        context.link.state_changed.connect(self._state_changed)
        context.draft.saving_failed.connect(self._draft_failed)
        context.shell.engine_restart_requested.connect(context.link.restart)
        if faults is not None:
            faults.happened.connect(self._fault)
        self._disk_timer = QTimer(self, interval=DISK_MS)
        self._disk_timer.timeout.connect(self._show_disk)

    @property
    def run(self) -> str:
        """The run that trains in this window's worker; empty for none."""
        return self._run

    def start(self) -> None:
        """Say what there is to say at the start; call it after the first paint."""
        self._disk_timer.start()
        self._show_disk()
        self._check_store()
        settings = user_settings()
        left_off = str(settings.value(_LEFT_OFF) or "")
        settings.remove(_LEFT_OFF)
        if left_off:
            self._shell.add_message(
                f"Run {left_off} was saved and stopped when the window was closed.",
                "info",
                "Resume it on Runs.",
            )

    def closing(self) -> None:
        """The window goes away; remember which run that stops."""
        self._disk_timer.stop()
        if self._run:
            settings = user_settings()
            settings.setValue(_LEFT_OFF, self._run)
            settings.sync()

    @Slot(object)
    def _heard(self, event: Event) -> None:
        match event:
            case EngineReady():
                device = next((d for d in event.devices if d.name == event.recommended), None)
                self._shell.set_device(device.title if device else event.recommended)
            case RunStarted():
                self._run = event.run
                self._shell.set_engine_state("busy")
            case RunEnded():
                self._run = ""
                if self._context.link.state == "ready":
                    self._shell.set_engine_state("ready")
            case Failed():
                self._failed(event)

    def _failed(self, event: Failed) -> None:
        if event.detail and self._faults is not None:
            self._faults.log(event.detail)
        if event.request == 0:  # else whoever asked shows it where it belongs
            file = self._faults.file if self._faults is not None else None
            hint = f"Details are in {file}." if event.detail and file else event.hint
            self._shell.add_message(event.message, "bad", hint)

    @Slot(str)
    def _state_changed(self, state: str) -> None:
        self._shell.set_engine_state(state)
        if state != "stopped":
            return
        self._shell.add_message(
            f"The engine has stopped. {self._context.link.reason}".strip(),
            "bad",
            "Press Restart in the status bar.",
        )
        if self._run:
            title, self._run = _title(self._run), ""
            self._shell.add_message(f"{title} died with the engine.", "bad", "Resume it on Runs.")

    @Slot()
    def _show_disk(self) -> None:
        try:
            free = shutil.disk_usage(_existing(self._context.store.root)).free
        except OSError:
            self._shell.set_disk("")
            return
        words = f"{free / 1e9:,.0f} GB free" if free >= 1e10 else f"{free / 1e9:.1f} GB free"
        self._shell.set_disk(words, "bad" if free < LITTLE_SPACE else "text2")

    def _check_store(self) -> None:
        root = self._context.store.root
        problem = unwritable(root)
        if problem:
            self._shell.add_message(
                f"Nothing can be saved in {root}: {problem}. Looking and drawing still work.",
                "bad",
                f"To keep runs, set {HOME} to a folder that you may write to, and start again.",
            )

    @Slot(str)
    def _draft_failed(self, sentence: str) -> None:
        self._shell.add_message(sentence, "warn", "They hold until the window is closed.")

    @Slot(str, str)
    def _fault(self, sentence: str, hint: str) -> None:
        self._shell.add_message(sentence, "bad", hint)


def unwritable(folder: Path) -> str:
    """Why nothing can be written below `folder`, or nothing if it can; leaves no trace."""
    place = _existing(folder)
    try:
        with tempfile.TemporaryFile(dir=place):
            pass
    except OSError as error:
        return (error.strerror or "it cannot be written to").lower()
    return "" if os.access(place, os.X_OK) else "it cannot be entered"


def _existing(folder: Path) -> Path:
    """`folder`, or the nearest one above it that is there."""
    return next((place for place in (folder, *folder.parents) if place.is_dir()), Path.home())


def _title(run: str) -> str:
    """Words for an id: "Run 42 · maml omniglot" for "0042-maml-omniglot"."""
    number, _, rest = run.partition("-")
    return f"Run {int(number)} · {rest.replace('-', ' ')}" if number.isdigit() else run
