"""Train a run: from settings to a folder in the store, whoever asked for it.

    training = start(resolve({"algorithm": "maml"}), store)
    ended = training.execute(print)

The window's worker and the command line consume the same events; both obey what is asked through
the store.
"""

from __future__ import annotations

import contextlib
import math
import queue
import time
from collections.abc import Callable
from typing import Literal, cast

from workbench.engine import checkpoint as checkpoints
from workbench.engine import device as devices
from workbench.engine.session import Session
from workbench.engine.train import (
    Finished,
    Snapshot,
    Stepped,
    Trainer,
    TrainEvent,
    Validated,
    Validating,
)
from workbench.errors import StoreError, WorkbenchError
from workbench.protocol import Event, Failed, RunEnded, RunProgress, RunValidated
from workbench.schema.experiment import Experiment
from workbench.services import recording
from workbench.services.experiment import to_nested
from workbench.services.runs import DataLoader, changes, environment, from_cache, session_of, silent
from workbench.sources import Progress
from workbench.store import Best, RunStatus, RunWriter, Store
from workbench.store import Progress as StoredProgress

Action = Literal["pause", "resume", "stop", "abort"]
OnEvent = Callable[[Event], None]

STATUS_SECONDS = 0.5  # between two looks of the status file at a run that trains
SPEED_MEMORY = 0.9  # of the running average of tasks per second


class TrainingRun:
    """One run while it trains.

    Args:
        trainer: at the step to go on from.
        writer: of the run's folder; closed at the end.

    Attributes:
        run: its id.
        trainer: `trainer.published` is the latest (step, state), for whoever wants to adapt
            meanwhile.
    """

    def __init__(self, trainer: Trainer, writer: RunWriter) -> None:
        self.run = writer.run
        self.trainer = trainer
        self.session: Session = trainer.session
        self._writer = writer
        self._table = recording.TableKeeper(writer, trainer)
        self._asked: queue.SimpleQueue[Action] = queue.SimpleQueue()
        self._best: Best | None = None
        self._last: Best | None = None
        self._unsaved: StoreError | None = None  # why the last checkpoint is not on the disk
        self._written = 0.0
        self._speed = math.nan
        self._moment = (0, 0.0)

    def ask(self, action: Action) -> None:
        """Pause, resume, stop with a checkpoint, or abort without one; from any thread."""
        self._asked.put(action)

    def note_resumed(self, step: int, different: str) -> None:
        """Note that the run goes on from `step`, and why its bits may differ, if they may."""
        note = f"Bits may differ: {different}." if different else ""
        self._writer.event("resumed", step=step, note=note)

    def execute(self, on_event: OnEvent) -> RunEnded:
        """Train to the end, or to a stop; the run's folder says how it ended, too.

        A loss that is no longer a number, a full disk and a lost device end the run as failed; so
        does a last checkpoint that could not be saved: a run that is done has its weights.
        """
        with self._writer:
            try:
                ended = self._consume(on_event)
            except WorkbenchError as error:
                ended = RunEnded(0, self.run, "failed", error.message, error.hint)
            self._finish(ended)
        on_event(ended)
        return ended

    def _consume(self, on_event: OnEvent) -> RunEnded:
        self._writer.status(RunStatus.RUNNING, **self._progress())
        self._table.begin()
        self._moment = (self.trainer.published[0], self.trainer.seconds)
        for event in self.trainer.events():
            if isinstance(event, Finished):
                self._insist_on_weights()
                return RunEnded(0, self.run, "done", event.reason)
            self._keep(event, on_event)
            if (ended := self._obey(on_event)) is not None:
                return ended
        raise AssertionError("a trainer ends with Finished")

    def _keep(self, event: TrainEvent, on_event: OnEvent) -> None:
        match event:
            case Stepped():
                self._writer.record("train", event.row)
                self._table.keep()
                self._measure_speed(event)
                self._tell(on_event, "training", event.row["loss"], event.row["accuracy"])
            case Validating():
                self._tell(on_event, "validating", math.nan, math.nan)
            case Validated():
                self._validated(event, on_event)
            case Snapshot():
                self._save(event.checkpoint, event.best, on_event)

    def _validated(self, event: Validated, on_event: OnEvent) -> None:
        score = event.evaluation.inductive
        metric = "accuracy" if self.session.spec.kind == "classification" else "mse"
        self._last = Best(event.step, score.value, score.interval, metric)
        if event.best:
            self._best = self._last
        # Before the row of the validation: who sees that one finds these.
        recording.write_inner(self._writer, event)
        recording.write_rates(self._writer, self.trainer)
        self._table.keep(now=True)
        self._writer.record("validation", event.row)
        self._writer.event(
            "validation",
            step=event.step,
            value=score.value,
            interval=score.interval,
            best=event.best,
        )
        on_event(
            RunValidated(
                0,
                self.run,
                event.step,
                score.value,
                score.interval,
                score.before,
                event.best,
                score.trace,
            )
        )

    def _save(self, checkpoint: checkpoints.Checkpoint, best: bool, on_event: OnEvent) -> None:
        self._write_status(RunStatus.RUNNING)
        self._table.keep(now=True)
        try:
            self._writer.checkpoint(checkpoint.step, checkpoint.write, best=best)
            self._writer.event("checkpoint", step=checkpoint.step, best=best)
            self._unsaved = None
        except StoreError as error:
            # The earlier checkpoint is still whole: losing one is no reason to lose the run.
            self._unsaved = error
            on_event(Failed(0, error.message, error.hint))

    def _insist_on_weights(self) -> None:
        if self._unsaved is not None:
            raise self._unsaved

    def _obey(self, on_event: OnEvent) -> RunEnded | None:
        paused = False
        while True:
            action = self._next_action(wait=paused)
            if action in ("stop", "abort"):
                return self._stop(cast(Action, action), on_event)
            if action == "pause" and not paused:
                paused = True
                self._save(self.trainer.checkpoint(), False, on_event)
                self._write_status(RunStatus.PAUSED)
                self._tell(on_event, "paused", math.nan, math.nan)
            elif action == "resume" and paused:
                self._write_status(RunStatus.RUNNING)
                return None
            elif not paused and action is None:
                return None

    def _next_action(self, wait: bool) -> str | None:
        for request in self._writer.requests():
            self._asked.put(cast(Action, request))
        try:
            # A paused run looks into the store four times a second; a training one after every
            # step.
            return self._asked.get(block=wait, timeout=0.25 if wait else None)
        except queue.Empty:
            return None

    def _stop(self, action: Action, on_event: OnEvent) -> RunEnded:
        step = self.trainer.published[0]
        if action == "stop":
            self._save(self.trainer.checkpoint(), False, on_event)
            self._insist_on_weights()
            return RunEnded(0, self.run, "stopped", f"Stopped after step {step:,}.")
        return RunEnded(
            0, self.run, "stopped", f"Aborted at step {step:,}; its last checkpoint is kept."
        )

    def _finish(self, ended: RunEnded) -> None:
        status = {"done": RunStatus.DONE, "stopped": RunStatus.STOPPED, "failed": RunStatus.FAILED}
        # The status first: it can be written even to a full disk.
        self._writer.status(status[ended.status], ended.reason, ended.hint, **self._progress())
        with contextlib.suppress(StoreError):
            self._writer.event("ended", status=ended.status, reason=ended.reason)

    def _measure_speed(self, event: Stepped) -> None:
        step, seconds = self._moment
        tasks = (event.step - step) * self.session.config.training.meta_batch
        elapsed = event.row["seconds"] - seconds
        now = tasks / elapsed if elapsed > 0 else math.nan
        self._moment = (event.step, event.row["seconds"])
        known = math.isfinite(self._speed)
        self._speed = SPEED_MEMORY * self._speed + (1 - SPEED_MEMORY) * now if known else now

    def _tell(
        self,
        on_event: OnEvent,
        phase: Literal["training", "validating", "paused"],
        loss: float,
        accuracy: float,
    ) -> None:
        training, step = self.session.config.training, self.trainer.published[0]
        left = (
            (training.steps - step) * training.meta_batch / self._speed if self._speed else math.nan
        )
        tasks, seconds = step * training.meta_batch, self.trainer.seconds
        on_event(
            RunProgress(
                0,
                self.run,
                phase,
                step,
                training.steps,
                tasks,
                seconds,
                left,
                self._speed,
                loss,
                accuracy,
            )
        )
        if phase != "paused" and time.monotonic() - self._written >= STATUS_SECONDS:
            self._write_status(RunStatus.RUNNING)

    def _write_status(self, status: RunStatus) -> None:
        self._written = time.monotonic()
        self._writer.status(status, **self._progress())

    def _progress(self) -> StoredProgress:
        training, step = self.session.config.training, self.trainer.published[0]
        progress: StoredProgress = {
            "step": step,
            "steps": training.steps,
            "tasks": step * training.meta_batch,
            "duration_s": self.trainer.seconds,
        }
        if self._best is not None:
            progress["best"] = self._best
        if self._last is not None:
            progress["last"] = self._last
        return progress


