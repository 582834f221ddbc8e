"""The image bank: every image of a data set in one memory-mapped array, sorted by class.

A bank is a folder of three files, so that a second opening costs nothing and two processes share
one copy:

    bank.json     version, shape, names of the classes and of their groups
    starts.npy    (classes + 1,) where each class begins
    images.npy    (M, C, H, W) uint8, ink and light are HIGH

It is written beside its final place and renamed when complete: a bank is whole or it is not there.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import shutil
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self, TypeVar

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from workbench.errors import DataError

FORMAT = 1
_MARK = ".part-"
_ABANDONED_AFTER = 600.0  # seconds without a write; a living build writes every moment

BankT = TypeVar("BankT", bound="Bank")


@dataclass(frozen=True)
class ClassInfo:
    """One class: its name, and the group it belongs to (the alphabet of a character)."""

    name: str
    group: str

    @property
    def title(self) -> str:
        """Both in words: "Greek, alpha"; of a class without a group, its name."""
        return ", ".join(filter(None, (self.group, self.name)))


@dataclass(frozen=True, eq=False)
class Bank:
    """Images sorted by class.

    Attributes:
        images: (M, C, H, W) uint8, ink is high; read-only and memory-mapped if it came from `open`.
        starts: (classes + 1,) int64; class c is images[starts[c] : starts[c + 1]].
        classes: name and group of each class.
        folder: where it lies on disk; None if it was made in memory.
    """

    images: NDArray[np.uint8]
    starts: NDArray[np.int64]
    classes: tuple[ClassInfo, ...]
    folder: Path | None = None

    @classmethod
    def of(cls, classes: Sequence[tuple[ClassInfo, NDArray[np.uint8]]]) -> Self:
        """A bank in memory, from (info, (n, C, H, W) images) of each class."""
        starts = np.cumsum([0, *(len(images) for _, images in classes)], dtype=np.int64)
        images = np.concatenate([images for _, images in classes])
        return cls(images, starts, tuple(info for info, _ in classes))

    @classmethod
    def open(cls, folder: str | Path) -> Self:
        """Open a bank; nothing is read until it is looked at.

        Raises:
            DataError: there is none, it has another version, or it is damaged.
        """
        folder = Path(folder)
        try:
            bank, problem = _read(cls, folder)
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


class BankBuilder:
    """Writes a bank class by class. Leaving the `with` block puts it in place.

    An exception removes every trace.

        with BankBuilder(folder, (1, 28, 28)) as builder:
            builder.add(ClassInfo("alpha", "Greek"), images)

    Raises:
        DataError: at any moment, when the disk is full or cannot be written to.
    """

    def __init__(self, folder: str | Path, image_shape: Sequence[int]) -> None:
        self.folder = Path(folder)
        self.image_shape = tuple(int(side) for side in image_shape)
        self._part = self.folder.with_name(
            f".{self.folder.name}{_MARK}{os.getpid()}-{uuid.uuid4().hex[:8]}"
        )
        self._classes: list[ClassInfo] = []
        self._starts = [0]
        self._file: IO[bytes] | None = None

    def __enter__(self) -> Self:
        with _clear_errors(self.folder):
            self.folder.parent.mkdir(parents=True, exist_ok=True)
            _sweep(self.folder)
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
            with _clear_errors(self.folder):
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

    def _finish(self) -> None:
        assert self._file is not None
        self._write_header()
        _sync(self._file)
        self._file.close()
        with (self._part / "starts.npy").open("wb") as file:
            np.save(file, np.array(self._starts, np.int64))
            _sync(file)
        with (self._part / "bank.json").open("w", encoding="utf-8") as text:
            json.dump(self._header(), text, ensure_ascii=False)
            _sync(text)
        _put_in_place(self._part, self.folder)

    def _header(self) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "shape": [self._starts[-1], *self.image_shape],
            "names": [info.name for info in self._classes],
            "groups": [info.group for info in self._classes],
        }

    def _discard(self) -> None:
        if self._file is not None:
            with contextlib.suppress(OSError):  # a full disk refuses what was buffered, too
                self._file.close()
        shutil.rmtree(self._part, ignore_errors=True)


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
        return Bank.open(place)
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


@contextlib.contextmanager
def _clear_errors(folder: Path) -> Iterator[None]:
    """Turn what the operating system says about a folder into a sentence."""
    try:
        yield
    except OSError as error:
        raise storage_error(error, folder.parent) from error


def storage_error(error: OSError, folder: Path) -> DataError:
    """What an OSError on writing to a folder means for a person."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DataError(
            "The disk is full: the images do not fit into {folder}.",
            folder=folder,
            hint="Make room, or choose another data folder; nothing half-made was left.",
        )
    if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        return DataError(
            "The folder {folder} cannot be written to.",
            folder=folder,
            hint="Choose a data folder that you may write to.",
        )
    return DataError(
        "The images cannot be stored in {folder}: {reason}.",
        folder=folder,
        reason=error.strerror or str(error),
        hint="Check the disk, or choose another data folder.",
    )


def _read(kind: type[BankT], folder: Path) -> tuple[BankT, str]:
    header = json.loads((folder / "bank.json").read_text(encoding="utf-8"))
    starts = np.load(folder / "starts.npy", allow_pickle=False)
    images = np.load(folder / "images.npy", mmap_mode="r", allow_pickle=False)
    infos = tuple(map(ClassInfo, header["names"], header["groups"]))
    bank = kind(images, starts, infos, folder)
    return bank, _problem(header, bank)


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


def _sync(file: IO[Any]) -> None:
    file.flush()
    os.fsync(file.fileno())


def _put_in_place(part: Path, folder: Path) -> None:
    grave = part.with_name(
        f"{part.name}-old"
    )  # carries the mark: swept away, should this be the last we do
    if folder.exists():
        folder.rename(grave)
    part.rename(folder)
    shutil.rmtree(grave, ignore_errors=True)


def _sweep(folder: Path) -> None:
    """Remove what builds of this bank left behind that were killed."""
    for part in folder.parent.glob(f".{folder.name}{_MARK}*"):
        if _abandoned(part):
            shutil.rmtree(part, ignore_errors=True)


def _abandoned(part: Path) -> bool:
    process = part.name.rpartition(_MARK)[2].split("-")[0]
    if os.name == "posix" and process.isdigit():
        try:
            os.kill(int(process), 0)
        except ProcessLookupError:
            return True
        except PermissionError:
            return False
    images = part / "images.npy"
    written = (images if images.exists() else part).stat().st_mtime
    return time.time() - written > _ABANDONED_AFTER
