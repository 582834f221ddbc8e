"""Checkpoints, the last word, events and requests."""

from __future__ import annotations

import errno
import itertools
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import pytest

from tests.store.conftest import CONFIG, ENVIRONMENT, Python, output, saves
from workbench.errors import StoreError, TrainingError
from workbench.store import RunStatus, RunWriter, Store


def kept(writer: RunWriter) -> list[bytes]:
    """The contents of all checkpoint files, half made ones included."""
    return sorted(path.read_bytes() for path in (writer.folder / "checkpoints").iterdir())


def test_the_last_and_the_best_checkpoint_are_kept(store: Store, writer: RunWriter) -> None:
    writer.checkpoint(10, saves(b"ten"))
    writer.checkpoint(20, saves(b"twenty"), best=True)
    writer.checkpoint(30, saves(b"thirty"))
    reader = store.open(writer.run)
    assert reader.checkpoint().read_bytes() == b"thirty"
    assert reader.checkpoint("best").read_bytes() == b"twenty"
    assert kept(writer) == [b"thirty", b"twenty"]
    assert reader.summary().checkpoint_step == 30


def test_two_checkpoints_of_one_step_leave_the_later(store: Store, writer: RunWriter) -> None:
    writer.checkpoint(10, saves(b"first"), best=True)
    writer.checkpoint(10, saves(b"second"))
    reader = store.open(writer.run)
    assert reader.checkpoint("last").read_bytes() == b"second"
    assert reader.checkpoint("best").read_bytes() == b"first"


def test_a_run_without_a_checkpoint_says_so_and_what_to_do(store: Store, writer: RunWriter) -> None:
    for which in ("last", "best"):
        with pytest.raises(StoreError) as caught:
            store.open(writer.run).checkpoint(which)
        assert str(caught.value) == f"{writer.run} has no checkpoint yet."
        assert caught.value.hint == (
            "Wait until the first is saved, or start again with the same settings."
        )


def test_an_opened_checkpoint_stays_readable_while_it_is_replaced(
    store: Store, writer: RunWriter
) -> None:
    writer.checkpoint(1, saves(b"one"))
    with store.open(writer.run).open_checkpoint() as file:
        writer.checkpoint(2, saves(b"two"))
        assert file.read() == b"one"


def test_a_checkpoint_that_was_cut_short_afterwards_is_not_handed_out(
    store: Store, writer: RunWriter
) -> None:
    writer.checkpoint(1, saves(b"weights")).write_bytes(b"weig")
    with pytest.raises(StoreError, match="is damaged"):
        store.open(writer.run).checkpoint()


def fails_in_the_middle(file: BinaryIO) -> None:
    file.write(b"half")
    raise RuntimeError("the tensor library gave up")


def test_an_error_while_saving_leaves_the_previous_checkpoint_and_nothing_half_made(
    store: Store, writer: RunWriter
) -> None:
    writer.checkpoint(1, saves(b"one"), best=True)
    with pytest.raises(RuntimeError, match="gave up"):
        writer.checkpoint(2, fails_in_the_middle, best=True)
    assert kept(writer) == [b"one"]
    assert store.open(writer.run).summary().checkpoint_step == 1
    writer.checkpoint(3, saves(b"three"))
    assert store.open(writer.run).checkpoint().read_bytes() == b"three"


@pytest.mark.parametrize("call", [1, 2, 3, 5])
def test_a_disk_that_is_full_at_any_moment_of_saving_leaves_the_previous_checkpoint(
    store: Store, writer: RunWriter, monkeypatch: pytest.MonkeyPatch, call: int
) -> None:
    """What a system took and found no room for later is reported by fsync: of the events (1), the
    metrics (2), the checkpoint (3), and of the file that points to it (5)."""
    writer.record("train", {"step": 1})
    writer.checkpoint(1, saves(b"one"))
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", failing_at(call))
        with pytest.raises(StoreError, match="There is no room left to write") as caught:
            writer.checkpoint(2, saves(b"two"))
    assert "Free some disk space" in caught.value.hint
    assert store.open(writer.run).checkpoint().read_bytes() == b"one"
    assert kept(writer) == [b"one"]
    assert not list(writer.folder.glob(".*"))


@pytest.mark.parametrize("call", [4, 6])
def test_a_folder_that_cannot_be_synchronised_is_no_reason_to_lose_a_checkpoint(
    store: Store, writer: RunWriter, monkeypatch: pytest.MonkeyPatch, call: int
) -> None:
    writer.record("train", {"step": 1})
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", failing_at(call))
        writer.checkpoint(2, saves(b"two"))
    assert store.open(writer.run).checkpoint().read_bytes() == b"two"


def failing_at(call: int) -> Callable[[int], None]:
    """An `os.fsync` that finds the disk full once."""
    calls = itertools.count(1)

    def fsync(handle: int) -> None:
        if next(calls) == call:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    return fsync


