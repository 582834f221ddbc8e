"""Recurrent cells as functions of their weights.

i, f, o, u = W [x, h] + b          input, forget and output gates, update
c' = sigmoid(f) c + sigmoid(i) tanh(u)
h' = sigmoid(o) tanh(c')
"""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from workbench.functional.inner import Tensors
from workbench.functional.layers import uniform_weight


def init_lstm(random: np.random.Generator, name: str, inputs: int, hidden: int) -> Tensors:
    """Weights (4 hidden, inputs) of an LSTM called `name`; `inputs` counts what recurs as well."""
    bias = torch.zeros(4, hidden)
    bias[1] = 1.0  # remember, until training says otherwise
    return {
        f"{name}.weight": uniform_weight(random, 4 * hidden, inputs),
        f"{name}.bias": bias.flatten(),
    }


def lstm_step(
    parameters: Tensors, name: str, inputs: Tensor, cell: Tensor
) -> tuple[Tensor, Tensor]:
    """Next output and cell, (B, hidden) each.

    Args:
        inputs: (B, inputs) of the step, with whatever recurs beside it.
        cell: (B, hidden).
    """
    return gated(F.linear(inputs, parameters[f"{name}.weight"], parameters[f"{name}.bias"]), cell)


def gated(gates: Tensor, cell: Tensor) -> tuple[Tensor, Tensor]:
    """Next output and cell of what the gates (..., 4 hidden) are told: enter, keep, leave, and the
    candidate. Few operations, for cells as many as the weights of a network, and for sequences."""
    opened, update = gates.split((3 * cell.shape[-1], cell.shape[-1]), -1)
    entering, keeping, leaving = opened.sigmoid().chunk(3, -1)
    cell = torch.addcmul(keeping * cell, entering, update.tanh())
    return leaving * cell.tanh(), cell


def lstm_over(parameters: Tensors, name: str, sequence: Tensor) -> Tensor:
    """Outputs (L, hidden) along a sequence (L, D), from an empty cell; recurs on its output."""
    hidden = len(parameters[f"{name}.bias"]) // 4
    output = cell = sequence.new_zeros(1, hidden)
    outputs = []
    for x in sequence.unsqueeze(1):
        output, cell = lstm_step(parameters, name, torch.cat([x, output], dim=-1), cell)
        outputs.append(output)
    return torch.cat(outputs)
