"""Curiosity MAML: an inner loop that listens most to the examples that surprise it.

No paper: the idea joins MAML (https://arxiv.org/abs/1703.03400) with the intrinsic curiosity of
Pathak, Agrawal, Efros, Darrell. Curiosity-driven Exploration by Self-supervised Prediction. 2017.
https://arxiv.org/abs/1705.05363

With h the features of an example at theta, e = d loss / d scores, g its gradient by the head:

    g    = e [h, 1]^T                                                                          (1)
    u    = relu(E h)                  what is kept of the features                             (2)
    e^   = g d(u)                     inverse model: from a gradient back to its error         (3)
    g^   = f(u)                       forward model: the gradient that was to be expected      (4)
    r    = |g - g^|^2                 surprise, a constant to all gradients                    (5)
    w    = 1 - eta + eta r / mean r   over the support set                                     (6)
    theta_(i+1) = theta_i - alpha grad mean w L(theta_i)        repeated k times               (7)
    theta <- theta - beta grad L_query(theta_k)                                                (8)
    E, d, f <- descend  (1 - b) |e - e^|^2 / |e|^2 + b |g - g^|^2 / |g|^2                      (9)

The inverse model is linear in the gradient, so it can invert only what u tells of the features.
Differences from Pathak: the "action" is the error e, the "next state" the gradient g; the forward
model is not told the action, so an example whose label was to be expected is no surprise. Both
errors (9) are relative, and move neither the body nor the head.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from workbench.descending import Descending
from workbench.functional.gradients import Objective, query_objective
from workbench.functional.inner import Tensors, gradient_steps, under
from workbench.functional.layers import dense, head, init_dense
from workbench.functional.learners import WeighingLearner, masked
from workbench.functional.losses import example_losses
from workbench.functional.normalisation import Own
from workbench.interfaces import (
    ALGORITHMS,
    Noise,
    Paper,
    Random,
    State,
    Traits,
)
from workbench.schema.config import Config as BaseConfig
from workbench.schema.config import setting
from workbench.schema.inner_loop import inner_lr, inner_steps, inner_steps_eval, second_order
from workbench.task import Support, Task

CURIOSITY = "Curiosity"
PREDICTORS = "curiosity."
TINY = 1e-12  # of squared lengths: nothing left to predict
QUIET = 0.1  # gain of the first answers of both models


class Config(BaseConfig):
    """Settings of curiosity MAML."""

    name: Literal["curiosity_maml"] = "curiosity_maml"
    curiosity: float = setting(
        0.5,
        ge=0,
        le=1,
        suggest=(0.1, 1),
        label="Curiosity",
        symbol="η",
        unit="share of the weights",
        group=CURIOSITY,
        help="How much of an example's weight is its surprise. 0 is MAML; at 1 an example that "
        "was foreseen counts for nothing.",
    )
    keep: float = setting(
        1.0,
        gt=0,
        le=1,
        suggest=(0.5, 1),
        label="Examples kept",
        unit="of the support set",
        group=CURIOSITY,
        help="The inner loop learns from the most surprising part of the support set alone; "
        "1 is all of it.",
    )
    latents: int = setting(
        32,
        ge=1,
        le=1024,
        suggest=(16, 128),
        label="Latents",
        unit="numbers per example",
        group=CURIOSITY,
        help="Numbers that are kept of an example's features to foresee its gradient.",
    )
    hidden: int = setting(
        64,
        ge=1,
        le=1024,
        suggest=(32, 256),
        label="Hidden units",
        unit="of the forward model",
        group=CURIOSITY,
        advanced=True,
        help="Units between what is kept of an example and the gradient foreseen for it.",
    )
    forward_share: float = setting(
        0.2,
        ge=0,
        le=1,
        label="Forward share",
        symbol="b",
        unit="of the predictors' loss",
        group=CURIOSITY,
        advanced=True,
        help="The forward model's part of the predictors' loss; the rest is the inverse model's.",
    )
    inner_lr: float = inner_lr(0.1)
    inner_steps: int = inner_steps(5)
    inner_steps_eval: int = inner_steps_eval(5)
    second_order: bool = second_order(True)


class Foresight(NamedTuple):
    """What the predictors make of a support set; e.g. `surprise` (S,)."""

    surprise: Tensor
    weights: Tensor  # (S,), mean 1
    inverse_error: Tensor  # (), relative
    forward_error: Tensor  # (), relative


@ALGORITHMS.register(Config)
class CuriosityMaml(Descending):
    """MAML that weighs each example of the support set by how badly its gradient was foreseen."""

    title = "Curiosity MAML"
    family = "Gradient-based"
    summary = "MAML that learns most from the examples whose gradients it did not foresee."
    choose_when = (
        "Few examples of a support set tell the task, and the others say what every task says."
    )
    paper = Paper("After Pathak et al., 2017", 2017, "https://arxiv.org/abs/1705.05363")
    traits = Traits(kinds=("classification", "regression"), folds=True)
    config: Config

    def init(self, random: Random) -> State:
        features, outputs = self.backbone.features, self.spec.outputs
        latents, hidden = self.config.latents, self.config.hidden
        parameters = super().init(random).parameters
        layers = {
            "encode": (latents, features, 1.0),
            "inverse": (features, latents, QUIET),
            "forward0": (hidden, latents, 1.0),
            "forward1": (outputs * (features + 1), hidden, QUIET),
        }
        for name, (units, inputs, gain) in layers.items():
            parameters |= init_dense(random, PREDICTORS + name, inputs, units, gain)
        return State(parameters)

    def adapt(
        self, state: State, support: Support[Tensor], noise: Noise, steps: int | None = None
    ) -> WeighingLearner:
        foresight = self.foresee(state.parameters, support)
        return self._adapted(state.parameters, support, foresight.weights, steps)

    def objective(self, state: State, task: Task[Tensor], noise: Noise) -> Objective:
        foresight = self.foresee(state.parameters, task.support)
        steps, weights = self.config.inner_steps, foresight.weights
        learner = self._adapted(state.parameters, task.support, weights, steps)
        scores = learner.scores(task.query_x, norm=self.norm.train)
        found = query_objective(scores, task.query_y)  # (8)
        share = self.config.forward_share
        errors = (1 - share) * foresight.inverse_error + share * foresight.forward_error
        total = found.loss + errors.sum()  # (9)
        return replace(found, total=total, metrics=described(foresight))

    def task_metrics(self, state: State, task: Task[Tensor], noise: Noise) -> Mapping[str, float]:
        return described(self.foresee(state.parameters, task.support))

    def foresee(self, parameters: Tensors, support: Support[Tensor]) -> Foresight:
        """Surprise and weights (S,) of a support set; only the predictors' errors have a graph."""
        own = under(PREDICTORS, parameters)
        with torch.no_grad():
            features = self.backbone(parameters, support.x, Own())  # (S, D)
            error = self._error(head(parameters, features), support)  # (S, N)
            ones = torch.ones_like(features[..., :1])
            gradient = error.unsqueeze(-1) * torch.cat([features, ones], -1).unsqueeze(-2)  # (1)
        kept = dense(own, "encode", features).relu()  # (S, M)  (2)
        reading = dense(own, "inverse", kept).unsqueeze(-1)  # (S, D, 1)
        inverted = (gradient[..., :-1] @ reading).squeeze(-1)  # (S, N)  (3)
        foreseen = dense(own, "forward1", dense(own, "forward0", kept).relu())
        foreseen = foreseen.view_as(gradient)  # (S, N, D + 1)  (4)
        surprise = (gradient - foreseen).square().sum((-2, -1))  # (S,)
        length = gradient.square().sum((-2, -1)).mean(-1)
        return Foresight(
            surprise.detach(),  # (5)
            self.weigh(surprise.detach()),
            (error - inverted).square().sum(-1).mean(-1) / (error.square().sum(-1).mean(-1) + TINY),
            surprise.mean(-1) / (length + TINY),
        )

    def weigh(self, surprise: Tensor) -> Tensor:
        """Weights (S,), of mean 1, of examples of that surprise (S,)."""
        eta, size = self.config.curiosity, surprise.shape[-1]
        relative = (surprise + TINY) / (surprise + TINY).mean(-1, keepdim=True)
        weights = 1 - eta + eta * relative  # (6)
        count = max(1, round(self.config.keep * size))
        least = surprise.topk(count, -1).values[..., -1:]
        weights = weights * (surprise >= least)
        return weights / weights.mean(-1, keepdim=True)

    def _error(self, scores: Tensor, support: Support[Tensor]) -> Tensor:
        """Derivative of each example's own loss by its scores, (S, outputs)."""
        if support.y.dtype != torch.int64:
            return 2 * (scores - support.y) / scores.shape[-1]
        answers = masked(scores, support).softmax(-1)
        error = answers - F.one_hot(support.y, support.n_way).to(answers.dtype)
        return F.pad(error, (0, scores.shape[-1] - support.n_way))

    def _adapted(
        self, parameters: Tensors, support: Support[Tensor], weights: Tensor, steps: int | None
    ) -> WeighingLearner:
        def surprising_loss(at: Tensors) -> Tensor:
            scores = masked(head(at, self.backbone(at, support.x, Own())), support)
            return (weights * example_losses(scores, support.y)).mean(-1).sum()

        trace = gradient_steps(  # (7)
            surprising_loss,
            {name: w for name, w in parameters.items() if not name.startswith(PREDICTORS)},
            rate=self.config.inner_lr,
            steps=self.count(steps),
            second_order=self.config.second_order,
        )
        return WeighingLearner(
            self.backbone,
            head,
            trace,
            support,
            self.norm.eval,
            walked=surprising_loss,
            support_weights=weights,
        )


def described(foresight: Foresight) -> dict[str, float]:
    """The figures of a task: its largest weight, and both relative errors."""
    figures = {
        "largest_weight": foresight.weights.amax(-1),
        "inverse_error": foresight.inverse_error,
        "forward_error": foresight.forward_error,
    }
    return {name: float(figure.detach().mean()) for name, figure in figures.items()}
