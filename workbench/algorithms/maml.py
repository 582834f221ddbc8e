"""MAML: model-agnostic meta-learning.

Finn, Abbeel, Levine. Model-Agnostic Meta-Learning for Fast Adaptation of Deep Networks. 2017.
https://arxiv.org/abs/1703.03400

    theta'_i = theta - alpha grad L_support_i(theta)             repeated k times              (1)
    theta    <- theta - beta grad sum_i L_query_i(theta'_i)      through every inner step      (2)

First-order MAML treats the inner gradient in (1) as a constant when differentiating (2).
Differences from the paper: the outer gradient is a mean over tasks, not a sum; queries are
normalised by the support set unless `norm.train` says otherwise.
"""

from __future__ import annotations

from typing import Literal

from torch import Tensor

from workbench.descending import Descending
from workbench.functional.learners import GradientLearner
from workbench.interfaces import ALGORITHMS, Noise, Paper, State, Traits
from workbench.schema.config import Config as BaseConfig
from workbench.schema.inner_loop import (
    inner_lr,
    inner_steps,
    inner_steps_eval,
    recompute,
    second_order,
)
from workbench.task import Support


class Config(BaseConfig):
    """Settings of MAML."""

    name: Literal["maml"] = "maml"
    inner_lr: float = inner_lr(0.1)
    inner_steps: int = inner_steps(5)
    inner_steps_eval: int = inner_steps_eval(5)
    second_order: bool = second_order(True)
    recompute: bool = recompute(False)


@ALGORITHMS.register(Config)
class Maml(Descending):
    """Learns a starting point from which a few gradient steps solve a new task."""

    title = "MAML"
    family = "Gradient-based"
    summary = "Learns a starting point from which a few gradient steps solve a new task."
    choose_when = (
        "You want one method for images and regression alike, and can afford second-order "
        "gradients."
    )
    paper = Paper("Finn et al., 2017", 2017, "https://arxiv.org/abs/1703.03400")
    traits = Traits(kinds=("classification", "regression"), folds=True)
    config: Config

    def adapt(
        self, state: State, support: Support[Tensor], noise: Noise, steps: int | None = None
    ) -> GradientLearner:
        config = self.config
        return self.descend(  # (1)
            state.parameters, support, steps, config.second_order, config.recompute
        )
