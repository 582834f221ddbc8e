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

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from torch import Tensor

from workbench.functional.inner import gradient_steps
from workbench.functional.layers import head, init_head
from workbench.functional.learners import GradientLearner, support_loss
from workbench.interfaces import ALGORITHMS, Algorithm, Noise, Paper, Random, State, Traits
from workbench.schema.config import Config as BaseConfig
from workbench.schema.inner_loop import inner_lr, inner_steps, inner_steps_eval, second_order
from workbench.task import Support


class Config(BaseConfig):
    """Settings of MAML."""

    name: Literal["maml"] = "maml"
    inner_lr: float = inner_lr(0.1)
    inner_steps: int = inner_steps(5)
    inner_steps_eval: int = inner_steps_eval(5)
    second_order: bool = second_order(True)


@ALGORITHMS.register(Config)
class Maml(Algorithm):
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
    recommended: ClassVar[Mapping[str, Any]] = {
        "backbone.downsample": "stride",
        "training.meta_batch": 4,
        "training.optimizer.lr": 2e-3,
        "training.schedule.name": "cosine",
    }
    config: Config

    def init(self, random: Random) -> State:
        body = self.backbone.init(random)
        return State({**body, **init_head(random, self.backbone.features, self.spec.outputs)})

    def training_steps(self) -> int:
        return self.config.inner_steps

    def adapt(
        self, state: State, support: Support[Tensor], noise: Noise, steps: int | None = None
    ) -> GradientLearner:
        trace = gradient_steps(  # (1)
            support_loss(self.backbone, head, support),
            state.parameters,
            rate=self.config.inner_lr,
            steps=self.config.inner_steps_eval if steps is None else steps,
            second_order=self.config.second_order,
        )
        return GradientLearner(self.backbone, head, trace, support, self.norm.eval)
