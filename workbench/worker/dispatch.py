"""Who answers which command. Nothing here takes long: long work goes to `jobs` and to the trainer's
thread."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.errors import ConfigError
from workbench.inquiries import Inquiry
from workbench.protocol import (
    Adapt,
    Cancel,
    Command,
    ControlRun,
    EngineStarting,
    EstimateCost,
    Evaluate,
    Event,
    Failed,
    LaidOut,
    LayOut,
    PrepareData,
    PreviewTask,
    ResumeRun,
    StartRun,
    Validate,
    Validated,
)
from workbench.store import Store, cache_root, default_root
from workbench.worker.data import DataShelf, described, preview
from workbench.worker.jobs import Job, Jobs, Work, failed
from workbench.worker.listed import Lists
from workbench.worker.looking import inquire
from workbench.worker.outbox import Outbox

if TYPE_CHECKING:
    from workbench.worker.engine import Engine

BROKEN_DEVICE = 70
"""Exit code of a worker whose GPU can no longer be used by this process."""


class Dispatcher:
    """Answers commands until `close`.

    Args:
        give_up: asks the main loop to end, because this process cannot go on.

    Attributes:
        exit_code: what the process should end with.
    """

    def __init__(self, outbox: Outbox, store: Path | None, give_up: Callable[[], None]) -> None:
        self.exit_code = 0
        self._outbox = outbox
        self._store = Store(store or default_root())
        self._give_up = give_up
        self._shelf = DataShelf(cache_root())
        self._lists = Lists(self._shelf)
        self._jobs = Jobs(outbox, self._fault)
        self._engine: Engine | None = None
        self._broken: Failed | None = None
        self._loaded = threading.Event()

    def start(self) -> None:
        """Load torch beside the dispatching thread."""
        self._outbox.send(EngineStarting(0))
        threading.Thread(target=self._load, name="loader", daemon=True).start()

    def handle(self, command: object) -> None:
        """Begin to answer one command."""
        match command:
            case PrepareData():
                self._jobs.start(command, lambda job: self._prepare(command, job))
            case PreviewTask():
                key = f"preview {command.split} {command.index}"
                self._jobs.start_latest(
                    "preview", key, command, lambda job: self._preview(command, job)
                )
            case Inquiry():
                self._jobs.start(
                    command, lambda job: inquire(command, self._shelf, self._lists, job)
                )
            case Adapt():
                self._jobs.start_latest("adapt", command.run, command, self._asking_engine(command))
            case Validate() | EstimateCost():
                lane = type(command).__name__
                self._jobs.start_latest(lane, lane, command, self._asking_engine(command))
            case LayOut():
                self._jobs.start_latest("layout", "layout", command, lambda _: _lay_out(command))
            case StartRun() | ResumeRun() | Evaluate():
                self._jobs.start(command, self._asking_engine(command))
            case ControlRun():
                self._jobs.start(command, lambda _: self._control(command))
            case Cancel():
                self._jobs.cancel(command.target)

    def close(self) -> None:
        """Give up what can be done again, save what trains."""
        self._jobs.close()
        if self._engine is not None:
            self._engine.close()

    def _prepare(self, command: PrepareData, job: Job) -> Event:
        with ExitStack() as stack:
            looked = False

            def progress(done: int, total: int, text: str) -> None:
                nonlocal looked
                job.progress(done, total, text)
                if not looked:  # it has to be made, then, and that takes a while
                    looked = True
                    first = stack.enter_context(self._shelf.first_look(command.values))
                    if first is not None:
                        self._outbox.send(replace(first, request=job.request))

            data = self._shelf.get(command.values, progress, anew=True)
            return described(job.request, data)

    def _preview(self, command: PreviewTask, job: Job) -> Event:
        try:
            if command.listed:
                return self._lists.preview(command, job.progress)
            return preview(command, self._shelf, job.progress)
        except ConfigError as error:
            # Only the first: a preview has one place to say it, the form has a row for each.
            problem = error.problems[0]
            return Failed(command.request, problem.message, problem.hint)

    def _control(self, command: ControlRun) -> Event:
        if self._engine is None or not self._engine.control(command):
            self._store.open(command.run).request(command.action)  # another process trains it
        return Validated(command.request, ())

    def _asking_engine(self, command: Command) -> Work:
        """Work that waits until torch is loaded."""

        def when_loaded(job: Job) -> Event | None:
            while not self._loaded.wait(0.1):
                job.check()
            if self._engine is None:
                broken = self._broken or Failed(0, "The engine has not started.")
                return Failed(job.request, broken.message, broken.hint, broken.detail)
            return self._engine.answer(command, job)

        return when_loaded

    def _load(self) -> None:
        try:
            from workbench.worker.engine import Engine

            engine = Engine(self._outbox, self._store, self._shelf, self._fault)
            self._outbox.send(engine.ready())
            self._engine = engine
        except Exception as error:  # noqa: BLE001 - the edge: a broken torch is said
            self._broken = failed(0, error)
            self._outbox.send(self._broken)
        finally:
            self._loaded.set()

    def _fault(self, error: Exception) -> None:
        """A GPU that has failed stays failed for this process: end it, and let the window offer a
        fresh one."""
        if is_device_fault(error):
            self.exit_code = BROKEN_DEVICE
            self._give_up()


def _lay_out(command: LayOut) -> Event:
    from workbench.services.layout import lay_out  # its library loads when it is wanted

    return LaidOut(command.request, lay_out(command.features))


def is_device_fault(error: Exception) -> bool:
    """Whether a device has failed for good; being out of memory is no such fault.

    torch's own classes are known by name, because this process may not have loaded it.
    """
    names = {kind.__name__ for kind in type(error).__mro__}
    if "OutOfMemoryError" in names:
        return False
    return "AcceleratorError" in names or ("CUDA error" in str(error) and "RuntimeError" in names)
