"""ANIL: almost no inner loop.

Raghu, Raghu, Bengio, Vinyals. Rapid Learning or Feature Reuse? Towards Understanding the
Effectiveness of MAML. 2019. https://arxiv.org/abs/1909.09157

    w'_i       = w - alpha grad_w L_support_i(body, w)        w: the head; repeated k times    (1)
    (body, w) <- (body, w) - beta grad sum_i L_query_i(body, w'_i)                             (2)

The body does not move in (1), so the features of the support set are computed once. The second
order of (1) reaches the body through those features. First-order ANIL leaves it away; the body
then learns from the queries alone.

A frozen body keeps its weights: they are buffers of the state, not parameters. An adapter is one
more linear layer between body and head which (2) learns and (1) does not: with a frozen pretrained
body it is what meta-learning can still shape.
Differences from the paper: the outer gradient is a mean over tasks, not a sum; queries are
normalised by the support set unless `norm.train` says otherwise; the adapter is not in the paper.
"""

from __future__ import annotations

from typing import Literal

import torch.nn.functional as F
from torch import Tensor

from workbench.descending import Descending
from workbench.functional.inner import Tensors, gradient_steps
from workbench.functional.layers import head, init_head, linear, uniform_weight
from workbench.functional.learners import HeadLearner, head_loss
from workbench.functional.normalisation import Normaliser, Own
from workbench.interfaces import ALGORITHMS, Noise, Paper, Random, State, Traits
from workbench.schema.config import Config as BaseConfig
from workbench.schema.config import setting
from workbench.schema.inner_loop import inner_lr, inner_steps, inner_steps_eval, second_order
from workbench.task import Support

HEAD = "head."


class Config(BaseConfig):
    """Settings of ANIL."""

    name: Literal["anil"] = "anil"
    inner_lr: float = inner_lr(0.1)
    inner_steps: int = inner_steps(5)
    inner_steps_eval: int = inner_steps_eval(5)
    second_order: bool = second_order(True)
    freeze_body: bool = setting(
        False,
        label="Frozen body",
        unit="the network keeps its weights",
        group="Body",
        help="Learn only what comes after the network. For a network that was trained before.",
    )
    adapter: int = setting(
        0,
        ge=0,
        le=4096,
        suggest=(32, 256),
        label="Adapter",
        unit="units, 0 is none",
        group="Body",
        help="Units of one more layer between network and head, learned in the outer loop alone. "
        "Gives a frozen network something to learn with.",
    )


@ALGORITHMS.register(Config)
class Anil(Descending):
    """Learns features in the outer loop, and moves only the head in the inner one."""

    title = "ANIL"
    family = "Gradient-based"
    summary = "MAML whose inner loop moves only the last layer: features are learned, then reused."
    choose_when = (
        "You want nearly MAML's accuracy with far cheaper steps, or have a pretrained network."
    )
    paper = Paper("Raghu et al., 2019", 2019, "https://arxiv.org/abs/1909.09157")
    traits = Traits(kinds=("classification", "regression"), folds=True)
    config: Config

    def init(self, random: Random) -> State:
        body, width = self.backbone.init(random), self.backbone.features
        outer: Tensors = {}
        if self.config.adapter:
            outer["adapter.weight"] = uniform_weight(random, self.config.adapter, width)
            outer["adapter.bias"] = outer["adapter.weight"].new_zeros(self.config.adapter)
            width = self.config.adapter
        outer |= init_head(random, width, self.spec.outputs)
        return State(outer, body) if self.config.freeze_body else State({**body, **outer})

    def adapt(
        self, state: State, support: Support[Tensor], noise: Noise, steps: int | None = None
    ) -> HeadLearner:
        weights = {**state.buffers, **state.parameters}
        features = self.body(weights, support.x, Own())  # (S, D), once: only the head moves
        loss = head_loss(head, features, support)
        heads = gradient_steps(  # (1)
            loss,
            {name: w for name, w in weights.items() if name.startswith(HEAD)},
            rate=self.config.inner_lr,
            steps=self.count(steps),
            second_order=self.config.second_order,
        )
        return HeadLearner(
            self.body, head, heads, support, self.norm.eval, walked=loss, fixed=weights
        )

    def body(self, weights: Tensors, x: Tensor, normaliser: Normaliser) -> Tensor:
        """Features (B, D) of network and adapter."""
        features = self.backbone(weights, x, normaliser)
        if not self.config.adapter:
            return features
        return F.relu(linear(features, weights["adapter.weight"], weights["adapter.bias"]))
