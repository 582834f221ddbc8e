"""Content that is one sheet of images for each split: in pickles, or arrays of numpy."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from workbench.archives import unreadable
from workbench.bank import ClassInfo
from workbench.errors import DataError
from workbench.published import Content, Images

ROWS = 256  # images that are read at a time


@dataclass(frozen=True)
class Sheet:
    """The images of one split.

    Attributes:
        classes: name and group of each.
        labels: (M,) class of each image.
        images: hands them out in that order, (H, W, 3) or (3, H, W) each.
    """

    classes: Sequence[tuple[str, str]]
    labels: NDArray[np.int64]
    images: Callable[[], Iterator[NDArray[np.uint8]]]


def content(sheets: Mapping[str, Callable[[], Sheet]]) -> Content:
    """Content of a sheet for each split, of which one at a time is in memory.

    Args:
        sheets: how to read the one of "train", "validation", "test"; read twice.
    """
    classes: list[tuple[ClassInfo, int]] = []
    first = {}
    for split, read in sheets.items():
        sheet = read()
        first[split] = len(classes)
        counts = np.bincount(sheet.labels, minlength=len(sheet.classes)).tolist()
        for (name, group), count in zip(sheet.classes, counts, strict=True):
            classes.append((ClassInfo(name, group, split), count))
        del sheet

    def images() -> Images:
        for split, read in sheets.items():
            sheet = read()
            for label, image in zip(sheet.labels.tolist(), sheet.images(), strict=True):
                last = image.ndim == 3 and image.shape[-1] == 3
                yield first[split] + label, np.moveaxis(image, -1, 0) if last else image
            del sheet

    return Content(classes, images)


def numbered(labels: Any, names: Sequence[str], count: int, what: Any) -> NDArray[np.int64]:
    """Labels as (M,) numbers of their names.

    Raises:
        DataError: there is not one for each image, or one has no name.
    """
    found = np.asarray(labels)
    if found.ndim != 1 or found.dtype.kind not in "iu" or len(found) != count:
        raise DataError(
            "{what} has {labels} labels for {count:,} images.",
            what=what,
            labels=" × ".join(map(str, found.shape)),
            count=count,
            hint="The files do not belong together; get them again.",
        )
    if len(found) and not (found.min() >= 0 and found.max() < len(names)):
        raise DataError("{what} has a label without a class.", what=what, hint="Get it again.")
    return found.astype(np.int64)


def coloured(images: Any, what: Any) -> NDArray[np.uint8]:
    """Images as (M, H, W, 3) uint8.

    Raises:
        DataError: they are something else.
    """
    found = np.asarray(images)
    if found.dtype != np.uint8 or found.ndim != 4 or found.shape[-1] != 3:
        raise DataError(
            "{what} holds {kind} of shape {shape}; coloured images of bytes are needed.",
            what=what,
            kind=found.dtype,
            shape=" × ".join(map(str, found.shape)) or "nothing",
            hint="Choose the files as they are published.",
        )
    return found


def rows_of_npz(path: Path, member: str, count: int) -> Iterator[NDArray[np.uint8]]:
    """The rows of an array in an .npz file one after another, never all in memory.

    Raises:
        DataError: there is no such array of bytes with `count` rows, or it is damaged.
    """
    try:
        with zipfile.ZipFile(path) as archive, archive.open(f"{member}.npy") as file:
            shape = _shape(file)
            if len(shape) != 4 or shape[0] != count or shape[-1] != 3:
                raise ValueError("other rows than labels")
            size = int(np.prod(shape[1:]))
            for start in range(0, count, ROWS):
                rows = min(ROWS, count - start)
                data = file.read(rows * size)
                yield from np.frombuffer(data, np.uint8).reshape(rows, *shape[1:])
    except OSError as error:
        raise unreadable(path, error) from None
    except (ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error, RuntimeError):
        raise DataError(
            "{path} holds no {count:,} coloured images called {member}.",
            path=path,
            count=count,
            member=member,
            hint="It may be cut off, or belong to other labels; get it again.",
        ) from None


def _shape(file: IO[bytes]) -> tuple[int, ...]:
    """The shape of an array of bytes, whose values come next."""
    read = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}
    shape, fortran, kind = read[npy.read_magic(file)](file)
    if fortran or kind != np.uint8:
        raise ValueError("no bytes, row by row")
    return shape
