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

from workbench.functional.inner import Tensors, gradient_steps
from workbench.functional.layers import head, init_head
from workbench.functional.learners import GradientLearner, masked
from workbench.functional.losses import task_loss
from workbench.functional.normalisation import Own
from workbench.interfaces import ALGORITHMS, Algorithm, Noise, Paper, Random, State, Traits
from workbench.schema.config import Config as BaseConfig
from workbench.schema.config import setting
from workbench.task import Support


class Config(BaseConfig):
    """Settings of MAML."""

    name: Literal["maml"] = "maml"
    inner_lr: float = setting(
        0.1,
        gt=0,
        le=10,
        suggest=(0.01, 0.5),
        label="Inner rate",
        symbol="α",
        unit="per step",
        group="Inner loop",
        help="How far one gradient step on the support set moves the weights.",
    )
    inner_steps: int = setting(
        5,
        ge=1,
        le=50,
        suggest=(1, 10),
        label="Inner steps",
        symbol="k",
        unit="gradient steps in training",
        group="Inner loop",
        help="Gradient steps on the support set of each training task.",
    )
    inner_steps_eval: int = setting(
        5,
        ge=0,
        le=200,
        suggest=(1, 20),
        label="Steps, evaluation",
        unit="gradient steps",
        group="Inner loop",
        help="Gradient steps when evaluating and drawing; may exceed those of training.",
    )
    second_order: bool = setting(
        True,
        label="Second order",
        unit="differentiate through the steps",
        group="Inner loop",
        help="Differentiate through the inner steps. Off is first-order MAML: a third cheaper,"
        " often a little "
        "less accurate.",
    )


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
    traits = Traits(kinds=("classification", "regression"))
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
        def support_loss(parameters: Tensors) -> Tensor:
            features = self.backbone(parameters, support.x, Own())
            return task_loss(masked(head(parameters, features), support), support.y)

        trace = gradient_steps(  # (1)
            support_loss,
            state.parameters,
            rate=self.config.inner_lr,
            steps=self.config.inner_steps_eval if steps is None else steps,
            second_order=self.config.second_order,
        )
        return GradientLearner(self.backbone, head, trace, support, self.norm.eval)
