"""A sampler's table of losses beside a run's rows, for whoever watches.

    table.json    {"version": 1, "axes": [{"name", "low", "high"}, …], "classes": [name, …]}    once
    table.npz     step, losses (float32), counts (int32)                  replaced again and again

It is no part of a checkpoint, which has a table of its own: it may be lost, and is written anew.
"""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from workbench.store.files import damaged, read_json, read_whole, write_json, write_whole

AXES = "table.json"
TABLE = "table.npz"
MOST = 200_000  # cells; 1.6 MB


@dataclass(frozen=True)
class TableAxis:
    """One parameter of a function, cut into equal bins from low to high."""

    name: str
    low: float
    high: float


@dataclass(frozen=True)
class TableAxes:
    """What the cells stand for: combinations of parameters, or classes. One of the two is empty."""

    axes: tuple[TableAxis, ...] = ()
    classes: tuple[str, ...] = ()


@dataclass(frozen=True)
class SeenTable:
    """The table after `step` outer steps. Arrays have a dimension for each axis, or (classes,).

    Attributes:
        losses: last seen; where nothing was drawn yet, what the sampler assumes.
        counts: tasks drawn so far.
    """

    step: int
    losses: NDArray[np.float32]
    counts: NDArray[np.int32]


def write_axes(folder: Path, axes: TableAxes) -> None:
    """Say what the cells of a run's table stand for.

    Raises:
        StoreError: when the disk is full, say.
    """
    parameters = [{"name": a.name, "low": a.low, "high": a.high} for a in axes.axes]
    write_json(folder / AXES, {"axes": parameters, "classes": axes.classes})


def write_table(
    folder: Path, step: int, losses: NDArray[np.float64], counts: NDArray[np.int64]
) -> None:
    """Replace a run's table; one of more than 200,000 cells is left out.

    Raises:
        StoreError: when the disk is full, say.
    """
    if losses.size > MOST:
        return
    content = io.BytesIO()
    small, few = losses.astype(np.float32), counts.astype(np.int32)
    np.savez(content, step=np.int64(step), losses=small, counts=few)
    write_whole(folder / TABLE, content.getvalue())


def read_axes(folder: Path) -> TableAxes | None:
    """What the cells stand for; None where the run keeps no table.

    Raises:
        StoreError: when the file is damaged or of another version.
    """
    try:
        content = read_json(folder / AXES)
        axes = tuple(TableAxis(a["name"], a["low"], a["high"]) for a in content["axes"])
        return TableAxes(axes, tuple(map(str, content["classes"])))
    except FileNotFoundError:
        return None
    except (KeyError, TypeError) as error:
        raise damaged(folder / AXES) from error


def read_table(folder: Path) -> SeenTable | None:
    """The table as it was last written; None where there is none.

    Raises:
        StoreError: when the file is damaged.
    """
    path = folder / TABLE
    try:
        with np.load(io.BytesIO(read_whole(path)), allow_pickle=False) as content:
            return SeenTable(int(content["step"]), content["losses"], content["counts"])
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise damaged(path) from error


def table_version(folder: Path) -> tuple[int, int]:
    """Changes when the table was written again: a look at the file's time and size."""
    try:
        found = (folder / TABLE).stat()
    except FileNotFoundError:
        return 0, 0
    return found.st_mtime_ns, found.st_size
