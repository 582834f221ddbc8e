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

from workbench.engine.evaluate import modes, trace_steps
from workbench.engine.seeding import generator
from workbench.engine.session import Session, to_float
from workbench.errors import DataError
from workbench.functional.learners import GradientLearner, HeadLearner, WeighingLearner
from workbench.interfaces import Learner, State
from workbench.protocol import Adapt, Adapted, Floats, Images
from workbench.task import Support


def adapt(session: Session, step: int, state: State, command: Adapt) -> Adapted:
    """Answer a drawing with the given weights, always inductively.

    Args:
        step: outer step that `state` comes from.
        command: support and queries; images uint8 of the model's own size, numbers float32.

    Raises:
        DataError: the examples do not fit the model, or there are more classes than it can name.
    """
    started = time.perf_counter()
    support, query_x = _examples(session, command)
    random = generator(session.config.training.seed, "preview")
    noise = {
        name: tensor.to(session.device)
        for name, tensor in session.algorithm.noise(random, len(support.x), command.steps).items()
    }
    with torch.no_grad():
        learner = session.algorithm.adapt(state, support, noise, command.steps)
        found = _answer(session, step, learner, support, query_x, command)
        rates = _rates(session.algorithm.inner_rates(state))
    return replace(found, rates=rates, milliseconds=1000 * (time.perf_counter() - started))


def _answer(
    session: Session,
    step: int,
    learner: Learner,
    support: Support[Tensor],
    query_x: Tensor,
    command: Adapt,
) -> Adapted:
    inductive, _ = modes(session)
    steps = trace_steps(learner.steps)
    marked = bool(learner.steps and support.n_way)
    # Inductively each image is answered alone, so one pass can answer both.
    x = torch.cat([query_x, support.x]) if marked else query_x
    scores = torch.stack([learner.scores(x, at, inductive) for at in steps])
    asked, own = scores[:, : len(query_x)], scores[:, len(query_x) :]
    right = (own.argmax(-1) == support.y).float().mean(-1) if marked else None
    losses = learner.support_losses or (float("nan"),)
    embedding = learner.embed(torch.cat([support.x, query_x]))
    return Adapted(
        request=command.request,
        run=command.run,
        step=step,
        steps=steps,
        answers=_numpy(asked.softmax(-1) if support.n_way else asked),
        support_loss=np.array([losses[at] for at in steps], np.float32),
        embedding=_numpy(embedding),
        normalisation=inductive,
        milliseconds=0.0,
        support_right=None if right is None else _numpy(right),
        moved=_moved(learner, steps),
        weights=_numpy(learner.support_weights) if isinstance(learner, WeighingLearner) else None,
    )


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


def _examples(session: Session, command: Adapt) -> tuple[Support[Tensor], Tensor]:
    shape = session.spec.input_shape
    command = _in_colours(command, shape)
    for name, examples in (("support", command.support_x), ("query", command.query_x)):
        if tuple(examples.shape[1:]) != shape:
            raise DataError(
                "The {name} examples are {given}; this model was trained on {wanted}.",
                name=name,
                given="×".join(map(str, examples.shape[1:])),
                wanted="×".join(map(str, shape)),
                hint="Use a run that was trained on such data.",
            )
    if len(command.support_x) == 0:
        raise DataError("There is nothing to learn from yet.", hint="Draw at least one example.")
    x, query_x = _tensor(session, command.support_x), _tensor(session, command.query_x)
    if session.spec.kind == "regression":
        return Support(x, _tensor(session, command.support_y), 0), query_x
    y = np.asarray(command.support_y, np.int64)
    return Support(x, torch.from_numpy(y).to(session.device), _ways(session, y)), query_x


def _in_colours(command: Adapt, shape: tuple[int, ...]) -> Adapt:
    """Grey images, as drawings are, for a model of coloured ones: each colour is the grey."""
    if len(shape) != 3 or shape[0] == 1:
        return command

    def coloured(x: Images | Floats) -> Images | Floats:
        return x.repeat(shape[0], axis=1) if x.ndim == 4 and x.shape[1] == 1 else x

    return replace(
        command, support_x=coloured(command.support_x), query_x=coloured(command.query_x)
    )


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


def _tensor(session: Session, values: NDArray[Any]) -> Tensor:
    tensor = torch.from_numpy(np.ascontiguousarray(values)).to(session.device)
    return to_float(tensor) if tensor.dtype == torch.uint8 else tensor.to(torch.float32)


def _numpy(tensor: Tensor) -> NDArray[np.float32]:
    return tensor.float().cpu().numpy()
