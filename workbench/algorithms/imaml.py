"""iMAML: implicit MAML.

Rajeswaran, Finn, Kakade, Levine. Meta-Learning with Implicit Gradients. 2019.
https://arxiv.org/abs/1909.04630

    phi   = argmin over phi of  L_support(phi) + lambda / 2 |phi - theta|^2      by k steps    (1)
    d phi / d theta = (I + H / lambda)^-1        H: the Hessian of L_support at phi            (2)
    theta <- theta - beta mean (I + H / lambda)^-1 grad L_query(phi)                           (3)

The system (3) is solved by conjugate gradient, which needs products with H alone: neither the path
of (1) nor its length is seen, so that training needs the memory of a single step. The loss of a
network curves downwards too, where I + H / lambda comes near to being singular; so (3) is damped,

    (I + H / (lambda + delta))^-1 grad L_query(phi)                                            (4)

which without delta is the true gradient, and with it lies between that and the first-order one. The
authors' code does the same: 2 I + H / (lambda + 10), which is delta = 22 for their lambda of 2.
Differences from the paper: lambda is a setting and is not learned, and 0.5 by default: with 2, many
steps from an untrained Conv-4 end near where they began. Conjugate gradient begins at the
first-order gradient, and keeps what it has where the matrix in (4) is not positive.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from torch import Tensor

from workbench.descending import Descending
from workbench.functional.gradients import query_gradient
from workbench.functional.implicit import implicit_gradient, plus
from workbench.functional.inner import Tensors, Trace, value_and_gradient
from workbench.functional.learners import GradientLearner
from workbench.interfaces import (
    ALGORITHMS,
    Noise,
    Paper,
    State,
    TaskResult,
)
from workbench.schema.config import Config as BaseConfig
from workbench.schema.config import setting
from workbench.schema.inner_loop import GROUP, inner_lr, inner_steps, inner_steps_eval
from workbench.task import Support, Task


class Config(BaseConfig):
    """Settings of iMAML."""

    name: Literal["imaml"] = "imaml"
    inner_lr: float = inner_lr(0.1)
    inner_steps: int = inner_steps(10, le=1000, suggest=(5, 25))
    inner_steps_eval: int = inner_steps_eval(10, le=1000)
    pull: float = setting(
        0.5,
        gt=0,
        le=1e4,
        suggest=(0.1, 100),
        label="Pull back",
        symbol="λ",
        unit="times half the squared distance",
        group=GROUP,
        help="How strongly the adapted weights are drawn back to the starting point. The inner "
        "loop must come near its end for the gradient to be true.",
    )
    damping: float = setting(
        10.0,
        ge=0,
        le=1e4,
        suggest=(0, 100),
        label="Damping",
        symbol="δ",
        unit="added to the pull",
        group="Implicit gradient",
        help="Keeps the outer gradient short where the loss curves downwards; 0 takes the true "
        "one, with which the training of a network comes apart.",
    )
    solver_steps: int = setting(
        3,
        ge=0,
        le=100,
        suggest=(1, 10),
        label="Solver steps",
        unit="of conjugate gradient",
        group="Implicit gradient",
        help="How exactly the outer gradient is computed; 0 leaves the first-order one.",
    )


@ALGORITHMS.register(Config)
class Imaml(Descending):
    """MAML whose outer gradient depends on where the inner loop ends, not on its path."""

    title = "Implicit MAML"
    family = "Gradient-based"
    summary = (
        "Learns a starting point whose neighbourhood solves each task; takes any number of inner "
        "steps in the memory of one."
    )
    choose_when = "You want many inner steps, or MAML's memory does not fit."
    paper = Paper("Rajeswaran et al., 2019", 2019, "https://arxiv.org/abs/1909.04630")
    config: Config

    def adapt(
        self, state: State, support: Support[Tensor], noise: Noise, steps: int | None = None
    ) -> GradientLearner:
        path = list(self._path(state.parameters, support, self.count(steps)))
        phis, losses = (state.parameters, *(phi for phi, _ in path)), (loss for _, loss in path)
        return self.learner(Trace(phis, tuple(losses)), support)

    def task_gradient(self, state: State, task: Task[Tensor], noise: Noise) -> TaskResult:
        phi = state.parameters
        for reached, _ in self._path(state.parameters, task.support, self.config.inner_steps):
            phi = reached

        def scores_of(at: Tensors) -> Tensor:
            there = self.learner(Trace((at,), ()), task.support)
            return there.scores(task.query_x, norm=self.norm.train)

        found = query_gradient(scores_of, phi, task.query_y)
        loss, steps = self.support_loss(task.support), self.config.solver_steps
        stiffness = self.config.pull + self.config.damping
        gradient = implicit_gradient(loss, phi, found.gradient, stiffness, steps)  # (4)
        return TaskResult(gradient, found.loss, found.scores)

    def _path(
        self, theta: Tensors, support: Support[Tensor], steps: int
    ) -> Iterator[tuple[Tensors, float]]:
        """Weights after each step, and the support loss before it."""
        loss, phi = self.support_loss(support), theta
        for _ in range(steps):
            value, gradient = value_and_gradient(loss, phi, keep_graph=False)
            pulled = plus(gradient, self.config.pull, plus(phi, -1.0, theta))
            phi = plus(phi, -self.config.inner_lr, pulled)  # (1)
            yield phi, value
