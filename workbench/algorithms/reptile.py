"""Reptile.

Nichol, Achiam, Schulman. On First-Order Meta-Learning Algorithms. 2018.
https://arxiv.org/abs/1803.02999

    W     = k steps of Adam (beta1 = 0) or SGD on minibatches of the task, from theta        (1)
    theta <- theta + epsilon mean(W - theta)                                                 (2)

(2) is the outer optimiser: theta - W is handed on as the gradient, and SGD with rate epsilon,
falling to 0, is recommended. Differences from the paper: minibatches walk through fresh
permutations of the support set; Adam's moments start anew in every task.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar, Literal

import numpy as np
import torch
from torch import Tensor

from workbench.descending import Descending
from workbench.errors import ConfigError
from workbench.functional.inner import OUTER, Tensors, Trace, value_and_gradient
from workbench.functional.learners import GradientLearner
from workbench.functional.losses import task_loss
from workbench.interfaces import (
    ALGORITHMS,
    Noise,
    Paper,
    Random,
    State,
    TaskResult,
    Traits,
)
from workbench.schema.config import Config as BaseConfig
from workbench.schema.config import setting
from workbench.schema.inner_loop import GROUP, inner_lr, inner_steps, inner_steps_eval
from workbench.task import Support, Task

BETA2, EPSILON = 0.999, 1e-8


class Config(BaseConfig):
    """Settings of Reptile."""

    name: Literal["reptile"] = "reptile"
    inner_optimizer: Literal["adam", "sgd"] = setting(
        "adam",
        choices={"adam": "Adam, β₁ = 0", "sgd": "SGD"},
        label="Inner optimiser",
        group=GROUP,
        help="How the weights move on one task.",
    )
    inner_lr: float = inner_lr(5e-3, suggest=(1e-4, 0.1))
    inner_steps: int = inner_steps(5, le=200, suggest=(3, 20))
    inner_steps_eval: int = inner_steps_eval(50, le=1000, suggest=(5, 100))
    inner_batch: int = setting(
        10,
        ge=1,
        le=1000,
        suggest=(5, 20),
        label="Minibatch",
        unit="support examples per step",
        group=GROUP,
        help="Examples of the support set used in one step; all of them if it has fewer.",
    )


@ALGORITHMS.register(Config)
class Reptile(Descending):
    """Moves the starting point towards where training on each task ends."""

    title = "Reptile"
    family = "Gradient-based"
    summary = (
        "Trains on each task for a few steps and moves the starting point towards where it ended."
    )
    choose_when = (
        "You want MAML's flexibility without second-order gradients, and have time for many cheap "
        "steps."
    )
    paper = Paper("Nichol et al., 2018", 2018, "https://arxiv.org/abs/1803.02999")
    traits = Traits(kinds=("classification", "regression"), order_invariant=False)
    recommended: ClassVar[Mapping[str, Any]] = {
        "training.optimizer.name": "sgd",
        "training.optimizer.lr": 1.0,
        "training.schedule.name": "linear",
        "training.meta_batch": 5,
        "training.k_shot": 10,
        "training.queries": 5,
        # In training the queries only tell how it goes; each beside a whole support set would take
        # most of the time.
        "norm.train": "support",
        "norm.eval": "support_plus_one",
    }
    config: Config

    def init(self, random: Random) -> State:
        state = super().init(random)
        if any(name.startswith(OUTER) for name in state.parameters):
            raise ConfigError.of(
                "backbone.dropout.name",
                "Reptile has no gradient of the queries, so it cannot learn how much noise helps.",
                "Choose noise that is given, or another method.",
                "learned",
            )
        return state

    def noise(self, random: Random, support_size: int, steps: int | None = None) -> Noise:
        count = self.count(steps)
        batch = min(self.config.inner_batch, support_size)
        rounds = -(-count * batch // support_size)
        order = np.concatenate([random.permutation(support_size) for _ in range(max(rounds, 1))])
        return {"minibatches": torch.from_numpy(order[: count * batch].reshape(count, batch))}

    def adapt(
        self, state: State, support: Support[Tensor], noise: Noise, steps: int | None = None
    ) -> GradientLearner:
        optimiser = _Adam if self.config.inner_optimizer == "adam" else _Sgd
        step = optimiser(self.config.inner_lr)
        trace, losses = [state.parameters], []
        for chosen in noise["minibatches"][: self.count(steps)]:
            minibatch = replace(support, x=support.x[chosen], y=support.y[chosen])
            loss, gradient = value_and_gradient(self.support_loss(minibatch), trace[-1], False)
            losses.append(loss)
            trace.append(step(trace[-1], gradient))  # (1)
        return self.learner(Trace(tuple(trace), tuple(losses)), support)

    def task_gradient(self, state: State, task: Task[Tensor], noise: Noise) -> TaskResult:
        learner = self.adapt(state, task.support, noise, self.config.inner_steps)
        reached = learner.trace.parameters[-1]
        gradient = {k: v - reached[k] for k, v in state.parameters.items()}  # (2)
        with torch.no_grad():
            scores = learner.scores(task.query_x, norm=self.norm.train)
            loss = float(task_loss(scores, task.query_y))
        return TaskResult(gradient, loss, scores)


class _Adam:
    """Adam with beta1 = 0: each step is the gradient over the root of its bias-corrected second
    moment."""

    def __init__(self, rate: float) -> None:
        self.rate = rate
        self.count = 0
        self.second: Tensors = {}

    def __call__(self, parameters: Tensors, gradient: Tensors) -> Tensors:
        self.count += 1
        correction = 1 - BETA2**self.count
        moved: Tensors = {}
        with torch.no_grad():
            for name, g in gradient.items():
                old = self.second.get(name)
                self.second[name] = (
                    (1 - BETA2) * g * g if old is None else BETA2 * old + (1 - BETA2) * g * g
                )
                scale = (self.second[name] / correction).sqrt_().add_(EPSILON)
                moved[name] = parameters[name] - self.rate * g / scale
        return moved


class _Sgd:
    """Each step is the gradient."""

    def __init__(self, rate: float) -> None:
        self.rate = rate

    def __call__(self, parameters: Tensors, gradient: Tensors) -> Tensors:
        with torch.no_grad():
            return {name: value - self.rate * gradient[name] for name, value in parameters.items()}
