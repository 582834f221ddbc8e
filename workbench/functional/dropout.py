"""Meta Dropout: what disturbs a network while a task trains it, drawn once for the whole task.

    consistent   z = a m / (1 - p)           m ~ Bernoulli(1 - p), one for each channel      (1)
    learned      z = a softplus(mu(h) + e)   e ~ N(0, I), while a task is learned            (2)
                 z = a softplus(mu(h))       where its queries are answered, and at test     (3)

a is a layer's normalised product with h, before the ReLU; m and e are kept through all inner steps
of a task. mu is a second product of h, of weights `outer.dropout<layer>` that no inner loop moves:
they learn, from how well queries are answered, how examples ought to be disturbed.

Lee, Nam, Yang, Hwang. Meta Dropout: Learning to Perturb Latent Features for Generalization. 2020.
https://arxiv.org/abs/1905.12914

Differences from the paper, in the learned form: the noise comes after the normalisation, not before
it; e is drawn once for a task, where the paper draws it for each example and step; adaptation at
test is without noise, where the paper walks down the mean of 30 noisy losses; the head has none;
mu begins at a factor of 1 for every example. A method that embeds a task in one batch, as those do
that compare, disturbs its queries as well; under Reptile, which has no loss of queries, mu stays as
it began.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from workbench.functional.inner import OUTER, Tensors
from workbench.functional.normalisation import Linear, Product
from workbench.schema.dropout import ConsistentDropout, Dropout, LearnedDropout

Shapes = Sequence[tuple[int, ...]]  # of what each layer makes of one example: (C, ...)

ONE = math.log(math.e - 1)  # softplus of it is 1


def draw(config: Dropout, shapes: Shapes, random: np.random.Generator) -> Tensors:
    """What is random in the layers in one training task: `dropout<layer>`, factors (C,) or normals
    (C, ...)."""
    if isinstance(config, ConsistentDropout) and config.rates:
        masks = [_mask(config.rates, layer, shape[0], random) for layer, shape in enumerate(shapes)]
        return _named(masks)
    if isinstance(config, LearnedDropout):
        return _named([random.standard_normal(shape) for shape in shapes])
    return {}


def first_weights(config: Dropout, products: Sequence[tuple[int, ...]]) -> Tensors:
    """First weights of mu for layers whose products have weights of these shapes."""
    if not isinstance(config, LearnedDropout):
        return {}
    weights: Tensors = {}
    for layer, shape in enumerate(products):
        weights[f"{_mu(layer)}.weight"] = torch.zeros(shape)
        weights[f"{_mu(layer)}.bias"] = torch.full(shape[:1], ONE)
    return weights


class Disturbance:
    """What one forward pass multiplies its layers by.

    Args:
        parameters: of the network.
        drawn: by `draw`, for the task that trains it; empty otherwise.
        answers: the pass answers queries, and is not one that an inner loop walks down.

    Attributes:
        absorbs: a layer may do at once what follows its normalisation.
    """

    def __init__(
        self, config: Dropout, parameters: Tensors, drawn: Mapping[str, Tensor], answers: bool
    ) -> None:
        self.absorbs = not isinstance(config, LearnedDropout)
        self._parameters = parameters
        self._drawn = drawn
        self._answers = answers

    def __call__(self, layer: int, a: Tensor, linear: Linear) -> Tensor:
        """A layer's output (B, C, ...), disturbed. `linear` is the product that it came from."""
        drawn = self._drawn.get(f"dropout{layer}")
        if not self.absorbs:
            assert isinstance(linear, Product)
            return a * self._factor(layer, linear, None if self._answers else drawn)
        if drawn is None:
            return a
        behind = [1] * (a.dim() - drawn.dim() - 1)
        mask: Tensor = drawn.to(a.dtype).unsqueeze(-2).unflatten(-1, (-1, *behind))
        return a * mask  # (1)

    def _factor(self, layer: int, linear: Product, normals: Tensor | None) -> Tensor:
        weight, bias = (self._parameters[f"{_mu(layer)}.{part}"] for part in ("weight", "bias"))
        mean = linear(weight, bias)
        if normals is None:
            return F.softplus(mean)  # (3)
        return F.softplus(mean + normals.to(mean.dtype).unsqueeze(linear.axis))  # (2)


def _mask(
    rates: Sequence[float], layer: int, channels: int, random: np.random.Generator
) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    rate = rates[min(layer, len(rates) - 1)]
    return (random.random(channels) >= rate) / (1 - rate)


def _named(
    values: Sequence[np.ndarray[tuple[int, ...], np.dtype[np.float64]]],
) -> Tensors:
    return {
        f"dropout{layer}": torch.from_numpy(value.astype(np.float32))
        for layer, value in enumerate(values)
    }


def _mu(layer: int) -> str:
    return f"{OUTER}dropout{layer}"
