"""Arrays in the format of MNIST: two zeros, a type, the number of sides, the sides, the values.

http://yann.lecun.com/exdb/mnist/, at its end.
"""

from __future__ import annotations

import gzip
import io
import struct
import zlib

import numpy as np
from numpy.typing import NDArray

from workbench.errors import DataError

MOST_BYTES = 2 << 30  # that a file may unpack to
_BYTES = 8  # the type of unsigned bytes


def read(data: bytes, name: str) -> NDArray[np.uint8]:
    """The array in a file, packed by gzip or not.

    Args:
        name: of the file, for what is said.

    Raises:
        DataError: it is no such file, or damaged.
    """
    try:
        if data[:2] == b"\x1f\x8b":
            with gzip.open(io.BytesIO(data)) as file:
                data = file.read(MOST_BYTES)
        zeros, kind, sides = struct.unpack_from(">HBB", data)
        shape = struct.unpack_from(f">{sides}I", data, 4)
        if zeros or kind != _BYTES or not sides:
            raise ValueError("not unsigned bytes")
        return np.frombuffer(data, np.uint8, offset=4 + 4 * sides).reshape(shape)
    except (OSError, EOFError, ValueError, struct.error, zlib.error, MemoryError):
        raise DataError(
            "{name} is not a whole file of MNIST's format.",
            name=name,
            hint="It may be cut off; download it again.",
        ) from None
