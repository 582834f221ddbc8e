"""A perceptron with hidden layers and ReLU: for sinusoids, feature vectors, and as the plainest
network for images.

Finn et al. 2017 (https://arxiv.org/abs/1703.03400) use 40-40 without normalisation for sinusoids,
and 256-128-64-64 with batch normalisation for Omniglot.
"""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from workbench.functional.dropout import Disturbance, first_weights
from workbench.functional.inner import Tensors
from workbench.functional.layers import linear, uniform_weight
from workbench.functional.normalisation import Normaliser, Product
from workbench.interfaces import BACKBONES, Backbone
from workbench.schema.config import Config as BaseConfig
from workbench.schema.config import Count, setting
from workbench.schema.dropout import Dropout, meta_dropout


class Config(BaseConfig):
    """Settings of the perceptron."""

    name: Literal["mlp"] = "mlp"
    hidden: tuple[Count, ...] = setting(
        (40, 40),
        label="Hidden layers",
        unit="units of each",
        help="Units of each hidden layer, separated by commas. The last of them are the features.",
    )
    normalise: bool = setting(
        False,
        label="Batch norm",
        help="Normalise each hidden layer; helps with images, not with sinusoids.",
    )
    dropout: Dropout = meta_dropout()


@BACKBONES.register(Config)
class Mlp(Backbone):
    """Features of an example: (B, *input_shape), flattened, to (B, last hidden layer)."""

    title = "Perceptron"
    family = "Fully connected"
    summary = (
        "Fully connected layers: for sinusoids and feature vectors, or as a plain network for "
        "images."
    )
    folds = True
    config: Config

    def __init__(self, config: Config, input_shape: tuple[int, ...]) -> None:
        super().__init__(config, input_shape)
        self.widths = (math.prod(input_shape), *config.hidden)
        self.features = self.widths[-1]
        self.disturbed = tuple((units,) for units in config.hidden)

    @property
    def norm_layers(self) -> tuple[int, ...]:
        return self.config.hidden if self.config.normalise else ()

    def init(self, random: np.random.Generator) -> Tensors:
        parameters: Tensors = {}
        for layer, (inputs, units) in enumerate(zip(self.widths, self.widths[1:], strict=False)):
            parameters[f"linear{layer}.weight"] = uniform_weight(random, units, inputs)
            if not self.config.normalise:
                parameters[f"linear{layer}.bias"] = torch.zeros(units)
            else:  # no bias: the normalisation would take it away again
                parameters[f"norm{layer}.weight"] = torch.ones(units)
                parameters[f"norm{layer}.bias"] = torch.zeros(units)
        weights = list(zip(self.widths[1:], self.widths, strict=False))
        return parameters | first_weights(self.config.dropout, weights)

    def __call__(self, parameters: Tensors, x: Tensor, normaliser: Normaliser) -> Tensor:
        x = x.flatten(-len(self.input_shape))
        disturb = Disturbance(self.config.dropout, parameters, self.drawn, normaliser.answers)
        for layer in range(len(self.config.hidden)):
            weight = parameters[f"linear{layer}.weight"]
            product = Product(linear, x, axis=x.dim() - 2)
            if self.config.normalise:
                gain, shift = parameters[f"norm{layer}.weight"], parameters[f"norm{layer}.bias"]
                x = normaliser(product, weight, gain, shift)
            else:
                x = product(weight, parameters[f"linear{layer}.bias"])
            x = F.relu(disturb(layer, x, product))
        return x  # (B, D)
