"""ResNet-18, as torchvision has it, with its weights if there is a file of them.

He, Zhang, Ren, Sun. Deep Residual Learning for Image Recognition. 2016.
https://arxiv.org/abs/1512.03385

    block = relu(norm(conv(relu(norm(conv(x))))) + s)    s: x, or norm(conv1x1(x)) to change shape

Four stages of two blocks, of 64, 128, 256 and 512 filters, each but the first halving the image;
before them a convolution of 7x7 and a pooling that halve it twice. Parameters have torchvision's
names. An image is normalised as ImageNet's were, and grey is repeated in three channels.

A file of weights brings running statistics m, v. Frozen, they leave of a normalisation

    g (z - m) / sqrt(v + eps) + b = g' z + b'     g' = g / sqrt(v + eps)     b' = b - m g'     (1)

so g' and b' are what the network begins with in place of g and b, and nothing is normalised any
more. Differences from torchvision: the layer behind the features is left out; without a file, first
weights are uniform with He's variance.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from pickle import UnpicklingError
from typing import Literal, NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from workbench.errors import ConfigError
from workbench.functional.dropout import Disturbance, first_weights
from workbench.functional.inner import Tensors
from workbench.functional.layers import convolution, per_image, uniform_weight
from workbench.functional.normalisation import EPSILON, Absorbed, Normaliser, Product
from workbench.interfaces import BACKBONES, Backbone
from workbench.schema.config import Config as BaseConfig
from workbench.schema.config import setting
from workbench.schema.dropout import Dropout, meta_dropout

# What torch raises, according to the first bytes of a file that is something else.
NOT_WEIGHTS = (
    *(OSError, RuntimeError, EOFError, UnpicklingError, LookupError, ValueError),
    *(TypeError, AttributeError, struct.error),
)
STAGES = (1, 2, 4, 8)  # times the width
BLOCKS = 2
COLOURS = 3
MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # of ImageNet


class Config(BaseConfig):
    """Settings of ResNet-18."""

    name: Literal["resnet18"] = "resnet18"
    weights: str = setting(
        "",
        path=True,
        label="Weights",
        help="A file of torchvision's ResNet-18 weights, a state dict (.pth); if empty, the "
        "network begins untrained. Nothing is downloaded.",
    )
    frozen_statistics: bool = setting(
        True,
        label="Statistics of the file",
        unit="instead of the task's",
        help="Normalise by the statistics that come with the weights, whatever the task. Off takes "
        "those of the task, as the normalisation's settings say; so does a network without "
        "weights.",
    )
    width: int = setting(
        64,
        ge=1,
        le=256,
        suggest=(16, 64),
        label="Filters",
        unit="of the first stage",
        advanced=True,
        help="Filters of the first stage; each later one has twice as many. Files of weights have "
        "64.",
    )
    dropout: Dropout = meta_dropout()


class Layer(NamedTuple):
    """A convolution, its normalisation and its shape (out, in, k, k)."""

    convolution: str
    norm: str
    shape: tuple[int, int, int, int]


class Block(NamedTuple):
    """Two convolutions, the stride of the first, and the way round them, None where it is bare."""

    first: Layer
    second: Layer
    short: Layer | None
    stride: int


@BACKBONES.register(Config)
class ResNet18(Backbone):
    """Features of an image: (B, C, H, W) to (B, D)."""

    title = "ResNet-18"
    family = "Residual"
    summary = "Torchvision's smallest residual network, which can begin with pretrained weights."
    kinds = ("classification",)
    input_dimensions = (3,)
    worth_a_thread = True
    folds = True
    config: Config

    def __init__(self, config: Config, input_shape: tuple[int, ...]) -> None:
        super().__init__(config, input_shape)
        if input_shape[0] not in (1, COLOURS):
            raise ConfigError.of(
                "backbone.name",
                f"ResNet-18 sees grey or colour; these images have {input_shape[0]} channels.",
                "Choose another network.",
            )
        self.stem = Layer("conv1", "bn1", (config.width, COLOURS, 7, 7))
        self.blocks = tuple(_blocks(config.width))
        self.features = config.width * STAGES[-1]
        self.frozen = bool(config.weights) and config.frozen_statistics
        height, width = (_halved(_halved(size)) for size in input_shape[1:])
        made = []
        for block in self.blocks:
            if block.stride == 2:
                height, width = _halved(height), _halved(width)
            made.append((block.second.shape[0], height, width))
        self.disturbed = tuple(made)

    @property
    def map_shape(self) -> tuple[int, int, int]:
        channels, height, width = self.disturbed[-1]
        return channels, height, width

    @property
    def norm_layers(self) -> tuple[int, ...]:
        return () if self.frozen else tuple(layer.shape[0] for layer in self._layers())

    def init(self, random: np.random.Generator) -> Tensors:
        path = Path(self.config.weights).expanduser()
        parameters = (
            self.from_torchvision(read_weights(path), path.name)
            if self.config.weights
            else self._untrained(random)
        )
        ways = [(*block.first.shape[:2], 1, 1) for block in self.blocks]
        return parameters | first_weights(self.config.dropout, ways)

    def __call__(self, parameters: Tensors, x: Tensor, normaliser: Normaliser) -> Tensor:
        return self.maps(parameters, x, normaliser).mean((-2, -1))  # (B, D)

    def maps(self, parameters: Tensors, x: Tensor, normaliser: Normaliser) -> Tensor:
        disturb = Disturbance(self.config.dropout, parameters, self.drawn, normaliser.answers)
        normalise = Absorbed(normaliser.answers) if self.frozen else normaliser

        def apply(layer: Layer, product: Product) -> Tensor:
            names = f"{layer.convolution}.weight", f"{layer.norm}.weight", f"{layer.norm}.bias"
            return normalise(product, *(parameters[name] for name in names))

        x = F.relu(apply(self.stem, _product(as_imagenet(x), stride=2, padding=3)))
        x = per_image(partial(F.max_pool2d, kernel_size=3, stride=2, padding=1), x)
        for number, block in enumerate(self.blocks):
            short = _product(x, stride=block.stride, padding=0)
            h = F.relu(apply(block.first, _product(x, stride=block.stride)))
            h = apply(block.second, _product(h))
            h = h + (apply(block.short, short) if block.short else x)
            x = F.relu(disturb(number, h, short))
        return x  # (B, C, H, W)

    def _layers(self) -> Iterator[Layer]:
        """In the order in which they are normalised."""
        yield self.stem
        for block in self.blocks:
            yield from (block.first, block.second)
            if block.short:
                yield block.short

    def _untrained(self, random: np.random.Generator) -> Tensors:
        parameters: Tensors = {}
        for layer in self._layers():
            weight = uniform_weight(random, *layer.shape, gain=math.sqrt(2))
            parameters[f"{layer.convolution}.weight"] = weight
            parameters[f"{layer.norm}.weight"] = torch.ones(layer.shape[0])
            parameters[f"{layer.norm}.bias"] = torch.zeros(layer.shape[0])
        return parameters

    def from_torchvision(self, found: Mapping[str, Tensor], file: str) -> Tensors:
        """Parameters from torchvision's, which a file of that name held.

        Raises:
            ConfigError: one is missing, or has another shape.
        """
        parameters: Tensors = {}
        for layer in self._layers():
            channels = layer.shape[:1]
            shapes: dict[str, tuple[int, ...]] = {f"{layer.convolution}.weight": layer.shape}
            shapes |= {f"{layer.norm}.{part}": channels for part in ("weight", "bias")}
            shapes |= {f"{layer.norm}.running_{part}": channels for part in ("mean", "var")}
            weight, gain, shift, mean, variance = (
                _fitting(file, found, name, shape) for name, shape in shapes.items()
            )
            if self.frozen:  # (1)
                gain = gain * torch.rsqrt(variance + EPSILON)
                shift = shift - mean * gain
            parameters |= dict(zip(shapes, (weight, gain, shift), strict=False))
        return {name: tensor.clone() for name, tensor in parameters.items()}


def as_imagenet(x: Tensor) -> Tensor:
    """Images (B, 3, H, W), normalised as ImageNet's, of images (B, 1 or 3, H, W) from 0 to 1."""
    mean, deviation = (x.new_tensor(values).view(COLOURS, 1, 1) for values in (MEAN, DEVIATION))
    return (x - mean) / deviation


