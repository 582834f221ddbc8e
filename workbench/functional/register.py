"""A controller that begins as a shift register, for methods that read a task as a sequence.

A label comes one example late. To name the next example of a class, a memory must hold an example
together with the label that came after it, and be asked by examples alone. A controller of random
weights mixes all that it hears, so that no memory holds anything worth asking for, and the gradient
that would teach it to is too faint to be found in tens of thousands of sequences.

So some of its units begin by handing on what they hear: the example at hand, the example before,
the label that came late. A memory is asked by the first, and written are the second and the third,
the examples of both through one matrix: what is written is found by what is like it. All of it is
learned from there; the other units and all that joins them begin at random.

The gates of the controller are those of `workbench.functional.recurrent.gated`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from workbench.functional.inner import Tensors
from workbench.functional.layers import uniform_weight

OPEN, SHUT = 2.0, -3.0  # of a gate, before the sigmoid
LOUD = 4.0  # times an example's usual weights: what a unit hands on is clearly on or off
KEPT = 1.5  # of what goes from one unit to another, which tanh makes smaller
LABEL = 2.0
QUIET = 0.1  # of the commands' weights on units that begin at random


class Units(NamedTuple):
    """Which units of a controller hand on what."""

    now: slice
    before: slice
    label: slice

    @classmethod
    def of(cls, hidden: int) -> Units:
        """A quarter, a quarter and an eighth of a controller's units."""
        quarter, eighth = hidden // 4, hidden // 8
        return cls(
            slice(0, quarter),
            slice(quarter, 2 * quarter),
            slice(2 * quarter, 2 * quarter + eighth),
        )


def first_controller(
    random: np.random.Generator, features: int, outputs: int, hidden: int, reads: int
) -> Tensors:
    """First weights of an LSTM of so many hidden units that hears features and a label, and recurs
    on its output and on what was read."""
    units = Units.of(hidden)
    handing = slice(0, units.label.stop)
    enter = uniform_weight(random, 4 * hidden, features + outputs)
    recur = uniform_weight(random, 4 * hidden, hidden + reads)
    bias = torch.zeros(4, hidden)
    for weight in (enter, recur):
        weight.view(4, hidden, -1)[:, handing] = 0.0
    bias[:3, handing] = torch.tensor([OPEN, SHUT, OPEN]).unsqueeze(1)
    update = enter.view(4, hidden, -1)[3], recur.view(4, hidden, -1)[3]
    for place, inputs, gain in (
        (units.now, slice(0, features), LOUD),
        (units.label, slice(features, None), LABEL),
    ):
        rows = update[0][place, inputs]
        rows.copy_(uniform_weight(random, *rows.shape, gain=gain))
    update[1][units.before, units.now] = KEPT * torch.eye(units.now.stop)
    return {
        "controller.input": enter,
        "controller.state": recur,
        "controller.bias": bias.flatten(),
    }


def asked_and_written(
    random: np.random.Generator, width: int, hidden: int
) -> tuple[Tensor, Tensor]:
    """Weights (width, hidden) each, of what a memory is asked by and of what is written to it."""
    units = Units.of(hidden)
    asked, written = (uniform_weight(random, width, hidden, gain=QUIET) for _ in range(2))
    matrix = uniform_weight(random, width, units.now.stop, gain=KEPT)
    asked[:, units.now] = matrix
    written[:, units.before] = matrix
    labels = units.label.stop - units.label.start
    written[:, units.label] = uniform_weight(random, width, labels)
    return asked, written
