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

from typing import Literal

from torch import Tensor

from workbench.descending import Descending
from workbench.functional.learners import GradientLearner
from workbench.interfaces import ALGORITHMS, Noise, Paper, State, Traits
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
class Fomaml(Descending):
    """MAML that takes each inner gradient for a constant."""

    title = "First-order MAML"
    family = "Gradient-based"
    summary = "MAML without second derivatives: improves the point where the inner steps end."
    choose_when = "You want MAML in two thirds of the time, and may lose a little accuracy for it."
    paper = Paper("Finn et al., 2017", 2017, "https://arxiv.org/abs/1703.03400")
    traits = Traits(kinds=("classification", "regression"), folds=True)
    config: Config

    def adapt(
        self, state: State, support: Support[Tensor], noise: Noise, steps: int | None = None
    ) -> GradientLearner:
        return self.descend(state.parameters, support, steps, second_order=False)  # (1)
