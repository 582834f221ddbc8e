"""Conv-4: four blocks of convolution, normalisation, ReLU and halving.

Vinyals et al. Matching Networks for One Shot Learning. 2016. https://arxiv.org/abs/1606.04080

The network of nearly every few-shot paper on Omniglot: 28×28 images become `width` features. It
halves by 2×2 max-pooling; Finn et al. (https://arxiv.org/abs/1703.03400) halve by a stride of 2
instead and average what is left of the image, which costs about a quarter.

Batch normalisation is the papers'. Layer and group normalisation take their statistics from each
image by itself, so that no answer hangs on the other images of its batch.

Differences from the papers: Glorot's first weights from the run's own seed; an image smaller than
16 pixels skips the poolings that it has no room for.
"""

from __future__ import annotations

from functools import partial
from typing import Literal

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from workbench.functional.convolution import has_patches, pooled_patches
from workbench.functional.dropout import Disturbance, first_weights
from workbench.functional.inner import Tensors
from workbench.functional.layers import convolution, group_norm, per_image, uniform_weight
from workbench.functional.normalisation import Linear, Normaliser, Product
from workbench.interfaces import BACKBONES, Backbone
from workbench.schema.config import Config as BaseConfig
from workbench.schema.config import setting
from workbench.schema.dropout import Dropout, meta_dropout

BLOCKS = 4


class Config(BaseConfig):
    """Settings of Conv-4."""

    name: Literal["conv4"] = "conv4"
    width: int = setting(
        64,
        ge=1,
        le=512,
        suggest=(16, 128),
        label="Filters",
        unit="per block",
        help="Filters of each convolution. Fewer train faster and tell fewer things apart.",
    )
    downsample: Literal["pool", "stride"] = setting(
        "pool",
        choices={"pool": "max-pooling", "stride": "strides"},
        label="Halve by",
        help="How each block halves the image. Strides need about a quarter of the arithmetic.",
    )
    halvings: int = setting(
        BLOCKS,
        ge=0,
        le=BLOCKS,
        label="Halvings",
        unit="first blocks that halve",
        advanced=True,
        help="How many of the four blocks halve the image. Fewer keep the places of strokes apart, "
        "as relation networks need it, and take longer.",
    )
    norm: Literal["batch", "layer", "group", "none"] = setting(
        "batch",
        choices={"batch": "batch", "layer": "layer", "group": "group", "none": "off"},
        label="Normalise by",
        help="What stands between a convolution and its ReLU. Batch normalisation looks at other "
        "images too, and usually answers best; the settings of normalisation say at which. Layer "
        "and group normalisation look at each image alone. Off leaves a bias.",
    )
    groups: int = setting(
        8,
        ge=1,
        le=512,
        suggest=(2, 32),
        label="Groups",
        unit="of filters, with group norm",
        advanced=True,
        help="How many groups of filters group normalisation takes apart; the next smaller number "
        "where the filters cannot be divided by it.",
    )
    dropout: Dropout = meta_dropout()


@BACKBONES.register(Config)
class Conv4(Backbone):
    """Features of an image: (B, C, H, W) to (B, D)."""

    title = "Conv-4"
    family = "Convolutional"
    summary = "Four small convolutions: the standard network of few-shot papers."
    kinds = ("classification",)
    input_dimensions = (3,)
    worth_a_thread = True
    folds = True
    config: Config

    def __init__(self, config: Config, input_shape: tuple[int, ...]) -> None:
        super().__init__(config, input_shape)
        height, width = input_shape[1:]
        convolved = []
        for block in range(BLOCKS):
            halves, strided = block < config.halvings, config.downsample == "stride"
            if halves and strided:
                height, width = (height + 1) // 2, (width + 1) // 2
            convolved.append((config.width, height, width))
            if halves and not strided:
                height, width = max(height // 2, 1), max(width // 2, 1)
        self.disturbed = tuple(convolved)
        self._places = height, width
        most = {"layer": 1, "group": config.groups}.get(config.norm, 0)
        self._groups = max((g for g in range(1, most + 1) if config.width % g == 0), default=0)
        self.features = config.width * (height * width if config.downsample == "pool" else 1)

    @property
    def map_shape(self) -> tuple[int, int, int]:
        return self.config.width, *self._places

    @property
    def norm_layers(self) -> tuple[int, ...]:
        return (self.config.width,) * BLOCKS if self.config.norm == "batch" else ()

    def init(self, random: np.random.Generator) -> Tensors:
        parameters: Tensors = {}
        channels, width = self.input_shape[0], self.config.width
        for block in range(BLOCKS):
            parameters[f"conv{block}.weight"] = uniform_weight(random, width, channels, 3, 3)
            if self.config.norm == "none":
                parameters[f"conv{block}.bias"] = torch.zeros(width)
            else:  # no bias: the shift behind the normalisation does for one
                parameters[f"norm{block}.weight"] = torch.ones(width)
                parameters[f"norm{block}.bias"] = torch.zeros(width)
            channels = width
        weights = [parameters[f"conv{block}.weight"].shape for block in range(BLOCKS)]
        return parameters | first_weights(self.config.dropout, weights)

    def __call__(self, parameters: Tensors, x: Tensor, normaliser: Normaliser) -> Tensor:
        maps = self.maps(parameters, x, normaliser)
        return maps.mean((-2, -1)) if self.config.downsample == "stride" else maps.flatten(-3)

    def maps(self, parameters: Tensors, x: Tensor, normaliser: Normaliser) -> Tensor:
        strided = self.config.downsample == "stride"
        disturb = Disturbance(self.config.dropout, parameters, self.drawn, normaliser.answers)
        for block in range(BLOCKS):
            halves = block < self.config.halvings
            pools = halves and not strided
            if block == 0 and pools and not self._groups and disturb.absorbs and has_patches(x):
                patches = pooled_patches(x)
                x = disturb(block, self._normalised(parameters, 0, patches, normaliser), patches)
                continue
            layer = partial(convolution, stride=2 if halves and strided else 1)
            product = Product(layer, x, axis=x.dim() - 4)
            x = disturb(block, self._normalised(parameters, block, product, normaliser), product)
            if pools:
                # Before the ReLU: the same value and gradient, and a quarter of the elements.
                window = min(2, x.shape[-2]), min(2, x.shape[-1])
                x = per_image(partial(F.max_pool2d, kernel_size=window), x)
            x = F.relu(x)
        return x  # (B, C, H, W)

    def _normalised(
        self, parameters: Tensors, block: int, product: Linear, normaliser: Normaliser
    ) -> Tensor:
        weight = parameters[f"conv{block}.weight"]
        if self.config.norm == "none":
            return product(weight, parameters[f"conv{block}.bias"])
        gain, shift = parameters[f"norm{block}.weight"], parameters[f"norm{block}.bias"]
        if self.config.norm == "batch":
            return normaliser(product, weight, gain, shift)
        assert isinstance(product, Product)
        return group_norm(product(weight), self._groups, gain, shift)