def start(
    config: Experiment,
    store: Store,
    *,
    load: DataLoader = from_cache,
    progress: Progress = silent,
    look: Callable[[Session], None] = lambda _: None,
) -> TrainingRun:
    """Make a new run of a validated experiment.

    Args:
        look: at what will be trained, before the run's folder is made; may raise.

    Raises:
        ConfigError, DataError: nothing was made.
        StoreError: the run's folder cannot be made.
    """
    devices.resolve(config.device)  # a wrong device is said before minutes of loading
    session = Session(config, load(config, progress))
    trainer = Trainer(session)
    look(session)
    return TrainingRun(trainer, store.create(to_nested(config), environment(session)))


def resume(
    run: str, store: Store, *, load: DataLoader = from_cache, progress: Progress = silent
) -> TrainingRun:
    """Go on with a run from its last checkpoint, or from its start if it never saved one.

    Raises:
        StoreError: there is no such run, it trains already, or its checkpoint is damaged.
    """
    reader = store.open(run)
    session = session_of(reader, load=load, progress=progress)
    saved = reader.summary().checkpoint_step is not None
    checkpoint = checkpoints.read(reader.checkpoint("last"), session.device) if saved else None
    columns = reader.columns("train") if saved else ()
    training = TrainingRun(Trainer(session, checkpoint, columns), store.resume(reader.run))
    different = changes(reader.environment, environment(session))
    training.note_resumed(checkpoint.step if checkpoint else 0, different)
    return training
