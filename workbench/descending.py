"""What all methods share that take gradient steps on a task: everything but the steps.

Meta-learned are the weights of a network and of a linear head; a task is met by moving them down
the loss on its support set. A method of this kind gives `adapt`. Its settings say how many steps
are taken in training, and how many in evaluation.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, cast

import torch
from torch import Tensor

from workbench.functional.inner import Tensors, Trace, gradient_steps
from workbench.functional.layers import head, init_head
from workbench.functional.learners import GradientLearner, support_loss
from workbench.interfaces import Algorithm, Noise, Random, State, Traits
from workbench.task import Support, Task


class Descending(Algorithm):
    """A starting point that is learned, and steps from it. `config` has `inner_steps` and
    `inner_steps_eval`."""

    traits = Traits(kinds=("classification", "regression"))
    goes_on = True
    recommended: ClassVar[Mapping[str, Any]] = {
        "training.meta_batch": 4,
        "training.queries": 5,
        "training.optimizer.lr": 2e-3,
        "training.schedule.name": "cosine",
    }

    def init(self, random: Random) -> State:
        body = self.backbone.init(random)
        return State({**body, **init_head(random, self.backbone.features, self.spec.outputs)})

    def training_steps(self) -> int:
        return int(self.config.inner_steps)

    def count(self, steps: int | None) -> int:
        """The steps that `adapt` takes where it is asked for so many."""
        return int(self.config.inner_steps_eval if steps is None else steps)

    def support_loss(self, support: Support[Tensor]) -> Callable[[Tensors], Tensor]:
        """Of a task, as a function of the weights."""
        return support_loss(self.backbone, head, support)

    def learner(self, trace: Trace, support: Support[Tensor]) -> GradientLearner:
        """That has gone this way."""
        return GradientLearner(self.backbone, head, trace, support, self.norm.eval)

    def rested(self, state: State) -> State:
        """The state before a sequence of tasks: no task has been met."""
        return state

    def follow(self, state: State, task: Task[Tensor], noise: Noise) -> State:
        """The state that has met one more task of a sequence, to meet the next one from."""
        with torch.no_grad():
            learner = cast(GradientLearner, self.adapt(state, task.support, noise))
        moved = learner.weights(-1)
        parameters = {name: moved.get(name, tensor) for name, tensor in state.parameters.items()}
        return State(parameters, state.buffers)

    def descend(
        self,
        start: Tensors,
        support: Support[Tensor],
        steps: int | None,
        second_order: bool,
        recompute: bool = False,
    ) -> GradientLearner:
        """Plain gradient steps at the rate `config.inner_lr`; `steps` as of `adapt`, the rest as of
        `gradient_steps`."""
        trace = gradient_steps(
            self.support_loss(support),
            start,
            rate=self.config.inner_lr,
            steps=self.count(steps),
            second_order=second_order,
            recompute=recompute,
        )
        return self.learner(trace, support)
