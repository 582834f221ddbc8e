"""Pictures are the same whether their turned copies are stored or made when they are gathered."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from workbench.engine.gather import Pictures

CPU = torch.device("cpu")
IMAGES = np.arange(3 * 2 * 2, dtype=np.uint8).reshape(3, 1, 2, 2)


@pytest.mark.parametrize("budget", [0, 1 << 20], ids=["gathered", "stored"])
def test_a_number_beyond_the_bank_is_a_picture_turned_by_a_quarter(budget: int) -> None:
    """Image 1 is [[4, 5], [6, 7]]; a quarter turn against the clock makes it [[5, 7], [4, 6]]."""
    found = Pictures(IMAGES, rotations=True, device=CPU, budget=budget)(np.array([1, 3 + 1, 6 + 1]))
    assert found[:, 0].tolist() == [[[4, 5], [6, 7]], [[5, 7], [4, 6]], [[7, 6], [5, 4]]]


def test_stored_and_gathered_pictures_are_equal_for_every_number() -> None:
    numbers = np.arange(12).reshape(3, 4)
    stored, gathered = (
        Pictures(IMAGES, rotations=True, device=CPU, budget=budget)(numbers)
        for budget in (1 << 20, 0)
    )
    assert stored.shape == (3, 4, 1, 2, 2)
    assert torch.equal(stored, gathered)


@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux what is resident")
def test_a_bank_that_was_copied_leaves_memory_and_can_be_read_all_the_same(tmp_path: Path) -> None:
    """8 MB on disk: read by the copy, and given back."""
    np.save(tmp_path / "images.npy", np.full((1024, 1, 64, 128), 7, np.uint8))
    images = np.load(tmp_path / "images.npy", mmap_mode="r")
    stock = Pictures(images, rotations=False, device=CPU)
    assert resident(tmp_path / "images.npy") < 64
    assert int(images.min()) == 7
    assert resident(tmp_path / "images.npy") >= 8192
    assert int(stock(np.array([1023])).min()) == 7


def resident(file: Path) -> int:
    """KB of a mapped file that this process holds in memory."""
    lines = iter(Path("/proc/self/smaps").read_text().splitlines())
    next(line for line in lines if line.endswith(str(file)))
    return int(next(line for line in lines if line.startswith("Rss:")).split()[1])
