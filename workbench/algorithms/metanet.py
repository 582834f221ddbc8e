"""MetaNet: meta networks.

Munkhdalai, Yu. Meta Networks. 2017. https://arxiv.org/abs/1703.00837

A base learner b and a representation u have slow weights W and Q, learned over tasks, and fast
ones, made for a task from the gradients of its own losses:

    Q*    = d(G, (grad_Q L_emb(u(Q, x_i), y_i)) for i in order)                               (1)
    W*_i  = m(Z, grad_W L_task(b(W, x_i), y_i))       for each support example i              (2)
    r_i   = u(Q, Q*, x_i)                             the key of W*_i in the memory           (3)
    a     = softmax over i of s cosine(u(Q, Q*, x), r_i)                                      (4)
    p     = b(W, W*, x)                               with W* = sum over i of a_i W*_i        (5)
    layer = relu(slow(x)) + relu(fast(x))             layer augmentation                      (6)

d is an LSTM that reads one example's gradient after the other, m a perceptron; both treat every
coordinate alike, and a gradient is a constant to them, given as its logarithm and its sign.

Differences from the paper: fast weights augment fully connected layers on a network that b and u
share; L_emb is the cross-entropy through the output layer of b, for any number of shots; s, which
is learned, is 1 there: five cosines between 0 and 1 weigh nearly alike, so that a query recalls
little but the mean.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import torch
import torch.nn.functional as F
from torch import Tensor

from workbench.functional.embedding import log_attention
from workbench.functional.inner import Tensors
from workbench.functional.layers import dense, init_dense, uniform_weight
from workbench.functional.learners import DirectLearner, masked
from workbench.functional.meta import (
    augmented,
    each_gradient,
    each_linear,
    log_and_sign,
    lstm_cell,
    unflat,
)
from workbench.functional.normalisation import Own
from workbench.interfaces import ALGORITHMS, Algorithm, Noise, Paper, Random, State, Traits
from workbench.schema.config import Config as BaseConfig
from workbench.schema.config import setting
from workbench.schema.experiment import NormMode
from workbench.task import Support

P = 7.0  # a gradient below e^-P counts as small
QUIET = 0.1  # fast weights begin small beside the slow ones
SHARP = 10.0  # what cosines are multiplied by at first
BASE = ("base.hidden.weight", "base.hidden.bias", "base.output.weight", "base.output.bias")
KEY = ("key.weight", "key.bias")


class Config(BaseConfig):
    """Settings of MetaNet."""

    name: Literal["metanet"] = "metanet"
    hidden: int = setting(
        64,
        ge=1,
        le=1024,
        suggest=(32, 128),
        label="Hidden layer",
        unit="units",
        group="Fast weights",
        help="Units of the layer that fast weights are made for, and numbers of a key.",
    )
    generator: int = setting(
        20,
        ge=1,
        le=200,
        suggest=(10, 40),
        label="Generators",
        unit="units for each weight",
        group="Fast weights",
        help="Units of the two networks that turn a weight's gradients into its fast value.",
    )
    samples: int = setting(
        10,
        ge=1,
        le=1000,
        suggest=(5, 25),
        label="Samples",
        symbol="T",
        unit="support examples",
        group="Fast weights",
        help="How many support examples the fast weights of the keys are made from; all of them if "
        "there are fewer.",
    )


@ALGORITHMS.register(Config)
class MetaNet(Algorithm):
    """Turns the gradients of a task's losses into weights for that task, recalled by likeness."""

    title = "Meta networks"
    family = "Memory-based"
    summary = (
        "Turns the gradient of each example's loss into fast weights, and answers a query with "
        "those of the examples it is like."
    )
    choose_when = (
        "You want adaptation in a single pass over the support set, by a rule that is learned."
    )
    paper = Paper("Munkhdalai & Yu, 2017", 2017, "https://arxiv.org/abs/1703.00837")
    traits = Traits(order_invariant=False)
    recommended: ClassVar[Mapping[str, Any]] = {
        "training.meta_batch": 4,
        "training.optimizer.lr": 2e-3,
        "training.schedule.name": "cosine",
        "training.clip_norm": 10.0,
    }
    config: Config

    def init(self, random: Random) -> State:
        features, outputs = self.backbone.features, self.spec.outputs
        hidden, width = self.config.hidden, self.config.generator
        return State(
            {
                **self.backbone.init(random),
                **init_dense(random, "base.hidden", features, hidden),
                **init_dense(random, "base.output", hidden, outputs),
                **init_dense(random, "key", features, hidden),
                "attention.log_scale": torch.tensor(math.log(SHARP)),
                **init_dense(random, "m.first", 2, width),
                **init_dense(random, "m.second", width, width),
                "m.last.weight": uniform_weight(random, 1, width, gain=QUIET),
                "d.input": uniform_weight(random, 4 * width, 2),
                "d.state": uniform_weight(random, 4 * width, width),
                "d.bias": torch.zeros(4 * width),
                "d.last.weight": uniform_weight(random, 1, width, gain=QUIET),
            }
        )

    def noise(self, random: Random, support_size: int, steps: int | None = None) -> Noise:
        return {"order": torch.from_numpy(random.permutation(support_size)[: self.config.samples])}

    def adapt(
        self, state: State, support: Support[Tensor], noise: Noise, steps: int | None = None
    ) -> FastLearner:
        slow, order = state.parameters, noise["order"]
        features = self.backbone(slow, support.x, Own())  # (S, D)
        fast_key = self.fast_key(slow, features[order], support, order)
        keys = embedding(slow, fast_key, features)  # (3)
        values = self.fast_base(slow, features, support)
        return FastLearner(
            self.backbone,
            slow,
            support,
            self.norm.eval,
            fast_key=fast_key,
            keys=keys,
            values=values,
        )

    def fast_key(
        self, slow: Tensors, features: Tensor, support: Support[Tensor], order: Tensor
    ) -> Tensors:
        """Q*, from features (T, D) of the support examples `order`.  (1)"""
        output = slow["base.output.weight"].detach(), slow["base.output.bias"].detach()

        def representation_loss(own: Tensors, x: Tensor) -> Tensor:
            hidden = each_linear(x, own["key.weight"], own["key.bias"]).relu()
            scores = masked(F.linear(hidden, *output), support)
            return F.cross_entropy(scores, support.y[order], reduction="sum")

        weights = _chosen(slow, KEY)
        gradients = each_gradient(representation_loss, weights, features)
        hidden = cell = features.new_zeros(gradients.shape[1], self.config.generator)
        for gradient in log_and_sign(gradients, P):  # (weights, 2)
            shown = F.linear(gradient, slow["d.input"], slow["d.bias"])
            hidden, cell = lstm_cell(shown, slow["d.state"], hidden, cell)
        return unflat(F.linear(hidden, slow["d.last.weight"]).squeeze(1), weights)

    def fast_base(self, slow: Tensors, features: Tensor, support: Support[Tensor]) -> Tensor:
        """W* (S, weights), from features (S, D).  (2)"""

        def base_loss(own: Tensors, x: Tensor) -> Tensor:
            hidden = each_linear(x, own["base.hidden.weight"], own["base.hidden.bias"]).relu()
            scores = each_linear(hidden, own["base.output.weight"], own["base.output.bias"])
            return F.cross_entropy(masked(scores, support), support.y, reduction="sum")

        x = log_and_sign(each_gradient(base_loss, _chosen(slow, BASE), features), P)
        x = dense(slow, "m.second", dense(slow, "m.first", x).relu()).relu()
        return F.linear(x, slow["m.last.weight"]).squeeze(-1)


