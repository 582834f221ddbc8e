"""A bank while it is written, class by class or image by image."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from workbench.bank.disk import (
    MARK,
    blocks,
    clear_errors,
    hash_of,
    put_in_place,
    storage_error,
    sweep,
    sync,
)

FORMAT = 1


@dataclass(frozen=True)
class ClassInfo:
    """One class: its name, the group it belongs to (the alphabet of a character), and the split
    that its publisher put it into, if any."""

    name: str
    group: str
    split: str = ""

    @property
    def title(self) -> str:
        """Both in words: "Greek, alpha"; of a class without a group, its name."""
        return ", ".join(filter(None, (self.group, self.name)))


class BankBuilder:
    """Writes a bank. Leaving the `with` block puts it in place.

    An exception removes every trace.

        with BankBuilder(folder, (1, 28, 28)) as builder:
            builder.add(ClassInfo("alpha", "Greek"), images)

    Where images come in any order, the classes are laid out first:

            builder.lay_out([(ClassInfo("alpha", "Greek"), 20), (ClassInfo("beta", "Greek"), 20)])
            for number, image in enumerate(images):
                builder.put(number, image)

    Attributes:
        notes: what is left out, as sentences; kept with the bank.

    Raises:
        DataError: at any moment, when the disk is full or cannot be written to.
    """

    def __init__(self, folder: str | Path, image_shape: Sequence[int]) -> None:
        self.folder = Path(folder)
        self.image_shape = tuple(int(side) for side in image_shape)
        self._part = self.folder.with_name(
            f".{self.folder.name}{MARK}{os.getpid()}-{uuid.uuid4().hex[:8]}"
        )
        self._classes: list[ClassInfo] = []
        self._starts = [0]
        self._file: IO[bytes] | None = None
        self._missing = np.zeros(0, bool)  # which of the laid out images did not come yet
        self.notes: list[str] = []

    def __enter__(self) -> Self:
        with clear_errors(self.folder):
            self.folder.parent.mkdir(parents=True, exist_ok=True)
            sweep(self.folder)
            self._part.mkdir()
            try:
                self._file = (self._part / "images.npy").open("w+b")
                self._write_header()
            except BaseException:
                self._discard()
                raise
        return self

    def add(self, info: ClassInfo, images: NDArray[np.uint8]) -> None:
        """Append one class: (n, C, H, W) uint8."""
        if self._file is None:
            raise ValueError("a builder is used inside its with block")
        if images.dtype != np.uint8 or images.shape[1:] != self.image_shape:
            raise ValueError(f"{images.dtype} {images.shape[1:]} in a bank of {self.image_shape}")
        try:  # in place of the context manager, which costs more than writing one small class
            self._file.write(np.ascontiguousarray(images).data)
        except OSError as error:
            raise storage_error(error, self.folder.parent) from error
        self._classes.append(info)
        self._starts.append(self._starts[-1] + len(images))

    def lay_out(self, classes: Sequence[tuple[ClassInfo, int]]) -> None:
        """Say all classes, and how many images each has."""
        self._classes = [info for info, _ in classes]
        self._starts = np.cumsum([0, *(count for _, count in classes)]).tolist()
        self._missing = np.ones(self._starts[-1], bool)

    def put(self, number: int, image: NDArray[np.uint8]) -> None:
        """Write image `number` of those that were laid out, (C, H, W) uint8, counted from 0."""
        if self._file is None or not self._missing[number]:
            raise ValueError(f"image {number} was not laid out, or is there already")
        if image.dtype != np.uint8 or image.shape != self.image_shape:
            raise ValueError(f"{image.dtype} {image.shape} in a bank of {self.image_shape}")
        try:
            self._file.seek(self._begin + number * image.nbytes)
            self._file.write(np.ascontiguousarray(image).data)
        except OSError as error:
            raise storage_error(error, self.folder.parent) from error
        self._missing[number] = False

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is not None:
            self._discard()
            return
        try:
            with clear_errors(self.folder):
                self._finish()
        except BaseException:
            self._discard()
            raise

    def _write_header(self) -> None:
        assert self._file is not None
        self._file.seek(0)
        shape = (self._starts[-1], *self.image_shape)
        # numpy leaves room for the first number to grow, so the header keeps its length
        npy.write_array_header_1_0(
            self._file, {"descr": "|u1", "fortran_order": False, "shape": shape}
        )
        self._begin = self._file.tell()

    def _finish(self) -> None:
        assert self._file is not None
        if self._missing.any():
            raise ValueError(f"{self._missing.sum()} images that were laid out did not come")
        self._write_header()
        sync(self._file)
        hashes = [hash_of(self._file, block) for block in range(blocks(self._file))]
        self._file.close()
        with (self._part / "starts.npy").open("wb") as file:
            np.save(file, np.array(self._starts, np.int64))
            sync(file)
        with (self._part / "bank.json").open("w", encoding="utf-8") as text:
            json.dump(self._header(hashes), text, ensure_ascii=False)
            sync(text)
        put_in_place(self._part, self.folder)

    def _header(self, hashes: Sequence[str]) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "shape": [self._starts[-1], *self.image_shape],
            "names": [info.name for info in self._classes],
            "groups": [info.group for info in self._classes],
            "splits": [info.split for info in self._classes],
            "notes": self.notes,
            "hashes": hashes,
        }

    def _discard(self) -> None:
        if self._file is not None:
            with contextlib.suppress(OSError):  # a full disk refuses what was buffered, too
                self._file.close()
        shutil.rmtree(self._part, ignore_errors=True)
