"""A run of the store made real again: its settings, its data, its session and its weights."""

from __future__ import annotations

import platform
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import torch

import workbench
from workbench.engine import checkpoint as checkpoints
from workbench.engine.checkpoint import Checkpoint
from workbench.engine.mapping import strategy
from workbench.engine.session import Data, Session, load_data
from workbench.schema.experiment import Experiment
from workbench.services.experiment import resolve
from workbench.sources import Progress
from workbench.store import RunReader, Store, cache_root

DataLoader = Callable[[Experiment, Progress], Data]


@dataclass(frozen=True)
class OpenRun:
    """A run that can answer.

    Attributes:
        run: its id.
        session: the experiment.
        checkpoint: the weights, and the step they come from.
    """

    run: str
    session: Session
    checkpoint: Checkpoint


def from_cache(config: Experiment, progress: Progress) -> Data:
    """The data set of a config, made ready in the user's cache folder."""
    return load_data(config, cache_root(), progress)


def silent(done: int, total: int, text: str) -> None:
    """Progress that nobody looks at."""


def open_run(
    store: Store,
    run: str,
    *,
    which: Literal["last", "best"] = "best",
    load: DataLoader = from_cache,
    progress: Progress = silent,
    device: str = "",
) -> OpenRun:
    """Load a run with the weights of a checkpoint.

    Args:
        which: the last checkpoint, or the one that validation liked best.
        device: where to compute, if not where the run says.

    Raises:
        StoreError: no such run, or no checkpoint yet.
        DataError, ConfigError: the data has gone or changed.
    """
    reader = store.open(run)
    session = session_of(reader, load=load, progress=progress, device=device)
    checkpoint = checkpoints.read(reader.checkpoint(which), session.device)
    return OpenRun(reader.run, session, checkpoint)


def session_of(
    reader: RunReader,
    *,
    load: DataLoader = from_cache,
    progress: Progress = silent,
    device: str = "",
) -> Session:
    """The session of a run, with as many threads as it had, so that it gives the same bits."""
    config = resolve({**flat(reader.config), **({"device": device} if device else {})})
    return Session(
        config, load(config, progress), threads=int(reader.environment.get("threads", 0))
    )


def flat(nested: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested settings as dotted keys."""
    found: dict[str, Any] = {}
    for key, value in nested.items():
        found |= (
            flat(value, f"{prefix}{key}.") if isinstance(value, Mapping) else {prefix + key: value}
        )
    return found


def environment(session: Session) -> dict[str, Any]:
    """Everything that bits depend on besides the settings."""
    return {
        "workbench": workbench.__version__,
        "python": platform.python_version(),
        "torch": torch.__version__,
        "numpy": np.__version__,
        "platform": platform.platform(),
        "processor": torch.backends.cpu.get_cpu_capability(),
        "device": str(session.device),
        "threads": session.threads,
        "strategy": strategy(session),
    }


def changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
    """What differs between two environments, in words; empty if bits will be the same."""
    names = ("workbench", "torch", "numpy", "processor", "device", "threads", "strategy")
    return ", ".join(
        f"{name} {old[name]} is now {new[name]}"
        for name in names
        if name in old and old[name] != new[name]
    )
