"""The image bank: every image of a data set in one memory-mapped array, sorted by class.

A bank is a folder of three files, so that a second opening costs nothing and two processes share
one copy:

    bank.json     version, shape, names of the classes, of their groups and splits, notes, hashes
    starts.npy    (classes + 1,) where each class begins
    images.npy    (M, C, H, W) uint8, ink and light are HIGH

It is written beside its final place and renamed when complete: a bank is whole or it is not there.
What a disk loses later is found by the hashes of its blocks; of a large bank some are looked at.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from workbench.bank.building import FORMAT, BankBuilder, ClassInfo
from workbench.bank.disk import BLOCK, blocks, hash_of, storage_error
from workbench.errors import DataError

__all__ = ["Bank", "BankBuilder", "ClassInfo", "build_cached", "cache_key", "storage_error"]

LOOK, LOOK_HARD = 16 * BLOCK, 64 * BLOCK  # bytes that are checked on opening; in a cache

BankT = TypeVar("BankT", bound="Bank")


@dataclass(frozen=True, eq=False)
class Bank:
    """Images sorted by class.

    Attributes:
        images: (M, C, H, W) uint8, ink is high; read-only and memory-mapped if it came from `open`.
        starts: (classes + 1,) int64; class c is images[starts[c] : starts[c + 1]].
        classes: name and group of each class.
        folder: where it lies on disk; None if it was made in memory.
        notes: what was left out when it was made, as sentences.
    """

    images: NDArray[np.uint8]
    starts: NDArray[np.int64]
    classes: tuple[ClassInfo, ...]
    folder: Path | None = None
    notes: tuple[str, ...] = ()

    @classmethod
    def of(cls, classes: Sequence[tuple[ClassInfo, NDArray[np.uint8]]]) -> Self:
        """A bank in memory, from (info, (n, C, H, W) images) of each class."""
        starts = np.cumsum([0, *(len(images) for _, images in classes)], dtype=np.int64)
        images = np.concatenate([images for _, images in classes])
        return cls(images, starts, tuple(info for info, _ in classes))

    @classmethod
    def open(cls, folder: str | Path, look: int = LOOK) -> Self:
        """Open a bank; images are read when they are looked at.

        Args:
            look: bytes of them that are held against their hashes, evenly spread.

        Raises:
            DataError: there is none, it has another version, or it is damaged.
        """
        folder = Path(folder)
        try:
            bank, problem = _read(cls, folder, look)
        except FileNotFoundError:
            raise DataError("There is no image bank in {folder}.", folder=folder) from None
        except (OSError, ValueError, KeyError, TypeError, EOFError) as error:
            bank, problem = None, str(error) or type(error).__name__
        if bank is None or problem:
            raise DataError(
                "The image bank in {folder} cannot be used: {problem}.",
                folder=folder,
                problem=problem,
                hint="Delete that folder; it is built again from its source.",
            )
        return bank

    def save(self, folder: str | Path) -> Self:
        """Write this bank to a folder, whole or not at all, and open it there.

        Raises:
            DataError: the disk is full or does not let itself be written to.
        """
        with BankBuilder(folder, self.images.shape[1:]) as builder:
            builder.notes.extend(self.notes)
            for number, info in enumerate(self.classes):
                builder.add(info, self.class_images(number))
        return type(self).open(folder)

    def class_images(self, number: int) -> NDArray[np.uint8]:
        """(n, C, H, W) images of one class, without a copy."""
        return self.images[self.starts[number] : self.starts[number + 1]]

    @property
    def counts(self) -> NDArray[np.int64]:
        """(classes,) images of each class."""
        return np.diff(self.starts)

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """(C, H, W)."""
        channels, height, width = self.images.shape[1:]
        return channels, height, width


def build_cached(
    folder: str | Path,
    key: str,
    image_shape: Sequence[int],
    build: Callable[[BankBuilder], None],
) -> Bank:
    """Open the bank `key` of a cache folder; build it first where it is missing or damaged.

    Args:
        folder: the cache; made if needed.
        key: says everything that the content depends on, see `cache_key`.
        image_shape: (C, H, W).
        build: adds every class to the builder. It may raise: nothing half-made stays behind.

    Raises:
        DataError: the disk is full or cannot be written to.
    """
    place = Path(folder) / key
    try:
        return Bank.open(place, LOOK_HARD)
    except DataError:
        with BankBuilder(place, image_shape) as builder:
            build(builder)
        return Bank.open(place)


def cache_key(name: str, settings: Any, sources: Sequence[str | Path] = ()) -> str:
    """A folder name that changes with the settings, with a source file, and with the format.

    Args:
        name: what the folder's name begins with.
        settings: anything that JSON can write.
        sources: files that the content is made from; their size and time count.
    """
    stamps = []
    for source in sources:
        facts = Path(source).stat()
        stamps.append([str(Path(source).resolve()), facts.st_size, facts.st_mtime_ns])
    text = json.dumps([FORMAT, settings, stamps], sort_keys=True, default=str)
    return f"{name}-{hashlib.sha256(text.encode()).hexdigest()[:16]}"


def _read(kind: type[BankT], folder: Path, look: int) -> tuple[BankT, str]:
    header = json.loads((folder / "bank.json").read_text(encoding="utf-8"))
    starts = np.load(folder / "starts.npy", allow_pickle=False)
    images = np.load(folder / "images.npy", mmap_mode="r", allow_pickle=False)
    names, groups = header["names"], header["groups"]
    splits = header.get("splits", [""] * len(names))  # older banks have none, and no hashes
    infos = tuple(map(ClassInfo, names, groups, splits))
    bank = kind(images, starts, infos, folder, tuple(header.get("notes", ())))
    return bank, _problem(header, bank) or _damage(folder, header.get("hashes", ()), look)


def _damage(folder: Path, hashes: Sequence[str], look: int) -> str:
    """What is wrong with the bytes of the images, of which some blocks are looked at."""
    if not hashes:
        return ""
    with (folder / "images.npy").open("rb") as file:
        if blocks(file) != len(hashes):
            return "its file of images has another length than it was written with"
        chosen = np.linspace(0, len(hashes) - 1, min(len(hashes), max(1, look // BLOCK)))
        for block in chosen.astype(int).tolist():
            if hash_of(file, block) != hashes[block]:
                return "its images are not what was written"
    return ""


def _problem(header: dict[str, Any], bank: Bank) -> str:
    if header["format"] != FORMAT:
        return f"its format is {header['format']}, this program reads {FORMAT}"
    if list(bank.images.shape) != header["shape"] or bank.images.dtype != np.uint8:
        return f"it holds {bank.images.shape}, its header says {tuple(header['shape'])}"
    whole = bank.images.ndim == 4 and len(bank.starts) == len(bank.classes) + 1
    if not (whole and len(header["names"]) == len(header["groups"])):
        return "its lists of classes do not fit together"
    if bank.starts[0] != 0 or bank.starts[-1] != len(bank.images) or (bank.counts < 0).any():
        return "its classes do not cover its images"
    return ""
