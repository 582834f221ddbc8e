"""What a run will take, measured on its own first tasks before it starts."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from workbench.engine.mapping import TaskMap, strategy
from workbench.engine.session import Session
from workbench.engine.train import Stepped, Trainer, Validated

Check = Callable[[], None]  # may raise Cancelled


@dataclass(frozen=True)
class Cost:
    """Of a run that has the machine to itself.

    Attributes:
        step_seconds: of one step.
        validation_seconds: of one validation; 0 where there is nothing to validate on.
        seconds: of the whole run.
        memory: bytes at the peak: what the tasks under way keep for their backward passes, weights
            and optimiser. The images are not counted.
    """

    step_seconds: float
    validation_seconds: float
    seconds: float
    memory: int


def measure(session: Session, check: Check) -> Cost:
    """Train two steps with as many tasks as are computed at a time, and validate on as many.

    Args:
        session: whose run; it is as it was afterwards.
        check: called between the parts, each of which takes about as long as a task.

    Raises:
        torch.OutOfMemoryError: not even one task fits the device.
    """
    training, validation = session.config.training, session.config.validation
    at_once = _at_once(session)
    short = _shortened(session, at_once)  # for all parts: each session has a stock of images
    graph = _graph_of_a_task(short)
    check()
    seconds: dict[type, float] = {}
    began = time.perf_counter()
    for event in Trainer(short).events():
        if isinstance(event, Stepped | Validated):  # the second step counts: it finds all warm
            seconds[type(event)] = time.perf_counter() - began
            began = time.perf_counter()
        check()
    step = seconds[Stepped] * training.meta_batch / at_once
    each = seconds.get(Validated, 0.0) * validation.tasks / at_once
    rounds = -(-training.steps // validation.every)
    weights = sum(_bytes(tensor) for tensor in session.initial_state().parameters.values())
    return Cost(step, each, training.steps * step + rounds * each, graph * at_once + 4 * weights)


def _at_once(session: Session) -> int:
    """Tasks whose graphs are kept at the same time."""
    batch: int = session.config.training.meta_batch
    folded = strategy(session) == "folded"
    return batch if folded else min(batch, TaskMap(session).threads.count)


def _shortened(session: Session, tasks: int) -> Session:
    """The same experiment, two steps and one validation long."""
    config = session.config
    training = config.training.model_copy(update={"steps": 2, "meta_batch": tasks})
    validation = config.validation.model_copy(
        update={"every": 2, "save_every": 2, "tasks": tasks, "patience": 0}
    )
    short = config.model_copy(update={"training": training, "validation": validation})
    return Session(short, session.data, threads=session.threads)


def _graph_of_a_task(session: Session) -> int:
    """Bytes that one task keeps at its peak for the backward pass, at the start of a run or at its
    end: what is annealed may need more at either."""
    state = session.initial_state()
    batch = session.tasks("train", 0, 1)
    noise = session.noise("train", 0, batch, session.algorithm.training_steps())[0]
    peaks = []
    for done in (0.0, 1.0):
        at = {**noise, "progress": torch.tensor(done, device=session.device)}
        with metered() as meter:
            session.algorithm.on_task(at).task_gradient(state, next(iter(batch)), at)
        peaks.append(meter.peak)
    return max(peaks)


class GraphMeter:
    """Counts the bytes that graphs keep.

    Attributes:
        now: bytes kept at this moment; a storage that several nodes keep counts once.
        peak: the most that were kept at one moment.
    """

    def __init__(self) -> None:
        self.now = self.peak = 0
        self._holders: dict[int, int] = {}  # nodes that keep a storage, by its address

    def keep(self, tensor: Tensor) -> _Kept:
        """What a node keeps in place of a tensor."""
        storage = tensor.untyped_storage()
        place = storage.data_ptr()
        if self._holders.setdefault(place, 0) == 0:
            self.now += storage.nbytes()
            self.peak = max(self.peak, self.now)
        self._holders[place] += 1
        # A node that kept its own output would keep itself alive.
        return _Kept(tensor.detach(), lambda: self._drop(place, storage.nbytes()))

    def _drop(self, place: int, size: int) -> None:
        self._holders[place] -= 1
        if not self._holders[place]:
            self.now -= size


class _Kept:
    def __init__(self, tensor: Tensor, dropped: Callable[[], None]) -> None:
        self.tensor = tensor
        self._dropped = dropped

    def __del__(self) -> None:
        self._dropped()


@contextmanager
def metered() -> Iterator[GraphMeter]:
    """Meter the graphs that this thread builds meanwhile."""
    meter = GraphMeter()

    def unpack(kept: Any) -> Tensor:
        tensor: Tensor = kept.tensor
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(meter.keep, unpack):
        yield meter


def _bytes(tensor: Tensor) -> int:
    return tensor.numel() * tensor.element_size()
