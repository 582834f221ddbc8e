"""Rows of a stream by column, as plots and hints read them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Columns:
    """Rows that only ever grow, by column."""

    def __init__(self, rows: NDArray[np.void] | None = None) -> None:
        self._data: dict[str, Floats] = {}
        self.size = 0
        if rows is not None:
            self.append(rows)

    def __len__(self) -> int:
        return self.size

    def clear(self) -> None:
        self._data, self.size = {}, 0

    def append(self, rows: NDArray[np.void]) -> None:
        """Append structured rows."""
        names, count = rows.dtype.names or (), len(rows)
        if not count:
            return
        for name in names:
            held = self._data.get(name)
            if held is None or self.size + count > len(held):
                grown = np.full(max(1024, 2 * (self.size + count)), np.nan)
                if held is not None:
                    grown[: self.size] = held[: self.size]
                held = self._data[name] = grown
            held[self.size : self.size + count] = rows[name]
        self.size += count

    def __getitem__(self, name: str) -> Floats:
        """(M,) a column; all NaN where the stream has no such column."""
        held = self._data.get(name)
        return np.full(self.size, np.nan) if held is None else held[: self.size]

    def last(self, name: str) -> float:
        return float(self[name][-1]) if self.size else float("nan")

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._data)

    def numbered(self, prefix: str) -> list[str]:
        """`trace_0`, `trace_1`, … in their order."""
        found = [
            name for name in self._data if name.startswith(prefix) and name[len(prefix) :].isdigit()
        ]
        return sorted(found, key=lambda name: int(name[len(prefix) :]))
