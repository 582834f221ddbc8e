"""Pictures by their numbers: one gather for each half of a meta-batch.

A number counts through the bank and, where rotations are classes of their own, through its turned
copies: `turn * images + image`. As long as the copies fit a budget they are stored, on the device;
a larger bank stays memory-mapped on disk, and only what was gathered is turned.
"""

from __future__ import annotations

import mmap
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from workbench.engine.episodes import QUARTER_TURNS

STORED_BYTES = 1 << 30


class Pictures:
    """The pictures of a bank.

    Args:
        images: (M, C, H, W) uint8, perhaps memory-mapped.
        rotations: whether turned copies are counted too.
        device: where pictures are wanted.
        budget: bytes that stored copies may take.
    """

    def __init__(
        self,
        images: NDArray[np.uint8],
        rotations: bool,
        device: torch.device,
        budget: int = STORED_BYTES,
    ) -> None:
        self._images, self._device = images, device
        turns = QUARTER_TURNS if rotations else 1
        fits = images.nbytes * turns <= budget
        self._stored = _turned(images, turns).to(device) if fits else None
        if fits:
            _let_go(images)

    def __call__(self, numbers: NDArray[np.int64]) -> Tensor:
        """(*numbers.shape, C, H, W) uint8 of the pictures with these numbers."""
        flat = np.ascontiguousarray(numbers).reshape(-1)
        if self._stored is not None:
            found = self._stored.index_select(0, torch.from_numpy(flat).to(self._device))
        else:
            found = self._gathered(flat)
        return found.view(*numbers.shape, *self._images.shape[1:])

    def _gathered(self, flat: NDArray[np.int64]) -> Tensor:
        turns, rows = np.divmod(flat, len(self._images))
        found = torch.from_numpy(np.take(self._images, rows, axis=0)).to(self._device)
        for turn in range(1, QUARTER_TURNS):
            some = torch.from_numpy(turns == turn).to(self._device)
            if bool(some.any()):
                found[some] = torch.rot90(found[some], turn, (-2, -1))
        return found


def _turned(images: NDArray[np.uint8], turns: int) -> Tensor:
    stored = np.empty((turns, *images.shape), np.uint8)
    stored[0] = images
    for turn in range(1, turns):
        stored[turn] = np.rot90(stored[0], turn, axes=(-2, -1))
    return torch.from_numpy(stored).flatten(0, 1)


def _let_go(images: NDArray[np.uint8]) -> None:
    """Give the pages of a mapped bank back to the system: from now on the copy is read. Whoever
    reads the bank all the same finds them again."""
    owner: Any = images
    while owner is not None and not isinstance(owner, mmap.mmap):
        owner = getattr(owner, "base", None)
    if owner is not None and hasattr(mmap, "MADV_DONTNEED"):  # not on every system
        owner.madvise(mmap.MADV_DONTNEED)
