"""The part of the worker that needs torch: one run that trains, and models that answer drawings
meanwhile."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch

from workbench import oneshot, tasklist
from workbench.engine import device as devices
from workbench.engine.cost import measure
from workbench.engine.mapping import task_per_core
from workbench.engine.session import Data, Session
from workbench.errors import Cancelled, ConfigError, DeviceError, TrainingError, WorkbenchError
from workbench.functional.tasks import use_cores
from workbench.protocol import (
    Adapt,
    Command,
    ControlRun,
    CostEstimated,
    EngineReady,
    EstimateCost,
    Evaluate,
    Event,
    ResumeRun,
    RunEnded,
    RunStarted,
    StartRun,
    Validate,
    Validated,
)
from workbench.schema.catalogue import Catalogue
from workbench.schema.experiment import Experiment
from workbench.schema.rows import DataFacts
from workbench.services import evaluation, training
from workbench.services.adaptation import AdaptedModels
from workbench.services.data import selected_of
from workbench.services.experiment import resolve, to_flat, to_nested
from workbench.services.runs import open_run
from workbench.services.training import TrainingRun
from workbench.sources import ImageData, Progress
from workbench.store import Store
from workbench.worker.data import DataShelf
from workbench.worker.jobs import Job, failed
from workbench.worker.models import Models
from workbench.worker.outbox import Outbox

# Beside two training threads on two cores an answer takes twice as long at 0, a quarter longer at 5
# and a tenth longer at 8. At 15 it is hardly slower than alone, but Linux then puts both training
# threads on one core while the window is busy on the other: they lose more than half, at 8 a third.
POLITENESS = 8
"""Nice value of threads that train a task each."""

SAVE_SECONDS = 15.0
"""How long a closing worker waits for the step under way and its checkpoint."""


class Engine:
    """Made on the loading thread, used from many.

    Args:
        shelf: the data sets, shared with previews.
        on_fault: told of exceptions that are nobody's input.
    """

    def __init__(
        self, outbox: Outbox, store: Store, shelf: DataShelf, on_fault: Callable[[Exception], None]
    ) -> None:
        devices.tune_malloc()
        self._outbox, self._store, self._shelf = outbox, store, shelf
        self._on_fault = on_fault
        self._lock = threading.Lock()
        self._run: TrainingRun | None = None
        self._starting = False
        self._thread: threading.Thread | None = None
        self._models = Models(store, self._load)
        self._adapted = AdaptedModels()

    def ready(self) -> EngineReady:
        """What there is to compute with."""
        # `torch.__version__` is a class of torch's: the window would load torch to read it.
        versions = {"torch": str(torch.__version__), "numpy": np.__version__}
        return EngineReady(0, versions, devices.devices(), devices.recommended())

    def answer(self, command: Command, job: Job) -> Event | None:
        """Do what is asked; None where it has answered already."""
        match command:
            case Adapt():
                return self.adapt(command, job)
            case Validate():
                return self.validate(command)
            case EstimateCost():
                return self.estimate(command, job)
            case Evaluate():
                return self.evaluate(command, job)
            case StartRun():
                return self.start_run(command, job)
            case ResumeRun():
                return self.resume_run(command, job)
        raise AssertionError(f"not the engine's: {type(command).__name__}")

    def validate(self, command: Validate) -> Validated:
        """All problems of these settings."""
        try:
            config = resolve(command.values, self._facts(command.values))
            devices.resolve(config.device)
        except ConfigError as error:
            return Validated(command.request, error.problems)
        return Validated(command.request, (), to_nested(config))

    def estimate(self, command: EstimateCost, job: Job) -> Event:
        """Measure what a run would take.

        Not while one trains, beside which all is slower; and only on data that are there already:
        nobody asked for a download.
        """
        data = self._shelf.peek(command.values)
        if data is None:
            raise TrainingError("The data are not loaded yet.")

        def check() -> None:
            job.check()
            if self._run is not None or self._starting:
                raise Cancelled

        check()
        session = Session(resolve(command.values, self._facts(command.values)), data)
        try:
            cost = measure(session, check)
        except torch.OutOfMemoryError as error:
            raise DeviceError(
                "One task does not fit into the memory of {device}.",
                device=str(session.device),
                hint="Lower the ways, queries, inner steps or filters.",
            ) from error
        return CostEstimated(command.request, cost.step_seconds, cost.seconds, cost.memory)

    def start_run(self, command: StartRun, job: Job) -> Event | None:
        """Make a run and train it in the background; None where it has answered already."""
        with _Claim(self):
            try:
                config = resolve(command.values)
                run = training.start(config, self._store, load=self._load, progress=job.progress)
            except ConfigError as error:
                return Validated(command.request, error.problems)
            self._train(command.request, run)
            return None

    def resume_run(self, command: ResumeRun, job: Job) -> Event | None:
        """Go on with a run from its last checkpoint."""
        with _Claim(self):
            run = training.resume(command.run, self._store, load=self._load, progress=job.progress)
            self._train(command.request, run)
            return None

    def control(self, command: ControlRun) -> bool:
        """Pass a wish to the run that trains here; False if it is another one."""
        run = self._run
        if run is None or run.run != command.run:
            return False
        run.ask(command.action)
        return True

    def adapt(self, command: Adapt, job: Job) -> Event:
        """Answer a drawing: with the latest weights of the run that trains, or with a saved
        run's."""
        # A drawing is too small to share: two cores wait for each other while a run trains on both.
        use_cores(1)
        session, step, state = self._models.weights(command.run, self._run, job.progress)
        return self._adapted.answer(session, step, state, command)

    def evaluate(self, command: Evaluate, job: Job) -> Event:
        """Score a run's best checkpoint."""
        opened = open_run(self._store, command.run, load=self._load, progress=job.progress)
        said: dict[str, Any] = {"progress": job.progress, "request": command.request}
        path = Path(command.tasks)
        if path.suffix == tasklist.SUFFIX:
            return evaluation.evaluate_list(opened, tasklist.load_tasks(path), **said)
        if command.tasks:
            return evaluation.evaluate_files(opened, oneshot.load_tasks(path), **said)
        if command.split == "train":
            raise ConfigError.of("split", "A run is scored on classes that it did not train on.")
        return evaluation.evaluate(
            opened, command.split, progress=job.progress, request=command.request
        )

    def close(self) -> None:
        """Stop the run after its step, with a checkpoint."""
        run, thread = self._run, self._thread
        if run is not None and thread is not None:
            run.ask("stop")
            thread.join(SAVE_SECONDS)

    def claim(self) -> None:
        """Take the one place for a run, or say who has it."""
        with self._lock:
            if self._run is not None or self._starting:
                name = f"Run {self._run.run}" if self._run else "Another run"
                raise TrainingError(
                    "{name} is training.",
                    name=name,
                    hint="One run trains at a time: stop it, or wait until it is done.",
                )
            self._starting = True

    def release(self) -> None:
        """The claim was used, or was in vain."""
        with self._lock:
            self._starting = False

    def _train(self, request: int, run: TrainingRun) -> None:
        self._run = run
        # Not a daemon: a run is saved before its process ends.
        self._thread = threading.Thread(target=self._execute, args=(run,), name="trainer")
        started = RunStarted(request, run.run)
        self._outbox.send(started)  # before its first progress
        self._thread.start()

    def _execute(self, run: TrainingRun) -> None:
        # Cores that share each operation wait for each other at its end: one that steps back keeps
        # all of them waiting, and training goes at a third of its speed beside one busy program.
        if task_per_core(run.session):
            _step_back()
        ended: list[Event] = []  # said last: whoever hears it may start the next run at once

        def tell(event: Event) -> None:
            if isinstance(event, RunEnded):
                ended.append(event)
            else:
                self._outbox.send(event)

        try:
            run.execute(tell)
        except WorkbenchError as error:
            tell(RunEnded(0, run.run, "failed", error.message, error.hint))
        except Exception as error:  # noqa: BLE001 - the edge: the worker lives on
            event = failed(0, error)
            tell(event)
            hint = "Resume goes on from its last checkpoint."
            tell(RunEnded(0, run.run, "failed", event.message, hint))
            self._on_fault(error)
        finally:
            self._models.keep(run)
            with self._lock:
                self._run = None
            for end in ended:
                self._outbox.send(end)

    def _load(self, config: Experiment, progress: Progress) -> Data:
        return self._shelf.get(_dataset_values(to_flat(config)), progress)

    def _facts(self, values: Mapping[str, Any]) -> DataFacts | None:
        data = self._shelf.peek(values)
        if not isinstance(data, ImageData):
            return None
        data = cast(ImageData, selected_of(Catalogue.load().complete(values), data))
        counts = {
            name: len(own) * (4 if data.turned(name) else 1) for name, own in data.splits.items()
        }
        return DataFacts(images_per_class=int(data.bank.counts.min()), classes=counts)


class _Claim:
    """Holds the place for a run while it is being made."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def __enter__(self) -> None:
        self._engine.claim()

    def __exit__(self, *exception: object) -> None:
        self._engine.release()


def _step_back() -> None:
    """Let the window and drawings go before this thread and those that it starts."""
    if sys.platform.startswith("linux"):  # elsewhere a nice value belongs to the whole process
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), POLITENESS)


def _dataset_values(flat: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in flat.items() if key.startswith("dataset.")}