def read_weights(path: Path) -> Mapping[str, Tensor]:
    """The tensors of a state dict by name.

    Raises:
        ConfigError: there is no such file, or it holds something else.
    """
    try:
        found = torch.load(path, map_location="cpu", weights_only=True)
    except NOT_WEIGHTS as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise _unfit(f"{path.name} cannot be read as weights: {reason}.") from None
    if not isinstance(found, Mapping) or not all(isinstance(v, Tensor) for v in found.values()):
        raise _unfit(f"{path.name} holds no tensors by name.")
    return {name: tensor.float() for name, tensor in found.items()}


def _fitting(file: str, found: Mapping[str, Tensor], name: str, shape: tuple[int, ...]) -> Tensor:
    if name not in found:
        raise _unfit(f"{file} does not fit ResNet-18: it has no {name}.")
    if tuple(found[name].shape) != shape:
        have, want = ("×".join(map(str, sizes)) for sizes in (found[name].shape, shape))
        raise _unfit(f"{file} does not fit ResNet-18: its {name} is {have}, not {want}.")
    return found[name]


def _unfit(message: str) -> ConfigError:
    hint = "Choose a state dict of torchvision's resnet18, with 64 filters, or none."
    return ConfigError.of("backbone.weights", message, hint)


def _blocks(width: int) -> Iterator[Block]:
    inputs = width
    for stage, times in enumerate(STAGES):
        for number in range(BLOCKS):
            outputs, name = width * times, f"layer{stage + 1}.{number}"
            short = None
            if inputs != outputs:
                ways = f"{name}.downsample"
                short = Layer(f"{ways}.0", f"{ways}.1", (outputs, inputs, 1, 1))
            yield Block(
                Layer(f"{name}.conv1", f"{name}.bn1", (outputs, inputs, 3, 3)),
                Layer(f"{name}.conv2", f"{name}.bn2", (outputs, outputs, 3, 3)),
                short,
                2 if short else 1,
            )
            inputs = outputs


def _product(x: Tensor, stride: int = 1, padding: int = 1) -> Product:
    return Product(partial(convolution, stride=stride, padding=padding), x, axis=x.dim() - 4)


def _halved(size: int) -> int:
    return (size + 1) // 2
