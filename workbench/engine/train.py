"""Training as a generator of events: window, command line and cluster differ only in who consumes
it.

A run is paused by not asking for the next event, stopped by closing the generator, and saved by
whoever receives a `Snapshot`. Time is counted only while the generator works.
"""

from __future__ import annotations

import math
import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass

import numpy as np
from torch import Tensor

from workbench.engine.checkpoint import Checkpoint
from workbench.engine.evaluate import Evaluation, evaluate, mean_metrics
from workbench.engine.mapping import TaskMap
from workbench.engine.outer import gradient_norm, make_optimizer, rate
from workbench.engine.session import Session
from workbench.errors import TrainingError
from workbench.functional import priorities
from workbench.functional.losses import accuracy
from workbench.functional.tasks import TaskThreads
from workbench.interfaces import State


@dataclass(frozen=True)
class Stepped:
    """One outer step is done. `row` is what the store keeps of it."""

    step: int
    row: dict[str, float]


@dataclass(frozen=True)
class Validating:
    """A validation is under way."""

    step: int
    done: int
    total: int


@dataclass(frozen=True)
class Validated:
    """A validation is done."""

    step: int
    evaluation: Evaluation
    best: bool
    row: dict[str, float]


@dataclass(frozen=True)
class Snapshot:
    """The run should be saved now."""

    checkpoint: Checkpoint
    best: bool


@dataclass(frozen=True)
class Finished:
    """Nothing is left to do. `reason` says why if it ended before its last step."""

    step: int
    reason: str


TrainEvent = Stepped | Validating | Validated | Snapshot | Finished


