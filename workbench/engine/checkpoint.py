"""Exact checkpoints: everything that decides the next step, so that a resumed run gives the same
bits.

There are no random states to keep: every draw is addressed by (seed, stream, step, task).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import torch
from torch import Tensor

from workbench.errors import StoreError
from workbench.functional.priorities import Table
from workbench.interfaces import State

VERSION = 1


@dataclass(frozen=True)
class Checkpoint:
    """A run between two steps.

    Attributes:
        step: outer steps done.
        state: what was learned.
        optimizer: of the outer optimiser, as torch gives it.
        seconds: trained so far.
        best_value, best_step: of the best validation; nan and -1 before the first.
        stale: validations since then.
        validated: step of the last validation; 0 before the first.
        table: of the sampler; None where it keeps none, and in files from before there were any.
    """

    step: int
    state: State
    optimizer: dict[str, Any]
    seconds: float
    best_value: float
    best_step: int
    stale: int
    validated: int
    table: Table | None = None

    def write(self, file: BinaryIO) -> None:
        """Save to an open file."""
        torch.save(
            {
                "version": VERSION,
                "step": self.step,
                "parameters": _on_cpu(self.state.parameters),
                "buffers": _on_cpu(self.state.buffers),
                "optimizer": self.optimizer,
                "seconds": self.seconds,
                "best_value": self.best_value,
                "best_step": self.best_step,
                "stale": self.stale,
                "validated": self.validated,
                "table": _tensors(self.table),
            },
            file,
        )


def read(path: Path, device: torch.device) -> Checkpoint:
    """Load a checkpoint onto a device.

    Raises:
        StoreError: when the file is damaged or of a later version.
    """
    try:
        # weights_only: a checkpoint from someone else cannot run code.
        saved = torch.load(path, map_location=device, weights_only=True)
        version = saved.pop("version")
    except (OSError, RuntimeError, KeyError, EOFError, ValueError, AttributeError) as error:
        raise StoreError(
            "The checkpoint {name} cannot be read: {reason}.",
            name=path.name,
            reason=str(error).split("\n", 1)[0] or type(error).__name__,
            hint="Resume from another checkpoint, or start the run again with the same settings.",
        ) from error
    if version > VERSION:
        raise StoreError(
            "The checkpoint {name} has format {version}; this program reads up to {known}.",
            name=path.name,
            version=version,
            known=VERSION,
            hint="Update the workbench.",
        )
    state = State(saved.pop("parameters"), saved.pop("buffers"))
    table = _table(saved.pop("table", None))
    return Checkpoint(state=state, table=table, **saved)


def _tensors(table: Table | None) -> dict[str, Tensor] | None:
    return None if table is None else {k: torch.from_numpy(v) for k, v in vars(table).items()}


def _table(saved: dict[str, Tensor] | None) -> Table | None:
    return None if saved is None else Table(**{k: v.cpu().numpy() for k, v in saved.items()})


def _on_cpu(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name: tensor.detach().cpu() for name, tensor in tensors.items()}
