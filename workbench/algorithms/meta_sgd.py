"""Meta-SGD.

Li, Zhou, Chen, Li. Meta-SGD: Learning to Learn Quickly for Few-Shot Learning. 2017.
https://arxiv.org/abs/1707.09835

    theta'_i       = theta - alpha * grad L_support_i(theta)     alpha: one rate per weight    (1)
    (theta, alpha) <- (theta, alpha) - beta grad sum_i L_query_i(theta'_i)                     (2)

A rate is a parameter like any other, `rate.<weight>`: in the outer optimiser, in its clipping and
in the checkpoint. It may become negative: it learns the direction of a step with its length.

First-order Meta-SGD takes the gradient in (1) for a constant; what is left of d theta' / d alpha is
minus that constant, so the rates learn as before.
Differences from the paper: the outer gradient is a mean over tasks, not a sum; the range of the
first rates is a setting; more inner steps than one share one set of rates.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import torch
from torch import Tensor

from workbench.descending import Descending
from workbench.errors import ConfigError
from workbench.functional.inner import OUTER, Tensors, gradient_steps, under
from workbench.functional.learners import GradientLearner
from workbench.interfaces import (
    ALGORITHMS,
    Backbone,
    Noise,
    Paper,
    Random,
    State,
    Traits,
)
from workbench.schema.config import Config as BaseConfig
from workbench.schema.config import setting
from workbench.schema.experiment import NormConfig
from workbench.schema.inner_loop import GROUP, inner_steps, inner_steps_eval, second_order
from workbench.task import Support, TaskSpec

RATE = "rate."  # before the name of the weight that it moves


class Config(BaseConfig):
    """Settings of Meta-SGD."""

    name: Literal["meta_sgd"] = "meta_sgd"
    lowest_rate: float = setting(
        0.005,
        gt=0,
        le=10,
        suggest=(1e-3, 0.1),
        label="First rates from",
        symbol="α",
        unit="per step",
        group=GROUP,
        help="The smallest rate that a weight may begin with; training then learns each one.",
    )
    highest_rate: float = setting(
        0.1,
        gt=0,
        le=10,
        suggest=(0.01, 0.5),
        label="First rates to",
        symbol="α",
        unit="per step",
        group=GROUP,
        help="The largest rate that a weight may begin with.",
    )
    inner_steps: int = inner_steps(1)
    inner_steps_eval: int = inner_steps_eval(1)
    second_order: bool = second_order(True)


@ALGORITHMS.register(Config)
class MetaSgd(Descending):
    """Learns a starting point and one inner rate for each weight."""

    title = "Meta-SGD"
    family = "Gradient-based"
    summary = (
        "Learns a starting point together with a rate for every single weight, so that one step is "
        "enough."
    )
    choose_when = (
        "You want MAML with very few inner steps, or do not want to search for an inner rate."
    )
    paper = Paper("Li et al., 2017", 2017, "https://arxiv.org/abs/1707.09835")
    traits = Traits(kinds=("classification", "regression"), folds=True)
    config: Config

    def __init__(
        self, config: Config, backbone: Backbone, spec: TaskSpec, norm: NormConfig
    ) -> None:
        super().__init__(config, backbone, spec, norm)
        if config.lowest_rate > config.highest_rate:
            raise ConfigError.of(
                "algorithm.lowest_rate",
                f"The first rates would go from {config.lowest_rate:g} to {config.highest_rate:g}.",
                "Let them begin below where they end.",
                config.highest_rate,
            )

    def init(self, random: Random) -> State:
        theta = super().init(random).parameters
        low, high = self.config.lowest_rate, self.config.highest_rate
        rates = {
            RATE + name: torch.from_numpy(random.uniform(low, high, value.shape).astype(np.float32))
            for name, value in theta.items()
            if not name.startswith(OUTER)
        }
        return State({**theta, **rates})

    def inner_rates(self, state: State) -> Tensors:
        return under(RATE, state.parameters)

    def adapt(
        self, state: State, support: Support[Tensor], noise: Noise, steps: int | None = None
    ) -> GradientLearner:
        theta = {k: v for k, v in state.parameters.items() if not k.startswith(RATE)}
        trace = gradient_steps(  # (1)
            self.support_loss(support),
            theta,
            rate=self.inner_rates(state),
            steps=self.count(steps),
            second_order=self.config.second_order,
        )
        return self.learner(trace, support)
