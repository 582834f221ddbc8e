"""Arrays of numbers from a MATLAB 5 file, which is all that image sets keep in one.

The format: https://www.mathworks.com/help/pdf_doc/matlab/matfile_format.pdf. A file is a header of
128 bytes and elements, each a tag (type, bytes) and content; a compressed one holds another.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.archives import unreadable
from workbench.errors import DataError

MOST_BYTES = 2 << 30  # that a variable may unpack to
_MATRIX, _COMPRESSED = 14, 15
_TYPES = {1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 9: "f8", 12: "i8"}
_TYPES |= {13: "u8"}
_NUMBERS = range(6, 16)  # classes of arrays: double, single, and whole numbers


def load(path: Path) -> dict[str, NDArray[Any]]:
    """The arrays of numbers in a file by name.

    Raises:
        DataError: it is no such file, or damaged.
    """
    try:
        data = path.read_bytes()
        if data[126:128] != b"IM":
            raise ValueError("no MATLAB 5 file, or of a machine with the other byte order")
        return dict(_variables(memoryview(data)[128:]))
    except OSError as error:
        raise unreadable(path, error) from None
    except (ValueError, KeyError, IndexError, struct.error, zlib.error, MemoryError):
        raise DataError(
            "{path} is not a whole MATLAB 5 file.",
            path=path,
            hint="It may be cut off; download it again.",
        ) from None


def _variables(data: memoryview) -> Iterator[tuple[str, NDArray[Any]]]:
    for kind, content in _elements(data, padded=False):
        if kind == _COMPRESSED:
            unpacker = zlib.decompressobj()
            inner = unpacker.decompress(content, MOST_BYTES)
            if not unpacker.eof:
                raise ValueError("more than is expected")
            yield from _variables(memoryview(inner))
        elif kind == _MATRIX:
            yield from _array(content)


def _array(content: memoryview) -> Iterator[tuple[str, NDArray[Any]]]:
    (_, flags), (_, sides), (_, name), *parts = _elements(content, padded=True)
    if flags[0] in _NUMBERS and parts:
        kind, values = parts[0]
        shape = np.frombuffer(sides, "<i4")
        flat = np.frombuffer(values, f"<{_TYPES[kind]}")
        yield bytes(name).decode("latin1"), flat.reshape(shape, order="F")


def _elements(data: memoryview, padded: bool) -> Iterator[tuple[int, memoryview]]:
    """Type and content of one element after another; inside of arrays they end at multiples of
    8 bytes."""
    at = 0
    while at + 8 <= len(data):
        kind, size = struct.unpack_from("<II", data, at)
        if kind >> 16:  # a small one: content in place of its size
            yield kind & 0xFFFF, data[at + 4 : at + 4 + (kind >> 16)]
            at += 8
            continue
        if at + 8 + size > len(data):
            raise ValueError("cut off")
        yield kind, data[at + 8 : at + 8 + size]
        at += 8 + size + (-size % 8 if padded else 0)
