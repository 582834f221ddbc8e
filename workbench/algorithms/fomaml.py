"""First-order MAML.

Finn, Abbeel, Levine. Model-Agnostic Meta-Learning for Fast Adaptation of Deep Networks. 2017.
https://arxiv.org/abs/1703.03400 (section 5.2)

    theta'_i = theta - alpha grad L_support_i(theta)             repeated k times              (1)
    theta    <- theta - beta sum_i grad L_query_i at theta'_i    the gradient where (1) ends   (2)

No graph is kept of the gradient in (1), so that memory does not grow with the inner steps.
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
from workbench.schema.inner_loop import inner_lr, inner_steps, inner_steps_eval
from workbench.task import Support


class Config(BaseConfig):
    """Settings of first-order MAML."""

    name: Literal["fomaml"] = "fomaml"
    inner_lr: float = inner_lr(0.1)
    inner_steps: int = inner_steps(5)
    inner_steps_eval: int = inner_steps_eval(5)


@ALGORITHMS.register(Config)
class Fomaml(Algorithm):
    """MAML that takes each inner gradient for a constant."""

    title = "First-order MAML"
    family = "Gradient-based"
    summary = "MAML without second derivatives: improves the point where the inner steps end."
    choose_when = "You want MAML in two thirds of the time, and may lose a little accuracy for it."
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
            second_order=False,
        )
        return GradientLearner(self.backbone, head, trace, support, self.norm.eval)
