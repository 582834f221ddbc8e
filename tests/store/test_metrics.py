"""Numbers over time: whole records, at once, whoever reads."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from tests.store.conftest import Python, line
from workbench.errors import StoreError
from workbench.store import RunWriter, Store


def test_rows_are_read_as_they_were_recorded(store: Store, writer: RunWriter) -> None:
    writer.record("train", {"step": 1, "loss": 1.5})
    writer.record("train", {"step": 2, "loss": float("nan")})
    writer.record("validation", {"step": 2, "value": np.float32(0.5)})
    reader = store.open(writer.run)
    assert reader.columns("train") == ("step", "loss")
    np.testing.assert_array_equal(reader.metrics("train")["loss"], [1.5, np.nan])
    np.testing.assert_array_equal(reader.metrics("train", 1)["step"], [2])
    np.testing.assert_array_equal(reader.metrics("validation")["value"], [0.5])


def test_a_stream_without_rows_has_neither_rows_nor_columns(
    store: Store, writer: RunWriter
) -> None:
    reader = store.open(writer.run)
    assert (len(reader.metrics("train")), reader.columns("train")) == (0, ())


def test_the_order_of_a_later_row_does_not_matter_and_what_it_lacks_is_nan(
    store: Store, writer: RunWriter
) -> None:
    writer.record("train", {"step": 1, "loss": 3, "accuracy": 0.25})
    writer.record("train", {"accuracy": 0.5, "step": 2})
    (_, row) = store.open(writer.run).metrics("train")
    np.testing.assert_array_equal(list(row), [2, np.nan, 0.5])


def test_an_unknown_column_is_refused_and_nothing_of_its_row_is_kept(
    store: Store, writer: RunWriter
) -> None:
    writer.record("train", {"step": 1, "loss": 3})
    with pytest.raises(StoreError) as caught:
        writer.record("train", {"step": 2, "lss": 2})
    assert str(caught.value) == "train.metrics has no column lss; its columns are step, loss."
    assert len(store.open(writer.run).metrics("train")) == 1


@pytest.mark.parametrize("stream", ["../train", "Train", "", "a.b"])
def test_a_stream_is_named_by_a_plain_word(writer: RunWriter, stream: str) -> None:
    with pytest.raises(ValueError, match="is no name for a stream"):
        writer.record(stream, {"step": 1})


def test_a_half_written_record_waits(store: Store, writer: RunWriter) -> None:
    writer.record("train", {"step": 1, "loss": 1})
    reader = store.open(writer.run)
    file = writer.folder / "train.metrics"
    record = np.array([2.0, 0.5]).tobytes()
    with file.open("ab") as half:
        half.write(record[:11])
    assert len(reader.metrics("train")) == 1
    with file.open("ab") as half:
        half.write(record[11:])
    assert reader.metrics("train")[1].tolist() == (2.0, 0.5)


def test_reading_from_beyond_the_end_gives_nothing(store: Store, writer: RunWriter) -> None:
    writer.record("train", {"step": 1})
    assert len(store.open(writer.run).metrics("train", 1)) == 0
    assert len(store.open(writer.run).metrics("train", 1000)) == 0


def test_a_hundred_thousand_records_are_all_there(store: Store, writer: RunWriter) -> None:
    for step in range(100_000):
        writer.record("train", {"step": step, "loss": step / 2})
    rows = store.open(writer.run).metrics("train")
    np.testing.assert_array_equal(rows["step"], np.arange(100_000))
    np.testing.assert_array_equal(rows["loss"], np.arange(100_000) / 2)


READS = """
import sys
from pathlib import Path
from workbench.store import Store
follower = Store(Path(sys.argv[1])).open("1").follow("train")
print("ready", flush=True)
for _ in sys.stdin:
    print([int(step) for step in follower.read().rows["step"]], flush=True)
"""


def test_another_process_sees_each_record_at_once(
    store: Store, writer: RunWriter, python: Python
) -> None:
    reader = python(READS, store.root)
    assert reader.stdin is not None
    assert line(reader) == "ready"
    for step in (1, 2, 3):
        writer.record("train", {"step": step})
        reader.stdin.write("look\n")
        reader.stdin.flush()
        assert line(reader) == f"[{step}]"


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such limit on Windows")
def test_a_record_that_found_no_room_leaves_no_piece_of_itself(
    store: Store, writer: RunWriter
) -> None:
    import resource

    writer.record("train", {"step": 1, "loss": 1})
    size = (writer.folder / "train.metrics").stat().st_size
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + 5, limits[1]))
    try:
        with pytest.raises(StoreError, match=r"There is no room left to write .*train\.metrics"):
            writer.record("train", {"step": 2, "loss": 2})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert (writer.folder / "train.metrics").stat().st_size == size
    writer.record("train", {"step": 2, "loss": 2})
    assert store.open(writer.run).metrics("train")["step"].tolist() == [1, 2]


def test_a_stream_of_another_version_or_of_nonsense_is_refused(
    store: Store, writer: RunWriter
) -> None:
    writer.record("train", {"step": 1})
    file = writer.folder / "train.metrics"
    content = file.read_bytes()
    file.write_bytes(content.replace(b'"version": 1', b'"version": 2'))
    reader = store.open(writer.run)
    with pytest.raises(StoreError, match="has format 2; this program reads format 1"):
        reader.metrics("train")
    file.write_bytes(b"\x00" * 200)
    with pytest.raises(StoreError, match="is damaged"):
        reader.metrics("train")
