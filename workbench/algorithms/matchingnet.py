"""Matching networks.

Vinyals, Blundell, Lillicrap, Kavukcuoglu, Wierstra. Matching Networks for One Shot Learning. 2016.
https://arxiv.org/abs/1606.04080

    y^ = sum_i a(x^, x_i) y_i                                                      (1)
    a(x^, x_i) = softmax over i of s cos(f(x^), g(x_i))                            (2)

Without full context f = g = f', the network. With it, both see the whole support set:

    g(x_i) = right(x_i) + left(x_i) + f'(x_i)     LSTMs along the support set, both ways  (3)
    h^_k, c_k = LSTM(f'(x^), [h_(k-1), r_(k-1)], c_(k-1))                                 (4)
    h_k = h^_k + f'(x^)                           f(x^) = h_K                             (5)
    r_(k-1) = sum_i softmax over i of h_(k-1) . g(x_i)  g(x_i)                            (6)

Differences from the paper: the cosine is multiplied by a learned s, without which an answer cannot
become confident; nothing is fine-tuned on a task. The order of the support set matters with full
context, and only with it.
"""

from __future__ import annotations

import math
from typing import Literal

import torch
from torch import Tensor

from workbench.comparing import Comparing
from workbench.functional.embedding import log_attention, membership
from workbench.functional.inner import Tensors
from workbench.functional.recurrent import init_lstm, lstm_over, lstm_step
from workbench.interfaces import ALGORITHMS, Paper, Random
from workbench.schema.config import Config as BaseConfig
from workbench.schema.config import setting
from workbench.task import Support


class Config(BaseConfig):
    """Settings of matching networks."""

    name: Literal["matchingnet"] = "matchingnet"
    scale: float = setting(
        10.0,
        gt=0,
        le=1000,
        suggest=(1, 30),
        label="First cosine scale",
        symbol="s",
        unit="times the similarity",
        group="Attention",
        help="What a cosine is multiplied by at the start; it is learned from there. Larger looks "
        "at fewer examples.",
    )
    full_context: bool = setting(
        False,
        label="Full context",
        unit="embed each example in view of all",
        group="Attention",
        help="Let an LSTM read the support set both ways, and another attend to it from each "
        "query. Slower; the paper found it useful on harder images.",
    )
    read_steps: int = setting(
        5,
        ge=1,
        le=50,
        suggest=(1, 10),
        label="Reading steps",
        symbol="K",
        unit="looks at the support set",
        group="Attention",
        help="How often a query looks at the support set before it is compared. Only with full "
        "context.",
    )


@ALGORITHMS.register(Config)
class MatchingNet(Comparing):
    """Names a query by its attention to the labelled examples."""

    title = "Matching networks"
    family = "Metric-based"
    summary = "Compares a query with each labelled example by cosine, and lets the alike ones vote."
    choose_when = (
        "Classes have several faces, so that single examples say more than their mean, or examples "
        "should be seen in context."
    )
    paper = Paper("Vinyals et al., 2016", 2016, "https://arxiv.org/abs/1606.04080")
    config: Config

    def first_parameters(self, random: Random) -> Tensors:
        width = self.backbone.features
        parameters: Tensors = {}
        parameters["attention.log_scale"] = torch.tensor(math.log(self.config.scale))
        if self.config.full_context:
            parameters |= init_lstm(random, "right", 2 * width, width)
            parameters |= init_lstm(random, "left", 2 * width, width)
            parameters |= init_lstm(random, "query", 3 * width, width)
        return parameters

    def compare(
        self, parameters: Tensors, own: Tensor, support: Support[Tensor], queries: Tensor
    ) -> Tensor:
        """Logarithms (Q, N) of (1), for features (Q, D) and (S, D)."""
        if self.config.full_context:
            own = in_context(parameters, own)  # (3)
            queries = attending(parameters, queries, own, self.config.read_steps)
        weights = log_attention(queries, own, parameters["attention.log_scale"].exp())  # (Q, S)
        outside = membership(support, torch.bool).logical_not()  # (S, N)
        return weights.unsqueeze(-1).masked_fill(outside, -math.inf).logsumexp(1)  # (1)


def in_context(parameters: Tensors, own: Tensor) -> Tensor:
    """g(x) (S, D) of the support set's features (S, D), in its order.  (3)"""
    right = lstm_over(parameters, "right", own)
    left = lstm_over(parameters, "left", own.flip(0)).flip(0)
    return right + left + own  # (3)


def attending(parameters: Tensors, queries: Tensor, own: Tensor, steps: int) -> Tensor:
    """f(x) (Q, D) of queries (Q, D) that look at the support set (S, D) so many times."""
    output, cell = queries, torch.zeros_like(queries)
    for _ in range(steps):
        read = (output @ own.T).softmax(-1) @ own  # (6)
        inputs = torch.cat([queries, output, read], dim=-1)
        output, cell = lstm_step(parameters, "query", inputs, cell)  # (4)
        output = output + queries  # (5)
    return output
