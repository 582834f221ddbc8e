"""A sampler's table beside a run's rows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from workbench.errors import StoreError
from workbench.store.tables import (
    MOST,
    TableAxes,
    TableAxis,
    read_axes,
    read_table,
    table_version,
    write_axes,
    write_table,
)


def test_a_table_comes_back_as_it_was_written(tmp_path: Path) -> None:
    losses, counts = np.linspace(0, 1, 6).reshape(2, 3), np.arange(6).reshape(2, 3)
    write_table(tmp_path, 42, losses, counts)
    found = read_table(tmp_path)
    assert found is not None
    assert found.step == 42
    np.testing.assert_array_equal(found.losses, losses.astype(np.float32))
    np.testing.assert_array_equal(found.counts, counts)


def test_what_the_cells_stand_for_comes_back(tmp_path: Path) -> None:
    axes = TableAxes((TableAxis("amplitude", 0.1, 5.0),), ())
    write_axes(tmp_path, axes)
    assert read_axes(tmp_path) == axes
    write_axes(tmp_path, TableAxes(classes=("Greek, alpha",)))
    assert read_axes(tmp_path) == TableAxes(classes=("Greek, alpha",))


def test_a_run_without_a_table_has_none(tmp_path: Path) -> None:
    assert read_axes(tmp_path) is None
    assert read_table(tmp_path) is None
    assert table_version(tmp_path) == (0, 0)


def test_a_new_table_is_noticed_without_being_read(tmp_path: Path) -> None:
    write_table(tmp_path, 1, np.ones(3), np.ones(3, int))
    before = table_version(tmp_path)
    write_table(tmp_path, 2, np.ones(30), np.ones(30, int))
    assert table_version(tmp_path) != before


def test_a_table_too_large_to_be_looked_at_is_not_written(tmp_path: Path) -> None:
    write_table(tmp_path, 1, np.ones(MOST + 1), np.ones(MOST + 1, int))
    assert read_table(tmp_path) is None


@pytest.mark.parametrize("content", [b"", b"no zip", b"PK\x03\x04 cut short"])
def test_a_damaged_table_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "table.npz").write_bytes(content)
    with pytest.raises(StoreError, match="is damaged"):
        read_table(tmp_path)
