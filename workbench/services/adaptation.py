"""Adapt a model to a person's own examples and answer their questions, step by step of the inner
loop."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from workbench.engine.evaluate import mode_name, modes, trace_steps
from workbench.engine.seeding import generator
from workbench.engine.session import Session, to_float
from workbench.errors import DataError
from workbench.functional.learners import GradientLearner, HeadLearner, WeighingLearner
from workbench.interfaces import Learner, State
from workbench.protocol import Adapt, Adapted, Floats, Images
from workbench.schema.experiment import NormMode
from workbench.task import Support, TaskSpec

KEPT = 5
"""The Draw page asks as many in turn: a run, the same untrained, and three others."""

MOST = 2**26
"""Numbers in the models that are kept, 256 MiB in all: one of 112,000 weights takes 3 after five
steps."""


def adapt(session: Session, step: int, state: State, command: Adapt) -> Adapted:
    """Answer a drawing with the given weights, always inductively.

    Args:
        step: outer step that `state` comes from.
        command: support and queries; images uint8 of the model's own size, numbers float32.

    Raises:
        DataError: the examples do not fit the model, or there are more classes than it can name.
    """
    return AdaptedModels().answer(session, step, state, command)


class AdaptedModels:
    """Answers drawings; while weights and examples stay as they are, none is adapted anew.

    Used by one thread.
    """

    def __init__(self) -> None:
        self._kept: list[AdaptedModel] = []  # the last used one last

    def answer(self, session: Session, step: int, state: State, command: Adapt) -> Adapted:
        """As `adapt`."""
        started = time.perf_counter()
        model = next((one for one in self._kept if one.learned(state, command)), None)
        saved = 0.0
        if model is None:
            model = AdaptedModel(session, step, state, command)
        else:
            self._kept.remove(model)
            saved = model.milliseconds
        self._kept.append(model)
        while len(self._kept) > KEPT or sum(one.size for one in self._kept) > MOST:
            del self._kept[0]
        found = model.answer(command)
        return replace(found, milliseconds=1000 * (time.perf_counter() - started), saved=saved)


class AdaptedModel:
    """A model that has learned the support set of a command, to be asked as often as one likes.

    Attributes:
        milliseconds: that learning took.

    Raises:
        DataError: the support set does not fit the model, or has more classes than it can name.
    """

    def __init__(self, session: Session, step: int, state: State, command: Adapt) -> None:
        started = time.perf_counter()
        # Not the session, whose pictures would stay in memory.
        self._spec, self._device = session.spec, session.device
        self._step, self._state, self._taught = step, state, command
        self._norm, _ = modes(session)
        self._named = mode_name(session, self._norm)
        support = self._support = _support(session, command)
        random = generator(session.config.training.seed, "preview")
        noise = {
            name: tensor.to(session.device)
            for name, tensor in session.algorithm.noise(
                random, len(support.x), command.steps
            ).items()
        }
        with torch.no_grad():
            learner = session.algorithm.adapt(state, support, noise, command.steps)
            self._steps = trace_steps(learner.steps)
            self._asked = self._norm
            if self._norm == "support" and isinstance(learner, GradientLearner):
                learner, self._asked = learner.settled(self._steps), "per_step"
            self._learner = learner
            self._embedding = self._learner.embed(support.x)
            losses = learner.support_losses or (float("nan"),)
            self._losses = np.array([losses[at] for at in self._steps], np.float32)
            self._right = self._own_answers_right()
            self._moved = _moved(learner, self._steps)
            self._rates = _rates(session.algorithm.inner_rates(state))
        self.milliseconds = 1000 * (time.perf_counter() - started)

    @property
    def size(self) -> int:
        """Numbers in the weights before and after each inner step: what it costs to keep this."""
        learner, state = self._learner, self._state
        moved = learner.trace.parameters if isinstance(learner, GradientLearner) else ()
        all_of_them = (state.parameters, state.buffers, *moved)
        return sum({id(x): x.numel() for some in all_of_them for x in some.values()}.values())

    def learned(self, state: State, command: Adapt) -> bool:
        """Whether this is what `command` would be answered by."""
        own = self._taught
        return (
            self._state is state
            and (own.run, own.steps) == (command.run, command.steps)
            and np.array_equal(own.support_y, command.support_y)
            and np.array_equal(own.support_x, command.support_x)
        )

    def answer(self, command: Adapt) -> Adapted:
        """Answer the queries of a command, timed by whoever asks.

        Raises:
            DataError: they do not fit the model.
        """
        learner, classes = self._learner, self._support.n_way
        query_x = _examples(self._spec, self._device, "query", command.query_x)
        with torch.no_grad():
            found = torch.stack([learner.scores(query_x, at, self._asked) for at in self._steps])
            embedding = torch.cat([self._embedding, learner.embed(query_x)])
        weights = learner.support_weights if isinstance(learner, WeighingLearner) else None
        return Adapted(
            request=command.request,
            run=command.run,
            step=self._step,
            steps=self._steps,
            answers=_numpy(found.softmax(-1) if classes else found),
            support_loss=self._losses,
            embedding=_numpy(embedding),
            normalisation=self._named,
            milliseconds=0.0,
            support_right=self._right,
            moved=self._moved,
            rates=self._rates,
            weights=None if weights is None else _numpy(weights),
        )

    def _own_answers_right(self) -> Floats | None:
        """Of the support set, step by step, normalised as in the inner loop."""
        learner, support = self._learner, self._support
        if not learner.steps or not support.n_way:
            return None
        norm: NormMode = "running" if self._norm == "running" else "query_batch"
        found = torch.stack([learner.scores(support.x, at, norm) for at in self._steps])
        return _numpy((found.argmax(-1) == support.y).float().mean(-1))


def _moved(learner: Learner, steps: Sequence[int]) -> dict[str, Floats]:
    """How far head and body are from their start, each as a share of its length there."""
    if not isinstance(learner, GradientLearner) or len(steps) < 2:
        return {}
    start, found = learner.weights(0), {}
    if isinstance(learner, HeadLearner):
        heads = set(learner.trace.parameters[0])  # whatever a method calls them
    else:
        heads = {name for name in start if _part(name) == "head"}
    for part, names in (("head", heads), ("body", start.keys() - heads)):
        length = _length([start[name] for name in names])
        apart = [
            _length([learner.weights(at)[name] - start[name] for name in names]) for at in steps
        ]
        found[part] = np.array(apart, np.float32) / (length or np.nan)
    return found


def _rates(learned: Mapping[str, Tensor]) -> dict[str, tuple[float, float, float]]:
    """Lowest, mean and highest of each part."""
    parts: dict[str, list[Tensor]] = {}
    for name, rate in learned.items():
        part = _part(name) if "." in name else name
        parts.setdefault(part, []).append(rate.detach().flatten())
    joined = {part: torch.cat(rates) for part, rates in parts.items()}
    return {
        part: (float(rates.min()), float(rates.mean()), float(rates.max()))
        for part, rates in joined.items()
    }


def _part(weight: str) -> str:
    return "head" if weight.startswith("head.") else "body"


def _length(tensors: Sequence[Tensor]) -> float:
    return math.sqrt(sum(float(tensor.double().square().sum()) for tensor in tensors))


def _support(session: Session, command: Adapt) -> Support[Tensor]:
    x = _examples(session.spec, session.device, "support", command.support_x)
    if len(x) == 0:
        raise DataError("There is nothing to learn from yet.", hint="Draw at least one example.")
    if session.spec.kind == "regression":
        return Support(x, _tensor(session.device, command.support_y), 0)
    y = np.asarray(command.support_y, np.int64)
    return Support(x, torch.from_numpy(y).to(session.device), _ways(session, y))


def _examples(spec: TaskSpec, device: torch.device, name: str, given: Images | Floats) -> Tensor:
    shape = spec.input_shape
    examples = _in_colours(given, shape)
    if tuple(examples.shape[1:]) != shape:
        raise DataError(
            "The {name} examples are {given}; this model was trained on {wanted}.",
            name=name,
            given="×".join(map(str, examples.shape[1:])),
            wanted="×".join(map(str, shape)),
            hint="Use a run that was trained on such data.",
        )
    return _tensor(device, examples)


def _in_colours(x: Images | Floats, shape: tuple[int, ...]) -> Images | Floats:
    """Grey images, as drawings are, for a model of coloured ones: each colour is the grey."""
    grey = x.ndim == 4 and x.shape[1] == 1
    return x.repeat(shape[0], axis=1) if grey and len(shape) == 3 and shape[0] > 1 else x


def _ways(session: Session, y: NDArray[np.int64]) -> int:
    ways = int(y.max()) + 1
    empty = sorted(set(range(ways)) - set(y.tolist()))
    if empty or y.min() < 0:
        raise DataError(
            "Class {number} has no example.",
            number=empty[0] + 1 if empty else int(y.min()),
            hint="Draw one, or remove the class.",
        )
    if ways > session.spec.outputs and not session.algorithm.traits.any_way:
        raise DataError(
            "This model can tell {can} classes apart; there are {ways}.",
            can=session.spec.outputs,
            ways=ways,
            hint="Remove {more}, or choose a run with more ways; a metric-based one takes any.",
            more=ways - session.spec.outputs,
        )
    return ways


def _tensor(device: torch.device, values: NDArray[Any]) -> Tensor:
    tensor = torch.from_numpy(np.ascontiguousarray(values)).to(device)
    return to_float(tensor) if tensor.dtype == torch.uint8 else tensor.to(torch.float32)


def _numpy(tensor: Tensor) -> NDArray[np.float32]:
    return tensor.float().cpu().numpy()
