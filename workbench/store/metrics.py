"""Numbers over time: one file per stream, records of float64 that are only ever appended.

    train.metrics    {"version": 1, "columns": ["step", "loss"], …}   a line, padded to 64 bytes
                     step loss                                        little-endian float64
                     step loss

Every record goes to the system as soon as it is made: that costs about a microsecond, another
process sees it at once, and a killed trainer loses none. A reader takes whole records only, so that
a half-written last one waits.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import struct
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from workbench.errors import StoreError
from workbench.store.files import VERSION, check_version, damaged, explained, to_json, write_whole

Rows = NDArray[np.void]  # structured: one float64 field for each column

SUFFIX = ".metrics"
_ALIGNMENT = 64
_NAN = float("nan")


def stream_path(folder: Path, stream: str) -> Path:
    """Where a stream lies; its name is a word in lower case."""
    if not re.fullmatch(r"[a-z][a-z0-9_]*", stream):
        raise ValueError(f"{stream!r} is no name for a stream of metrics")
    return folder / f"{stream}{SUFFIX}"


class Appender:
    """Appends bytes to a file so that a failure leaves no piece of them behind."""

    def __init__(self, path: Path) -> None:
        self.path = path
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
        with explained(path):
            self._handle = os.open(path, flags | getattr(os, "O_BINARY", 0), 0o666)
        self.size = os.fstat(self._handle).st_size

    def append(self, data: bytes) -> None:
        """Hand `data` to the system.

        Raises:
            StoreError: when the disk is full, say; the file is then as it was.
        """
        try:
            written = os.write(self._handle, data)
            while written < len(data):
                written += os.write(self._handle, data[written:])
        except OSError:
            with explained(self.path):
                with contextlib.suppress(OSError):
                    os.ftruncate(self._handle, self.size)
                raise
        self.size += len(data)

    def sync(self) -> None:
        """Wait until what was appended survives a power cut."""
        with explained(self.path):
            os.fsync(self._handle)

    def close(self) -> None:
        """Close the file; a second time is harmless."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1


class MetricWriter:
    """Appends rows to one stream, whose columns were fixed by its first row."""

    def __init__(self, path: Path, columns: Iterable[str]) -> None:
        """Open the stream for appending, or make it with these columns where there is none."""
        if not path.exists():
            write_whole(path, _header(tuple(columns)))
        with path.open("rb") as file:
            self.columns, _ = _read_header(file)
        self._known = frozenset(self.columns)
        self._pack = struct.Struct(f"<{len(self.columns)}d").pack
        self.file = Appender(path)

    def record(self, row: Mapping[str, float]) -> None:
        """Append a row; a column that it lacks is NaN.

        Raises:
            StoreError: when the row has a column that the stream does not have, or the disk is
                full.
        """
        values = row.values() if tuple(row) == self.columns else self._aligned(row)
        self.file.append(self._pack(*values))

    def _aligned(self, row: Mapping[str, float]) -> list[float]:
        unknown = [name for name in row if name not in self._known]
        if unknown:
            raise StoreError(
                "{stream} has no column {unknown}; its columns are {columns}.",
                stream=self.file.path.name,
                unknown=", ".join(unknown),
                columns=", ".join(self.columns),
                hint="The first row of a stream names its columns.",
            )
        return [row.get(name, _NAN) for name in self.columns]


def read_columns(path: Path) -> tuple[str, ...]:
    """The columns of a stream; none where it does not exist yet."""
    try:
        with path.open("rb") as file:
            return _read_header(file)[0]
    except FileNotFoundError:
        return ()


def read_rows(path: Path, start: int = 0) -> Rows:
    """The whole records from row `start` on; none, without fields, where the stream does not exist
    yet.

    Returns:
        (rows,) structured array with one float64 field for each column.
    """
    try:
        file = path.open("rb")
    except FileNotFoundError:
        return np.empty(0, np.dtype([]))
    with file:
        columns, header = _read_header(file)
        dtype = np.dtype([(name, "<f8") for name in columns])
        rows = (os.fstat(file.fileno()).st_size - header) // dtype.itemsize
        if rows <= start:
            return np.empty(0, dtype)
        file.seek(header + start * dtype.itemsize)
        # Read, not mapped: a resume may cut the file, and touching a mapped page beyond its end
        # kills the process.
        return np.fromfile(file, dtype, count=rows - start)


def _header(columns: tuple[str, ...]) -> bytes:
    text = to_json({"version": VERSION, "dtype": "<f8", "columns": columns}).rstrip(b"\n")
    padding = -(len(text) + 1) % _ALIGNMENT
    return text + b" " * padding + b"\n"


def _read_header(file: BinaryIO) -> tuple[tuple[str, ...], int]:
    path = Path(file.name)
    line = file.readline(1 << 20)
    try:
        header = json.loads(line)
        columns = tuple(str(name) for name in header["columns"])
    except (ValueError, KeyError, TypeError) as error:
        raise damaged(path) from error
    check_version(path, header.get("version"))
    return columns, len(line)
