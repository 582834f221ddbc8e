"""The settings of Meta Dropout, declared once for every network.

class Config(BaseConfig):
    dropout: Dropout = meta_dropout()
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import pydantic

from workbench.schema.config import Config, setting

Share = Annotated[float, pydantic.Field(ge=0, lt=1)]


class NoDropout(Config, title="None"):
    """Nothing is dropped."""

    name: Literal["none"] = "none"


class ConsistentDropout(Config, title="Consistent masks"):
    """Each training task silences features of its own, the same in all of its inner steps."""

    name: Literal["consistent"] = "consistent"
    rates: tuple[Share, ...] = setting(
        (0.05, 0.10, 0.15, 0.05),
        label="Dropped",
        symbol="p",
        unit="share of each layer's features",
        help="How many of a layer's features a training task does without, layer by layer and "
        "separated by commas. The last one serves the layers beyond it too.",
    )


class LearnedDropout(Config, title="Learned noise (Lee et al., 2020)"):
    """Noise multiplies the features while a task is learned; how much, the example says."""

    name: Literal["learned"] = "learned"


Dropout = Annotated[
    NoDropout | ConsistentDropout | LearnedDropout, pydantic.Field(discriminator="name")
]


def meta_dropout() -> Any:
    """What a training task does to the network's features, so that none is relied upon."""
    return setting(
        NoDropout(),
        label="Meta Dropout",
        help="Disturbs the network's features while it trains, in a way of each task's own, so "
        "that it does not lean on a few of them. Nothing is disturbed in evaluation.",
    )
