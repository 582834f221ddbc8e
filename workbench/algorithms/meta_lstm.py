"""Meta-LSTM: an LSTM as the optimiser.

Ravi, Larochelle. Optimization as a Model for Few-Shot Learning. ICLR 2017.
https://openreview.net/forum?id=rJY0-Kcll

The weights theta of a network are the cell of an LSTM, whose candidate is the negative gradient:

    theta_t = f_t theta_(t-1) - i_t grad L_t                                              (1)
    i_t     = sigmoid(W_I [h_t, theta_(t-1), i_(t-1)] + b_I)                              (2)
    f_t     = sigmoid(W_F [h_t, theta_(t-1), f_(t-1)] + b_F)                              (3)
    h_t     = LSTM(grad L_t, L_t), preprocessed                                           (4)
    x      -> (log|x| / p, sign x) where |x| >= e^-p, else (-1, e^p x), with p = 10       (5)

The first cell theta_0 is learned too. One LSTM serves every weight, each with a state of its own;
gradients and losses are constants to it. The paper's normalisation is `norm.train = query_batch`
with `norm.eval = support`: batches by themselves in training, statistics of the support set in the
test.

Differences from the paper: queries are normalised by the support set in training too unless
`norm.train` says otherwise; every step sees the whole support set; the first rate is a setting.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, ClassVar, Literal

import torch
import torch.nn.functional as F
from torch import Tensor

from workbench.descending import Descending
from workbench.functional.inner import OUTER, Tensors, Trace, value_and_gradient
from workbench.functional.layers import uniform_weight
from workbench.functional.learners import GradientLearner
from workbench.functional.meta import flat, log_and_sign, lstm_cell, unflat
from workbench.interfaces import ALGORITHMS, Noise, Paper, Random, State
from workbench.schema.config import Config as BaseConfig
from workbench.schema.config import setting
from workbench.schema.inner_loop import GROUP, inner_lr, inner_steps, inner_steps_eval
from workbench.task import Support

P = 10.0
KEPT = 0.999  # of a weight in the first steps of an untrained optimiser
QUIET = 0.1  # its gates begin close to their biases
OPTIMISER = "update."


class Config(BaseConfig):
    """Settings of Meta-LSTM."""

    name: Literal["meta_lstm"] = "meta_lstm"
    inner_lr: float = inner_lr(
        0.1,
        le=0.99,
        suggest=(0.01, 0.5),
        label="First rate",
        help="How far a gradient step moves the weights before the optimiser has learned its own "
        "rates.",
    )
    inner_steps: int = inner_steps(5)
    inner_steps_eval: int = inner_steps_eval(5)
    hidden: int = setting(
        20,
        ge=1,
        le=100,
        suggest=(5, 40),
        label="Optimiser",
        unit="LSTM units for each weight",
        group=GROUP,
        help="Units of the LSTM that reads the gradients. Memory and time grow with it times the "
        "weights of the network.",
    )


@ALGORITHMS.register(Config)
class MetaLstm(Descending):
    """Learns the optimiser of the inner loop, and where it starts."""

    title = "Meta-LSTM"
    family = "Gradient-based"
    summary = (
        "Learns an optimiser, an LSTM that decides for each weight how far to follow the gradient "
        "and how much to forget, and where it starts."
    )
    choose_when = (
        "You want the way from the starting point to be learned as well, and the network is small."
    )
    paper = Paper("Ravi & Larochelle, 2017", 2017, "https://openreview.net/forum?id=rJY0-Kcll")
    recommended: ClassVar[Mapping[str, Any]] = {
        **Descending.recommended,
        "backbone.width": 32,
        "training.clip_norm": 10.0,
    }
    config: Config

    def init(self, random: Random) -> State:
        units, rate = self.config.hidden, self.config.inner_lr
        return State(
            {
                **super().init(random).parameters,
                "update.input": uniform_weight(random, 4 * units, 4),
                "update.state": uniform_weight(random, 4 * units, units),
                "update.bias": torch.zeros(4 * units),
                "update.enter.weight": uniform_weight(random, 1, units + 2, gain=QUIET),
                "update.enter.bias": torch.full((1,), math.log(rate / (1 - rate))),
                "update.forget.weight": uniform_weight(random, 1, units + 2, gain=QUIET),
                "update.forget.bias": torch.full((1,), math.log(KEPT / (1 - KEPT))),
            }
        )

    def adapt(
        self, state: State, support: Support[Tensor], noise: Noise, steps: int | None = None
    ) -> GradientLearner:
        optimiser = {k: v for k, v in state.parameters.items() if k.startswith(OPTIMISER)}
        first = {k: v for k, v in state.parameters.items() if k not in optimiser}
        still = {k: v for k, v in first.items() if k.startswith(OUTER)}
        learner = {k: v for k, v in first.items() if k not in still}
        loss_of = self.support_loss(support)
        trace, losses, memory = [first], [], first_memory(learner, self.config.hidden)
        for _ in range(self.count(steps)):
            loss, gradient = value_and_gradient(loss_of, trace[-1], keep_graph=False)
            before, slope = (flat({k: at[k] for k in learner}) for at in (trace[-1], gradient))
            weights, memory = update(optimiser, before, slope, loss, memory)
            losses.append(loss)
            trace.append({**still, **unflat(weights, learner)})
        return self.learner(Trace(tuple(trace), tuple(losses)), support)


def first_memory(learner: Tensors, units: int) -> Tensors:
    """What the optimiser knows of each weight before the first step: nothing."""
    some = next(iter(learner.values()))
    count = sum(tensor.numel() for tensor in learner.values())
    shapes = {"hidden": units, "cell": units, "enter": 1, "forget": 1}
    return {name: some.new_zeros(count, width) for name, width in shapes.items()}


def update(
    optimiser: Tensors, weights: Tensor, gradient: Tensor, loss: float, memory: Tensors
) -> tuple[Tensor, Tensors]:
    """The next weights (W,) from weights and their gradient (W,), and the next memory."""
    said = log_and_sign(gradient, P)  # (W, 2)  (5)
    losses = log_and_sign(gradient.new_tensor(loss), P).expand(len(said), 2)
    shown = F.linear(
        torch.cat([said, losses], 1), optimiser["update.input"], optimiser["update.bias"]
    )
    hidden, cell = lstm_cell(shown, optimiser["update.state"], memory["hidden"], memory["cell"])
    enter = gate(optimiser, "enter", hidden, weights, memory)  # (2)
    forget = gate(optimiser, "forget", hidden, weights, memory)  # (3)
    moved = forget.squeeze(1) * weights - enter.squeeze(1) * gradient  # (1)
    return moved, {"hidden": hidden, "cell": cell, "enter": enter, "forget": forget}


def gate(optimiser: Tensors, name: str, hidden: Tensor, weights: Tensor, memory: Tensors) -> Tensor:
    """How far a gate is open for each weight, (W, 1)."""
    seen = torch.cat([hidden, weights.unsqueeze(1), memory[name]], 1)
    weight, bias = optimiser[f"update.{name}.weight"], optimiser[f"update.{name}.bias"]
    return F.linear(seen, weight, bias).sigmoid()
