"""The settings of a controller and its memory, declared once for every method that has them.

class Config(BaseConfig):
    slots: int = slots(128)
"""

from __future__ import annotations

from typing import Any

from workbench.schema.config import setting

GROUP = "Memory"


def controller(default: int) -> Any:
    """H, units of the recurrent network."""
    return setting(
        default,
        ge=1,
        le=2000,
        suggest=(50, 400),
        label="Controller",
        unit="LSTM units",
        group=GROUP,
        help="Units of the recurrent network that reads the examples and commands the memory.",
    )


def slots(default: int) -> Any:
    """M, rows of the memory."""
    return setting(
        default,
        ge=8,
        le=4096,
        suggest=(32, 256),
        label="Slots",
        unit="rows of the memory",
        group=GROUP,
        help="How many things can be remembered at a time.",
    )


def slot_width(default: int) -> Any:
    """W, columns of the memory."""
    return setting(
        default,
        ge=1,
        le=1000,
        suggest=(20, 100),
        label="Slot width",
        unit="numbers in a slot",
        group=GROUP,
        help="How much is remembered of each thing.",
    )


def heads(default: int) -> Any:
    """R, places read, and places written, in each step."""
    return setting(
        default,
        ge=1,
        le=8,
        suggest=(1, 4),
        label="Heads",
        unit="reads and writes per example",
        group=GROUP,
        help="How often the memory is read, and written, at each example.",
    )
