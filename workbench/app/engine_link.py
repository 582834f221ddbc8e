"""The window's end of the pipe: requests go down, events come up as Qt signals, and a dead worker
is noticed.

    link = EngineLink(launch)
    link.state_changed.connect(show_state)
    link.start()
    link.request(PreviewTask, self._previewed, values=draft.values, split="train", index=0)

Two threads keep the GUI thread from ever waiting: one reads and one writes, since a large drawing
can fill the pipe while the worker is busy loading torch.
"""

from __future__ import annotations

import contextlib
import itertools
import threading
from collections.abc import Callable
from functools import partial
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from queue import SimpleQueue
from typing import Any

from PySide6.QtCore import QObject, QThread, QTimer, Signal, Slot
from shiboken6 import isValid

from workbench.protocol import (
    Cancel,
    Command,
    DataReady,
    Device,
    EngineReady,
    Event,
    Failed,
    Progress,
    Shutdown,
)

Launch = Callable[[], tuple[Connection, BaseProcess]]
OnEvent = Callable[[Event], None]

CLOSE_SECONDS = 20.0
"""How long a closing worker may take to finish its step and write a checkpoint, before it is
ended."""


class EngineLink(QObject):
    """Numbers requests, sends them, and hands each answer to whoever asked.

    Commands may be sent before the worker runs; they wait in order.

    Signals:
        event(Event): everything the worker says, asked for or not, in the GUI thread.
        state_changed(str): "starting", "ready" or "stopped"; `reason` then says why it stopped.
    """

    event = Signal(object)  # type: ignore[assignment]  # hides QObject.event, which nobody calls
    state_changed = Signal(str)

    def __init__(self, launch: Launch, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.state = "starting"
        self.reason = ""
        self.versions: dict[str, str] = {}
        self.devices: tuple[Device, ...] = ()
        self.recommended = ""
        self._launch = launch
        self._numbers = itertools.count(1)
        self._open: dict[int, OnEvent | None] = {}
        self._outbox: SimpleQueue[Command | None] = SimpleQueue()
        self._pipe: _Pipe | None = None
        self._closing = False

    @Slot()
    def start(self) -> None:
        """Start the worker; call it after the first paint."""
        if self._pipe is not None or self._closing:
            return
        self._pipe = _Pipe(self._launch, self._outbox, self)
        self._pipe.received.connect(self._receive)
        self._pipe.ended.connect(self._ended)
        self._pipe.start()

    @property
    def pid(self) -> int:
        """Number of the worker's process, 0 while there is none."""
        return self._pipe.pid if self._pipe is not None else 0

    def request(
        self, command: type[Command], on_event: OnEvent | None = None, **fields: Any
    ) -> int:
        """Send a command and return its number.

        Args:
            command: a class of `protocol`; `fields` are its fields without `request`.
            on_event: gets every answer, in the GUI thread, the final one last; never called from
                within this call. A method of a QObject, or a `partial` of one, gets none once that
                is gone.
        """
        number = next(self._numbers)
        self._open[number] = on_event
        if self.state == "stopped":
            QTimer.singleShot(0, self, lambda: self._receive(self._lost(number)))
        else:
            self._outbox.put(command(number, **fields))
        return number

    def cancel(self, request: int) -> None:
        """Ask the worker to give up what `request` asked for; its answer is then a cancelled
        `Failed`."""
        if request in self._open and self.state != "stopped":
            self._outbox.put(Cancel(next(self._numbers), request))

    @Slot()
    def restart(self) -> None:
        """Start a fresh worker after the old one has stopped."""
        if self.state != "stopped" or self._closing:
            return
        self._set_state("starting")
        self.start()

    def close(self) -> None:
        """Let the worker save what trains and end, and wait until its process and both threads are
        gone."""
        self._closing = True
        if self._pipe is not None:
            self._pipe.close()
            self._pipe = None

    @Slot(object)
    def _receive(self, event: Event) -> None:
        if isinstance(event, EngineReady):
            self.versions, self.devices = dict(event.versions), event.devices
            self.recommended = event.recommended
        final = event.request in self._open and not _goes_on(event)
        on_event = self._open.get(event.request)
        if final:
            del self._open[event.request]
        if isinstance(event, EngineReady):
            self._set_state("ready")
        self.event.emit(event)
        if on_event is not None and not _is_gone(on_event):
            on_event(event)

    @Slot(str)
    def _ended(self, reason: str) -> None:
        """The process is gone: every open request fails, and later ones do until `restart`."""
        if self._pipe is not None:
            self._pipe.wait()
            self._pipe.deleteLater()
            self._pipe = None
        self._outbox = SimpleQueue()  # what still waits in the old one was meant for the old worker
        self.reason = reason
        self._set_state("stopped")
        for number in list(self._open):
            self._receive(self._lost(number))

    def _lost(self, number: int) -> Failed:
        return Failed(
            number, f"The engine has stopped. {self.reason}".strip(), "Restart the engine."
        )

    def _set_state(self, state: str) -> None:
        self.state = state
        self.state_changed.emit(state)


def _is_gone(on_event: OnEvent) -> bool:
    """Whether it belongs to a page that was closed meanwhile."""
    method = on_event.func if isinstance(on_event, partial) else on_event
    asker = getattr(method, "__self__", None)
    return isinstance(asker, QObject) and not isValid(asker)


class _Pipe(QThread):
    """One worker's life: start it, read until the pipe breaks, see its process off.

    Signals:
        received(Event): the worker said something.
        ended(str): the process is gone; the sentence says how, empty if it was asked to.
    """

    received = Signal(object)
    ended = Signal(str)

    def __init__(
        self, launch: Launch, outbox: SimpleQueue[Command | None], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._launch = launch
        self._outbox = outbox
        self._process: BaseProcess | None = None
        self._asked = False

    @property
    def pid(self) -> int:
        return (self._process.pid or 0) if self._process is not None else 0

    def run(self) -> None:
        # The child is started on this thread because Linux ends a child with the thread that made
        # it.
        try:
            connection, self._process = self._launch()
        except OSError as error:
            self.ended.emit(f"Its process could not be started: {error.strerror}.")
            return
        writer = threading.Thread(
            target=_write, args=(connection, self._outbox), name="engine-writer"
        )
        writer.start()
        while (event := _read(connection)) is not None:
            self.received.emit(event)
        self._outbox.put(None)
        writer.join()
        connection.close()
        self._process.join(CLOSE_SECONDS if self._asked else 5.0)
        if self._process.exitcode is None:
            self._process.kill()
            self._process.join()
        sentence = "" if self._asked else _how_it_ended(self._process.exitcode)
        # Whoever else asks for this program's children may have seen to its end in the same moment.
        with contextlib.suppress(ValueError):
            self._process.close()
        self._process = None
        self.ended.emit(sentence)

    def close(self) -> None:
        """End the worker and this thread; the caller waits."""
        self._asked = True
        self.received.disconnect()
        self.ended.disconnect()
        self._outbox.put(Shutdown(0))
        if not self.wait(int(CLOSE_SECONDS * 1000)):
            process = self._process
            if process is not None:
                process.kill()
            self.wait()
        self.deleteLater()


def _goes_on(event: Event) -> bool:
    """Whether more answers to the same request follow."""
    return isinstance(event, Progress) or (isinstance(event, DataReady) and event.partial)


def _read(connection: Connection) -> Event | None:
    """The next event, or None when the other side is gone."""
    try:
        event: Event = connection.recv()
    except (EOFError, OSError):
        return None
    return event


def _write(connection: Connection, outbox: SimpleQueue[Command | None]) -> None:
    while (command := outbox.get()) is not None:
        try:
            connection.send(command)
        except OSError:
            return  # the reader sees the same break, and says so


def _how_it_ended(code: int | None) -> str:
    if code is None or code == 0:
        return "Its process ended."
    if code < 0:
        return f"Its process was ended from outside (signal {-code})."
    return f"Its process ended with code {code}."
