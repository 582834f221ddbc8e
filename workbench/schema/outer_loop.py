"""The settings of the outer loop's optimiser and of its rate: each choice has its own."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import pydantic

from workbench.schema.config import Config, setting

ADDED_DECAY = "Pulls every weight towards zero; added to the gradient."
OWN_DECAY = "Shrinks every weight a little at each step."


def _rate(default: float, suggest: tuple[float, float]) -> Any:
    return setting(
        default,
        gt=0,
        le=10,
        suggest=suggest,
        label="Outer rate",
        symbol="β",
        unit="per step",
        help="How far one outer step moves the starting point.",
    )


def _decay(default: float, largest: float, words: str) -> Any:
    return setting(default, ge=0, le=1, suggest=(0, largest), help=words)


def _moment(default: float, label: str, symbol: str, what: str) -> Any:
    return setting(
        default,
        ge=0,
        lt=1,
        label=label,
        symbol=symbol,
        advanced=True,
        help=f"How long the average of past {what} remembers.",
    )


def _first_moment() -> Any:
    return _moment(0.9, "First moment", "β₁", "gradients")


def _second_moment() -> Any:
    return _moment(0.999, "Second moment", "β₂", "squared gradients")


def _final() -> Any:
    return setting(
        0.0,
        ge=0,
        le=1,
        label="Final rate",
        unit="of the outer rate",
        help="What is left of the outer rate at the last step.",
    )


class AdamConfig(Config, title="Adam"):
    """Adaptive moments (Kingma and Ba, 2015)."""

    name: Literal["adam"] = "adam"
    lr: float = _rate(1e-3, (1e-4, 1e-2))
    weight_decay: float = _decay(0.0, 1e-3, ADDED_DECAY)
    beta1: float = _first_moment()
    beta2: float = _second_moment()


class AdamWConfig(Config, title="AdamW"):
    """Adam with weight decay kept apart from the gradient (Loshchilov and Hutter, 2019)."""

    name: Literal["adamw"] = "adamw"
    lr: float = _rate(1e-3, (1e-4, 1e-2))
    weight_decay: float = _decay(0.01, 0.1, OWN_DECAY)
    beta1: float = _first_moment()
    beta2: float = _second_moment()


class SgdConfig(Config, title="SGD"):
    """Plain gradient descent, with momentum if wanted."""

    name: Literal["sgd"] = "sgd"
    lr: float = _rate(0.1, (1e-3, 1))
    momentum: float = setting(0.0, ge=0, lt=1, help="How much of the previous step is kept.")
    weight_decay: float = _decay(0.0, 1e-3, ADDED_DECAY)


class ConstantConfig(Config, title="Constant"):
    """The outer rate stays as it is."""

    name: Literal["constant"] = "constant"


class CosineConfig(Config, title="Cosine"):
    """The outer rate falls along half a cosine."""

    name: Literal["cosine"] = "cosine"
    final: float = _final()


class LinearConfig(Config, title="Linear"):
    """The outer rate falls along a straight line."""

    name: Literal["linear"] = "linear"
    final: float = _final()


class StepConfig(Config, title="Steps"):
    """The outer rate is multiplied by a factor every so many steps."""

    name: Literal["step"] = "step"
    every: int = setting(1000, ge=1, unit="steps", help="How many steps pass between two drops.")
    factor: float = setting(
        0.5, gt=0, le=1, help="What the outer rate is multiplied by at each drop."
    )


Optimizer = Annotated[AdamConfig | AdamWConfig | SgdConfig, pydantic.Field(discriminator="name")]
Schedule = Annotated[
    ConstantConfig | CosineConfig | LinearConfig | StepConfig,
    pydantic.Field(discriminator="name"),
]
