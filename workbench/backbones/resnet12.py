"""ResNet-12: four residual blocks of three convolutions, the larger network of few-shot papers.

Oreshkin, Rodriguez, Lacoste. TADAM: Task dependent adaptive metric for improved few-shot learning.
2018. https://arxiv.org/abs/1805.10123
Lee, Maji, Ravichandran, Soatto. Meta-Learning with Differentiable Convex Optimization. 2019.
https://arxiv.org/abs/1904.03758

    h     = norm(conv(act(norm(conv(act(norm(conv(x))))))) + norm(conv1x1(x))      (1)
    block = pool(act(h))                     act: leaky ReLU of slope 0.1          (2)

Filters are 64-128-256-512, as in the first paper, or 64-160-320-640, as in the second; other widths
keep those proportions. What is left of the image is averaged; Lee et al. keep its places.

Differences from the papers: Meta Dropout stands in for Lee et al.'s DropBlock, and Oreshkin et
al.'s conditioning on the task is a method's affair; first weights are uniform with He's variance;
an image smaller than 16 pixels skips the poolings that it has no room for.
"""

from __future__ import annotations

import math
from functools import partial
from typing import Literal

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from workbench.functional.dropout import Disturbance, first_weights
from workbench.functional.inner import Tensors
from workbench.functional.layers import convolution, per_image, uniform_weight
from workbench.functional.normalisation import Normaliser, Product
from workbench.interfaces import BACKBONES, Backbone
from workbench.schema.config import Config as BaseConfig
from workbench.schema.config import setting
from workbench.schema.dropout import Dropout, meta_dropout

CONVOLUTIONS, SLOPE = 3, 0.1
GROWTH = {"double": (1, 2, 4, 8), "wide": (1, 2.5, 5, 10)}


class Config(BaseConfig):
    """Settings of ResNet-12."""

    name: Literal["resnet12"] = "resnet12"
    width: int = setting(
        64,
        ge=2,
        le=256,
        suggest=(16, 64),
        label="Filters",
        unit="of the first block",
        help="Filters of each convolution of the first block; later blocks have more.",
    )
    growth: Literal["double", "wide"] = setting(
        "double",
        choices={"double": "× 2, 4, 8 (Oreshkin)", "wide": "× 2.5, 5, 10 (Lee)"},
        label="Later blocks",
        help="How many times as many filters the second, third and fourth block have.",
    )
    average: bool = setting(
        True,
        label="Average places",
        unit="of the last map",
        help="Average what is left of the image. Off keeps its places apart as features of their "
        "own; it makes no difference to 28 pixels, of which one place is left.",
    )
    dropout: Dropout = meta_dropout()


@BACKBONES.register(Config)
class ResNet12(Backbone):
    """Features of an image: (B, C, H, W) to (B, D)."""

    title = "ResNet-12"
    family = "Residual"
    summary = "Twelve convolutions in four residual blocks: larger than Conv-4, and slower."
    kinds = ("classification",)
    input_dimensions = (3,)
    worth_a_thread = True
    folds = True
    config: Config

    def __init__(self, config: Config, input_shape: tuple[int, ...]) -> None:
        super().__init__(config, input_shape)
        self.widths = [round(config.width * times) for times in GROWTH[config.growth]]
        height, width = input_shape[1:]
        summed = []
        for filters in self.widths:
            summed.append((filters, height, width))
            height, width = max(height // 2, 1), max(width // 2, 1)
        self.disturbed = tuple(summed)
        self._places = height, width
        self.features = self.widths[-1] * (1 if config.average else height * width)

    @property
    def map_shape(self) -> tuple[int, int, int]:
        return self.widths[-1], *self._places

    @property
    def norm_layers(self) -> tuple[int, ...]:
        return tuple(width for width in self.widths for _ in range(CONVOLUTIONS + 1))

    def init(self, random: np.random.Generator) -> Tensors:
        parameters: Tensors = {}
        channels, gain = self.input_shape[0], math.sqrt(2)
        for block, width in enumerate(self.widths):
            shapes = {f"conv{layer}": (width, width, 3, 3) for layer in range(CONVOLUTIONS)}
            shapes |= {"conv0": (width, channels, 3, 3), "short": (width, channels, 1, 1)}
            for layer, shape in shapes.items():
                name = f"block{block}.{layer}"
                parameters[f"{name}.weight"] = uniform_weight(random, *shape, gain=gain)
                parameters[f"{name}.gain"] = torch.ones(width)
                parameters[f"{name}.shift"] = torch.zeros(width)
            channels = width
        shorts = [parameters[f"block{i}.short.weight"].shape for i in range(len(self.widths))]
        return parameters | first_weights(self.config.dropout, shorts)

    def __call__(self, parameters: Tensors, x: Tensor, normaliser: Normaliser) -> Tensor:
        maps = self.maps(parameters, x, normaliser)
        return maps.mean((-2, -1)) if self.config.average else maps.flatten(-3)

    def maps(self, parameters: Tensors, x: Tensor, normaliser: Normaliser) -> Tensor:
        disturb = Disturbance(self.config.dropout, parameters, self.drawn, normaliser.answers)
        for block in range(len(self.widths)):
            h = x
            for layer in range(CONVOLUTIONS):
                h = _activated(h) if layer else h
                h = _normalised(parameters, f"block{block}.conv{layer}", _product(h), normaliser)
            short = _product(x, padding=0)
            h = h + _normalised(parameters, f"block{block}.short", short, normaliser)  # (1)
            h = disturb(block, h, short)
            # Before the activation: the same value and gradient, and a quarter of the elements.
            window = min(2, h.shape[-2]), min(2, h.shape[-1])
            x = _activated(per_image(partial(F.max_pool2d, kernel_size=window), h))  # (2)
        return x  # (B, C, H, W)


def _product(x: Tensor, padding: int = 1) -> Product:
    return Product(partial(convolution, padding=padding), x, axis=x.dim() - 4)


def _normalised(parameters: Tensors, name: str, product: Product, normaliser: Normaliser) -> Tensor:
    weight, gain, shift = (parameters[f"{name}.{part}"] for part in ("weight", "gain", "shift"))
    return normaliser(product, weight, gain, shift)


def _activated(x: Tensor) -> Tensor:
    return F.leaky_relu(x, SLOPE)
