"""TAML: task-agnostic meta-learning.

Jamal, Qi. Task Agnostic Meta-Learning for Few-Shot Learning. 2019.
https://arxiv.org/abs/1805.07722

    theta_i = theta - alpha grad L_support_i(theta)           repeated k times, as in MAML     (1)
    entropy form:      minimise  mean L_query_i(theta_i) + lambda (H_i(theta_i) - H_i(theta))  (2)
    inequality form:   minimise  mean L_query_i(theta_i) + lambda I(L_1(theta), …, L_T(theta)) (3)

H_i is the entropy of the answers to the queries of task i: unsure before adaptation, sure after it.
I is an inequality of economics over the tasks of a step: the starting point favours none of them.
By the chain rule

    grad I = sum over i of dI / dL_i  grad L_i(theta)                                          (4)

so each task hands on its loss L_i(theta) and the gradient of it, and no graph spans the batch.
Differences from the paper: the outer gradient is a mean over tasks; L_i(theta) is the loss of the
queries, which the paper does not say; I knows nothing of weights that a sampler gives to tasks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

import torch
from torch import Tensor

from workbench.descending import Descending
from workbench.errors import ConfigError
from workbench.functional import inequality
from workbench.functional.gradients import Objective, query_gradient
from workbench.functional.inner import Tensors
from workbench.functional.learners import GradientLearner
from workbench.functional.losses import task_loss
from workbench.interfaces import (
    ALGORITHMS,
    Backbone,
    Noise,
    Paper,
    State,
    TaskResult,
    Update,
)
from workbench.schema.config import Config as BaseConfig
from workbench.schema.config import setting
from workbench.schema.experiment import NormConfig
from workbench.schema.inner_loop import inner_lr, inner_steps, inner_steps_eval, second_order
from workbench.task import Support, Task, TaskSpec

FAIRNESS = "Task-agnostic term"


class Config(BaseConfig):
    """Settings of TAML."""

    name: Literal["taml"] = "taml"
    form: Literal[
        "entropy", "theil", "generalized_entropy", "atkinson", "gini", "variance_of_logarithms"
    ] = setting(
        "theil",
        choices={
            "entropy": "entropy of answers",
            "theil": "Theil index",
            "generalized_entropy": "generalised entropy",
            "atkinson": "Atkinson index",
            "gini": "Gini coefficient",
            "variance_of_logarithms": "variance of logarithms",
        },
        label="Form",
        group=FAIRNESS,
        help="What keeps the starting point from favouring some tasks: the entropy of its answers "
        "(classification only), or a measure of how unequal its losses on the tasks of a step are.",
    )
    weight: float = setting(
        0.03,
        ge=0,
        le=100,
        suggest=(0.01, 0.5),
        label="Weight",
        symbol="λ",
        unit="times the term",
        group=FAIRNESS,
        help="How strongly the term counts beside the query loss. 0 is MAML.",
    )
    alpha: float = setting(
        2.0,
        ge=-10,
        le=10,
        suggest=(0, 2),
        label="Order",
        symbol="a",
        unit="of the generalised entropy",
        group=FAIRNESS,
        help="The larger, the more the worst tasks count. Unused by the other forms.",
    )
    epsilon: float = setting(
        0.5,
        gt=0,
        le=10,
        suggest=(0.1, 2),
        label="Aversion",
        symbol="ε",
        unit="of the Atkinson index",
        group=FAIRNESS,
        help="The larger, the more the best tasks count. Unused by the other forms.",
    )
    inner_lr: float = inner_lr(0.1)
    inner_steps: int = inner_steps(5)
    inner_steps_eval: int = inner_steps_eval(5)
    second_order: bool = second_order(True)


@ALGORITHMS.register(Config)
class Taml(Descending):
    """MAML whose starting point is kept from favouring some tasks over others."""

    title = "TAML"
    family = "Gradient-based"
    summary = "MAML with a term that keeps its starting point from favouring some tasks."
    choose_when = (
        "Your tasks differ in difficulty and none may be left behind, or MAML's starting point "
        "knows the training tasks too well."
    )
    paper = Paper("Jamal and Qi, 2019", 2019, "https://arxiv.org/abs/1805.07722")
    config: Config

    def __init__(
        self, config: Config, backbone: Backbone, spec: TaskSpec, norm: NormConfig
    ) -> None:
        super().__init__(config, backbone, spec, norm)
        if spec.kind == "regression" and config.form == "entropy":
            raise ConfigError.of(
                "algorithm.form",
                "The entropy form needs classes; this data has numbers to predict.",
                "Choose a measure of inequality, the Theil index say.",
                "theil",
            )

    def adapt(
        self, state: State, support: Support[Tensor], noise: Noise, steps: int | None = None
    ) -> GradientLearner:
        return self.descend(state.parameters, support, steps, self.config.second_order)  # (1)

    def objective(self, state: State, task: Task[Tensor], noise: Noise) -> Objective:
        if self.config.form != "entropy":
            return super().objective(state, task, noise)
        learner = self.adapt(state, task.support, noise, self.training_steps())
        before, after = (learner.scores(task.query_x, at, self.norm.train) for at in (0, -1))
        loss = task_loss(after, task.query_y)
        gained = entropy(after) - entropy(before)
        return Objective(loss + self.config.weight * gained, loss, after)  # (2)

    def task_gradient(self, state: State, task: Task[Tensor], noise: Noise) -> TaskResult:
        result = super().task_gradient(state, task, noise)
        if self.config.form == "entropy":
            return result

        def first_scores(parameters: Tensors) -> Tensor:
            learner = self.adapt(State(parameters), task.support, noise, steps=0)
            return learner.scores(task.query_x, norm=self.norm.train)

        first = query_gradient(first_scores, state.parameters, task.query_y)
        statistics = {f"gradient.{name}": tensor for name, tensor in first.gradient.items()}
        statistics["loss"] = torch.tensor(first.loss, dtype=torch.float64)
        return replace(result, statistics=statistics)

    def combine(
        self, state: State, results: Sequence[TaskResult], weights: Sequence[float]
    ) -> Update:
        update = super().combine(state, results, weights)
        if self.config.form == "entropy":
            return update
        losses = torch.stack([result.statistics["loss"] for result in results])  # (T,)
        _, slopes = inequality.slopes(self.measure, losses)
        gradient = dict(update.gradient)
        for result, slope in zip(results, slopes.tolist(), strict=True):  # (3), (4)
            for name, tensor in gradient.items():
                share = self.config.weight * slope * result.statistics[f"gradient.{name}"]
                gradient[name] = tensor + share
        return Update(gradient, update.buffers)

    def measure(self, losses: Tensor) -> Tensor:
        """The inequality I of losses (T,)."""
        match self.config.form:
            case "generalized_entropy":
                return inequality.generalized_entropy(losses, self.config.alpha)
            case "atkinson":
                return inequality.atkinson(losses, self.config.epsilon)
            case "gini":
                return inequality.gini(losses)
            case "variance_of_logarithms":
                return inequality.variance_of_logarithms(losses)
            case _:
                return inequality.theil(losses)


def entropy(scores: Tensor) -> Tensor:
    """Mean over queries of the entropy of the answers that scores (Q, N) stand for, in nats."""
    logarithms = scores.log_softmax(-1)
    return -(logarithms.exp() * logarithms).sum(-1).mean()
