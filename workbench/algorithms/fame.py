"""FAME: MAML that holds on to what the tasks before have taught it.

No paper: the idea puts the penalty of elastic weight consolidation into MAML's inner loop.
Kirkpatrick et al. Overcoming catastrophic forgetting in neural networks. 2017.
https://arxiv.org/abs/1612.00796
Finn, Abbeel, Levine. Model-Agnostic Meta-Learning. 2017. https://arxiv.org/abs/1703.03400

    P(theta) = lambda / 2 sum of F (theta - theta*)^2                                          (1)
    theta'   = argmin L_support + P, by k steps of  v = theta - alpha grad L_support(theta)    (2)
               theta <- argmin 1/2 |theta - v|^2 + alpha P = (v + alpha lambda F theta*)
                                                             / (1 + alpha lambda F)            (3)
    theta   <- theta - beta grad mean L_query(theta')                   through every step     (4)
    theta*  <- theta' of the task before: of the last task of the step before                  (5)
    F       <- running mean over all tasks before of each one's importance at its theta'       (6)

(3) is the proximal step on the penalty: plain descent on it runs away where alpha lambda F > 2, and
importances of single weights span many powers of ten.

The importance is the diagonal of Fisher's matrix, or that of memory aware synapses, see
`workbench.functional.importance`; it is measured on queries, because the support set is fitted and
its gradients vanish. With no task before, F is 0 and this is MAML.

The tasks of one step stand side by side, so (5) and (6) move once in a step. `follow` meets the
tasks of a sequence one after the other, each from where the one before has ended.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

import torch
from torch import Tensor

from workbench.descending import Descending
from workbench.functional.gradients import Objective, query_objective
from workbench.functional.implicit import plus
from workbench.functional.importance import fisher, memory_aware
from workbench.functional.inner import OUTER, Tensors, Trace, requires_grad, value_and_gradient
from workbench.functional.layers import head
from workbench.functional.learners import GradientLearner, masked
from workbench.functional.normalisation import Fixed, Own
from workbench.interfaces import (
    ALGORITHMS,
    Noise,
    Paper,
    Random,
    State,
    TaskResult,
    Update,
)
from workbench.schema.config import Config as BaseConfig
from workbench.schema.config import setting
from workbench.schema.inner_loop import inner_lr, inner_steps, inner_steps_eval, second_order
from workbench.task import Support, Task

MEMORY = "Memory"
ANCHOR, IMPORTANCE, SEEN = "anchor.", "importance.", "seen"


class Config(BaseConfig):
    """Settings of FAME."""

    name: Literal["fame"] = "fame"
    importance: Literal["fisher", "mas"] = setting(
        "fisher",
        choices={"fisher": "Fisher information", "mas": "memory aware synapses"},
        label="Importance",
        group=MEMORY,
        help="How much a weight matters to the tasks before: by what they say of the right answers "
        "(elastic weight consolidation), or by how far it moves the outputs.",
    )
    penalty: float = setting(
        1.0,
        ge=0,
        le=1e6,
        suggest=(0.1, 100),
        label="Penalty",
        symbol="λ",
        unit="times half the squared distance",
        group=MEMORY,
        help="How strongly important weights are held where the task before has left them. 0 is "
        "MAML.",
    )
    examples: int = setting(
        10,
        ge=1,
        le=1000,
        suggest=(5, 25),
        label="Examples measured",
        unit="queries of each task",
        group=MEMORY,
        advanced=True,
        help="Queries of each task on which the importance of the weights is measured, each by a "
        "backward pass of its own.",
    )
    inner_lr: float = inner_lr(0.1)
    inner_steps: int = inner_steps(5)
    inner_steps_eval: int = inner_steps_eval(5)
    second_order: bool = second_order(True)


@ALGORITHMS.register(Config)
class Fame(Descending):
    """MAML whose inner loop is held back where the tasks before would suffer."""

    title = "FAME"
    family = "Gradient-based"
    summary = "MAML that holds on to the weights that mattered to the tasks before."
    choose_when = (
        "Tasks come one after the other, and what was learned of the earlier ones must stay."
    )
    paper = Paper("After Kirkpatrick et al., 2017", 2017, "https://arxiv.org/abs/1612.00796")
    config: Config

    def init(self, random: Random) -> State:
        return self.rested(super().init(random))

    def rested(self, state: State) -> State:
        zeros = {name: torch.zeros_like(tensor) for name, tensor in state.parameters.items()}
        return State(state.parameters, {**memory(state.parameters, zeros), SEEN: torch.zeros(())})

    def task_noise(
        self, random: Random, support_size: int, query_size: int, steps: int | None = None
    ) -> Noise:
        measured = random.permutation(query_size)[: self.config.examples]
        return {"measured": torch.from_numpy(measured)}

    def adapt(
        self, state: State, support: Support[Tensor], noise: Noise, steps: int | None = None
    ) -> GradientLearner:
        plain = self.support_loss(support)

        def held_loss(at: Tensors) -> Tensor:
            return plain(at) + self.penalty(at, state.buffers)

        keep_graph = self.config.second_order and requires_grad(state.parameters)
        path, losses = [state.parameters], []
        for _ in range(self.count(steps)):
            loss, gradient = value_and_gradient(plain, path[-1], keep_graph)
            losses.append(loss + float(self.penalty(path[-1], state.buffers).detach()))
            moved = plus(path[-1], -self.config.inner_lr, gradient)  # (2)
            path.append(self.held(moved, state.buffers))
        trace = Trace(tuple(path), tuple(losses))
        return replace(self.learner(trace, support), walked=held_loss)

    def held(self, parameters: Tensors, buffers: Tensors) -> Tensors:
        """Weights drawn back towards those of the task before, the more the more they matter."""
        strength = self.config.inner_lr * self.config.penalty
        pulls = {name: strength * buffers[IMPORTANCE + name] for name in _moved(parameters)}
        held = {  # (3)
            name: (parameters[name] + pull * buffers[ANCHOR + name]) / (1 + pull)
            for name, pull in pulls.items()
        }
        return {**parameters, **held}

    def penalty(self, parameters: Tensors, buffers: Tensors) -> Tensor:
        """What it costs to have moved important weights, a number."""
        costs = [
            (
                buffers[IMPORTANCE + name] * (parameters[name] - buffers[ANCHOR + name]).square()
            ).sum()
            for name in _moved(parameters)
        ]
        return self.config.penalty / 2 * torch.stack(costs).sum()  # (1)

    def objective(self, state: State, task: Task[Tensor], noise: Noise) -> Objective:
        learner = self.adapt(state, task.support, noise, self.config.inner_steps)
        found = query_objective(learner.scores(task.query_x, norm=self.norm.train), task.query_y)
        ended = {name: tensor.detach() for name, tensor in learner.trace.parameters[-1].items()}
        penalty = float(self.penalty(ended, state.buffers))
        return replace(found, statistics=ended, metrics={"penalty": penalty})  # (4)

    def task_gradient(self, state: State, task: Task[Tensor], noise: Noise) -> TaskResult:
        result = super().task_gradient(state, task, noise)
        ended = result.statistics
        return replace(result, statistics=memory(ended, self.measure(ended, task, noise)))

    def measure(self, adapted: Tensors, task: Task[Tensor], noise: Noise) -> Tensors:
        """The importance of each adapted weight to a task, by some of its queries."""
        own = Own(record=True)
        with torch.no_grad():
            self.backbone(adapted, task.support_x, own)

        def outputs(at: Tensors, x: Tensor) -> Tensor:
            features = self.backbone(at, x, Fixed(own.statistics))
            return masked(head(at, features), task.support)

        x, y = (part[noise["measured"]] for part in (task.query_x, task.query_y))
        if self.config.importance == "mas":
            return memory_aware(outputs, adapted, x)
        return fisher(outputs, adapted, x, y)

    def combine(
        self, state: State, results: Sequence[TaskResult], weights: Sequence[float]
    ) -> Update:
        update = super().combine(state, results, weights)
        met = [result.statistics for result in results]
        return Update(update.gradient, remembered(state.buffers, met))

    def follow(self, state: State, task: Task[Tensor], noise: Noise) -> State:
        with torch.no_grad():
            learner = self.adapt(state, task.support, noise)
        ended = learner.trace.parameters[-1]
        met = memory(ended, self.measure(ended, task, noise))
        return State(ended, remembered(state.buffers, [met]))


def _moved(parameters: Tensors) -> list[str]:
    """Names of the weights that an inner loop moves."""
    return [name for name in parameters if not name.startswith(OUTER)]


def memory(anchor: Tensors, importance: Tensors) -> Tensors:
    """Adapted weights and their importance, under the names that buffers and statistics have."""
    return {
        **{ANCHOR + name: tensor for name, tensor in anchor.items()},
        **{IMPORTANCE + name: tensor for name, tensor in importance.items()},
    }


def remembered(buffers: Tensors, met: Sequence[Tensors]) -> Tensors:
    """The buffers after more tasks, of each its `memory`."""
    seen = buffers[SEEN]
    after = {SEEN: seen + len(met)}
    for name, tensor in buffers.items():
        if name.startswith(ANCHOR):
            after[name] = met[-1][name]  # (5)
        elif name.startswith(IMPORTANCE):
            new = torch.stack([one[name] for one in met]).sum(0)
            after[name] = (seen * tensor + new) / after[SEEN]  # (6)
    return after
