"""What every message is, and those about the work itself: its start and end, how far it is, that
it failed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Images = NDArray[np.uint8]  # (M, C, H, W)
Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
Split = Literal["train", "validation", "test"]


@dataclass(frozen=True)
class Command:
    """Something the window asks of the worker."""

    request: int


@dataclass(frozen=True)
class Cancel(Command):
    """Stop the work that `target` asked for; that work then answers `Failed` with `cancelled`."""

    target: int


@dataclass(frozen=True)
class Shutdown(Command):
    """Checkpoint what trains, then end. Closing the pipe does the same."""


@dataclass(frozen=True)
class Event:
    """Something the worker tells the window; `request` is 0 where nobody asked."""

    request: int


@dataclass(frozen=True)
class Device:
    """A place to compute.

    Attributes:
        name: what the setting `device` takes: "cpu", "cuda:0", "mps".
        title: "GPU 0 · H200, 139 GB".
        available: whether it can be used.
        explanation: why it was chosen, or why it is not there and what would bring it.
    """

    name: str
    title: str
    available: bool
    explanation: str


@dataclass(frozen=True)
class EngineStarting(Event):
    """The worker's process is up; torch is still loading."""


@dataclass(frozen=True)
class EngineReady(Event):
    """torch is loaded and the devices are known; `recommended` is what `auto` stands for."""

    versions: Mapping[str, str]
    devices: tuple[Device, ...]
    recommended: str


@dataclass(frozen=True)
class Progress(Event):
    """How far a long piece of work is. `total` is 0 while unknown."""

    done: int
    total: int
    text: str


@dataclass(frozen=True)
class Failed(Event):
    """The request could not be done; `detail` is for the log, empty for a person's own mistake."""

    message: str
    hint: str = ""
    detail: str = ""
    cancelled: bool = False