class Trainer:
    """The outer loop of one run.

    Args:
        session: the experiment.
        start: where to go on; None begins anew.
        columns: of the rows that the run already has: those of later steps have no others.

    Attributes:
        published: (step, state) of the last finished step. Neither is ever changed, so any thread
            may adapt from it.
        table: of the sampler after that step; never changed either. None where it keeps none.
    """

    def __init__(
        self, session: Session, start: Checkpoint | None = None, columns: tuple[str, ...] = ()
    ) -> None:
        self.session = session
        self.training = session.config.training
        self.validation = session.config.validation
        state = start.state if start else session.initial_state()
        # The optimiser changes its leaves in place; what is published are copies.
        self._leaves = {name: tensor.clone() for name, tensor in state.parameters.items()}
        self._optimizer = make_optimizer(self.training.optimizer, list(self._leaves.values()))
        self._step = start.step if start else 0
        self._seconds = start.seconds if start else 0.0
        self._best = (start.best_value, start.best_step) if start else (math.nan, -1)
        self._stale = start.stale if start else 0
        self._validated = start.validated if start else 0
        if start:
            self._optimizer.load_state_dict(start.optimizer)
        self.table = start.table if start and start.table else session.first_table()
        self.published: tuple[int, State] = (self._step, state)
        self._clock = 0.0
        self._names = columns

    @property
    def seconds(self) -> float:
        """Seconds of work so far; pauses do not count."""
        return self._seconds

    def checkpoint(self) -> Checkpoint:
        """The run as it stands between two steps."""
        step, state = self.published
        value, best_step = self._best
        return Checkpoint(
            step,
            state,
            self._optimizer.state_dict(),
            self._seconds,
            value,
            best_step,
            self._stale,
            self._validated,
            self.table,
        )

    def events(self) -> Iterator[TrainEvent]:
        """Train to the end.

        Raises:
            TrainingError: when the loss or the gradient is no longer a number.
        """
        with TaskMap(self.session) as tasks:
            for event in self._loop(tasks):
                self._seconds += time.perf_counter() - self._clock
                yield event
                self._clock = time.perf_counter()

    def _loop(self, tasks: TaskMap) -> Iterator[TrainEvent]:
        self._clock = time.perf_counter()
        while True:
            # A run that stopped between a step and its validation makes up for it when it goes on.
            best = False
            if self._due(self.validation.every) and self._validated < self._step:
                best = yield from self._validate(tasks.threads)
            stop = 0 < self.validation.patience <= self._stale
            if best or stop or self._due(self.validation.save_every):
                yield Snapshot(self.checkpoint(), best)
            if stop or self._step == self.training.steps:
                yield Finished(self._step, self._why() if stop else "")
                return
            yield Stepped(self._step + 1, self._train_step(tasks))

    def _why(self) -> str:
        return (
            f"No improvement in {self._stale} validations; the best was at step {self._best[1]:,}."
        )

    def _due(self, every: int) -> bool:
        return self._step > 0 and (self._step % every == 0 or self._step == self.training.steps)

    def _train_step(self, tasks: TaskMap) -> dict[str, float]:
        session, count = self.session, self.training.meta_batch
        _, state = self.published
        batch, drawn = session.draw("train", self._step, count, self.table)
        figures = self._figures()
        steps = session.algorithm.training_steps()
        noise = session.noise("train", self._step, batch, steps)
        results, update = tasks.update(state, batch, noise, drawn.weights.tolist())
        loss = sum(result.loss for result in results) / count
        norm = self._apply(update.gradient, loss)
        parameters = {name: leaf.clone() for name, leaf in self._leaves.items()}
        if self.table is not None:
            losses = np.array([result.loss for result in results])
            self.table = priorities.update(self.table, drawn.bins, losses)
        self._step += 1
        self.published = (self._step, State(parameters, update.buffers))
        right = [accuracy(r.scores, y) for r, y in zip(results, batch.query_y, strict=True)]
        return {
            "step": self._step,
            "tasks": self._step * count,
            "seconds": self._now(),
            "loss": loss,
            "accuracy": sum(right) / count,
            "outer_lr": self._optimizer.param_groups[0]["lr"],
            "grad_norm": norm,
            **self._named(mean_metrics([result.metrics for result in results])),
            **figures,
        }

    def _named(self, metrics: dict[str, float]) -> dict[str, float]:
        """The figures that the first step had: where shots vary, a later task can have more
        presentations, and the rows of a run have one set of columns."""
        self._names = self._names or tuple(metrics)
        return {name: metrics[name] for name in self._names if name in metrics}

    def _figures(self) -> dict[str, float]:
        """Of the table that the next step is drawn from."""
        if self.table is None:
            return {}
        return self.session.sampler.figures(self.table, self.session.progress(self._step))

    def _apply(self, gradient: dict[str, Tensor], loss: float) -> float:
        gradients = [gradient[name] for name in self._leaves]
        norm = gradient_norm(gradients)
        if not (math.isfinite(loss) and math.isfinite(norm)):
            what = "loss" if not math.isfinite(loss) else "gradient"
            raise TrainingError(
                "The {what} was no longer a number at step {step:,}.",
                what=what,
                step=self._step + 1,
                hint="Lower the inner or outer rate, or clip the gradient, and start again.",
            )
        limit = self.training.clip_norm
        scale = limit / norm if 0 < limit < norm else 1.0
        for group in self._optimizer.param_groups:
            group["lr"] = rate(
                self.training.schedule, self.training.optimizer.lr, self._step, self.training.steps
            )
        for leaf, one in zip(self._leaves.values(), gradients, strict=True):
            leaf.grad = one * scale if scale != 1.0 else one
        self._optimizer.step()
        return norm

    def _validate(self, threads: TaskThreads) -> Generator[TrainEvent, None, bool]:
        if not self.session.has_split("validation"):
            return False
        _, state = self.published
        total = self.validation.tasks
        running = evaluate(self.session, state, "validation", total, threads)
        while True:
            try:
                yield Validating(self._step, next(running), total)
            except StopIteration as stop:
                validated = self._judge(stop.value)
                yield validated
                return validated.best

    def _judge(self, evaluation: Evaluation) -> Validated:
        value = evaluation.inductive.value
        better = self._best[1] < 0 or (
            value > self._best[0]
            if self.session.spec.kind == "classification"
            else value < self._best[0]
        )
        self._best = (value, self._step) if better else self._best
        self._stale = 0 if better else self._stale + 1
        self._validated = self._step
        return Validated(self._step, evaluation, better, self._validation_row(evaluation))

    def _validation_row(self, evaluation: Evaluation) -> dict[str, float]:
        inductive, transductive = evaluation.inductive, evaluation.transductive
        trace = {
            f"trace_{step}": value
            for step, value in zip(evaluation.trace_steps, inductive.trace, strict=True)
        }
        return {
            "step": self._step,
            "tasks": self._step * self.training.meta_batch,
            "seconds": self._now(),
            "value": inductive.value,
            "interval": inductive.interval,
            "before": inductive.before,
            "loss": evaluation.loss,
            "transductive": transductive.value,
            "transductive_interval": transductive.interval,
            **trace,
            **evaluation.metrics,
        }

    def _now(self) -> float:
        return self._seconds + time.perf_counter() - self._clock