FULL_DISK = """
import os, sys
from pathlib import Path
from workbench.errors import StoreError
from workbench.store import RunStatus, Store
store = Store(Path(sys.argv[1]))
writer = store.create({}, {})
writer.record("train", {"step": 1, "loss": 1})
writer.status(RunStatus.RUNNING, step=1)
writer.checkpoint(1, lambda file: file.write(b"one"))
try:
    writer.checkpoint(2, lambda file: file.write(bytes(1_000_000)))
except StoreError as error:
    print(error)
with open(Path(sys.argv[1], "ballast"), "wb", buffering=0) as file:
    try:
        while True:
            file.write(bytes(512))
    except OSError:
        pass
try:
    with writer:
        while True:
            writer.record("train", {"step": 2, "loss": 2})
except StoreError as error:
    print(error)
reader = Store(Path(sys.argv[1])).open("1")
summary = reader.summary()
print(summary.status, "|", summary.reason, "|", summary.hint)
print(reader.checkpoint().read_bytes(), sorted(os.listdir(reader.checkpoint().parent)))
"""


def test_on_a_disk_that_is_really_full_the_run_ends_as_failed_with_its_checkpoint(
    tmp_path: Path, python: Python
) -> None:
    mount = f"mount -t tmpfs -o size=256k none '{tmp_path}' && exec \"$@\""
    if shutil.which("unshare") is None:
        pytest.skip("a small disk needs `unshare`")
    small_disk = ("unshare", "-rm", "sh", "-c", mount, "sh")
    probe = python("", before=small_disk)
    if probe.wait(timeout=60):
        pytest.skip("this system lets nobody mount a small disk")
    said = output(python(FULL_DISK, tmp_path, before=small_disk)).splitlines()
    folder = tmp_path / "runs" / "0001-run"
    first = folder / "checkpoints" / "00000002-2.ckpt"
    hint = "Free some disk space and resume; what was saved before is intact."
    assert said == [
        f"There is no room left to write {first}.",
        f"There is no room left to write {folder / 'train.metrics'}.",
        f"failed | There is no room left to write {folder / 'train.metrics'}. | {hint}",
        "b'one' ['00000001-1.ckpt']",
    ]


def test_events_are_read_in_order_with_their_time(store: Store, writer: RunWriter) -> None:
    writer.event("validated", step=10, value=0.5, note="größer")
    writer.event("device", name=Path("cpu"))
    reader = store.open(writer.run)
    first, second = reader.events()
    assert (first["kind"], first["step"], first["note"]) == ("validated", 10, "größer")
    assert first["time"] <= second["time"]
    assert reader.events(1) == [second]
    assert reader.events(2) == []


def test_a_half_written_event_waits_and_a_damaged_one_is_passed_over(
    store: Store, writer: RunWriter
) -> None:
    reader = store.open(writer.run)
    with (writer.folder / "events.jsonl").open("ab") as file:
        file.write(b'\xff\xfe\n{"kind": "wh')
        file.flush()
        assert reader.events() == []
        file.write(b'ole", "time": 1}\n')
    assert reader.events() == [{"kind": "whole", "time": 1}]


ASKS = """
import sys
from collections.abc import Callable
from pathlib import Path
from workbench.store import Store
for kind in sys.argv[2:]:
    Store(Path(sys.argv[1])).open("1").request(kind)
"""


def test_requests_of_another_process_arrive_once_and_in_order(
    store: Store, writer: RunWriter, python: Python
) -> None:
    assert writer.requests() == []
    output(python(ASKS, store.root, "pause", "resume"))
    assert writer.requests() == ["pause", "resume"]
    assert writer.requests() == []
    store.open(writer.run).request("stop")
    assert writer.requests() == ["stop"]


def test_a_half_written_request_waits_and_an_unknown_one_is_ignored(
    store: Store, writer: RunWriter
) -> None:
    with (writer.folder / "requests.jsonl").open("ab", buffering=0) as file:
        file.write(b'{"version": 1}\n{"kind": "explode"}\n{"kind": "sto')
        assert writer.requests() == []
        assert writer.requests() == []
        file.write(b'p"}\n')
        assert writer.requests() == ["stop"]


def test_nobody_can_be_asked_when_nobody_trains(store: Store, writer: RunWriter) -> None:
    writer.status(RunStatus.DONE)
    writer.close()
    with pytest.raises(StoreError) as caught:
        store.open(writer.run).request("pause")
    assert str(caught.value) == f"{writer.run} is not being trained: it is done."
    assert caught.value.hint == "Only a run that trains can be asked to pause."


def test_an_error_ends_the_run_as_failed_with_its_reason(store: Store) -> None:
    with pytest.raises(TrainingError), store.create(CONFIG, ENVIRONMENT) as writer:
        raise TrainingError("The loss is {loss}.", loss="nan", hint="Lower the rate.")
    summary = store.open(writer.run).summary()
    assert (summary.status, summary.reason, summary.hint) == (
        RunStatus.FAILED,
        "The loss is nan.",
        "Lower the rate.",
    )


def test_an_error_after_the_last_word_does_not_change_it(store: Store) -> None:
    writer = store.create(CONFIG, ENVIRONMENT)
    writer.status(RunStatus.STOPPED, "asked to")
    with pytest.raises(TrainingError), writer:
        raise TrainingError("Too late.")
    assert store.open(writer.run).summary().status is RunStatus.STOPPED


def test_a_run_cannot_say_that_it_died(writer: RunWriter) -> None:
    with pytest.raises(ValueError, match="has not died"):
        writer.status(RunStatus.DIED)


@pytest.mark.skipif(sys.platform == "win32", reason="there an open file keeps its name")
def test_closing_twice_is_harmless(store: Store) -> None:
    writer = store.create(CONFIG, ENVIRONMENT)
    writer.close()
    writer.close()
    assert not store.open(writer.run).is_locked()