@dataclass(frozen=True, kw_only=True)
class FastLearner(DirectLearner):
    """Answers each query with the fast weights of the support examples that it is like. Its
    parameters are the slow weights.

    Attributes:
        fast_key: Q*.
        keys: (S, H).
        values: (S, weights), W*.
    """

    fast_key: Tensors
    keys: Tensor
    values: Tensor

    def scores(self, query_x: Tensor, step: int = -1, norm: NormMode | None = None) -> Tensor:
        features = self.features(query_x, norm)
        recalled = self.attention(features) @ self.values  # (Q, weights)
        fast = unflat(recalled, _chosen(self.parameters, BASE))
        hidden, output = (_layer(self.parameters, name) for name in ("base.hidden", "base.output"))
        x = augmented(features, hidden, _layer(fast, "base.hidden"))  # (5), (6)
        # No ReLU on scores: the softmax is the last layer's own bend.
        answers = F.linear(x, *output) + each_linear(x, *_layer(fast, "base.output"))
        return masked(answers, self.support)

    def attention(self, features: Tensor) -> Tensor:
        """(Q, S) how like each support example a query is, of features (Q, D).  (4)"""
        asked = embedding(self.parameters, self.fast_key, features)
        scale = self.parameters["attention.log_scale"].exp()
        return log_attention(asked, self.keys, scale).exp()


def embedding(slow: Tensors, fast: Tensors, features: Tensor) -> Tensor:
    """The key (B, H) that u gives features (B, D), with Q and Q*.  (6)"""
    return (
        F.linear(features, *_layer(slow, "key")).relu()
        + F.linear(features, *_layer(fast, "key")).relu()
    )


def _layer(tensors: Tensors, name: str) -> tuple[Tensor, Tensor]:
    return tensors[f"{name}.weight"], tensors[f"{name}.bias"]


def _chosen(tensors: Tensors, names: tuple[str, ...]) -> Tensors:
    return {name: tensors[name] for name in names}
