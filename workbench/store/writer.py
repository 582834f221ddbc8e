"""The trainer's side of a run: it alone writes here, and holds the run's lock while it does."""

from __future__ import annotations

import contextlib
import os
import platform
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self, Unpack

from workbench.errors import StoreError
from workbench.store.checkpoints import write_checkpoint
from workbench.store.files import json_file, write_json, write_over
from workbench.store.lock import Lock
from workbench.store.logs import EVENTS, REQUESTS, LogWriter, log_head, parse_log
from workbench.store.metrics import SUFFIX, Appender, MetricWriter, stream_path
from workbench.store.summary import ALIVE, STATUS, Progress, RunStatus, State, state_to_json

REQUEST_KINDS = ("pause", "resume", "stop", "abort")


class RunWriter:
    """Writes one run. Made by `Store.create` and `Store.resume`; used by one thread; a context
    manager.

    Left by an exception, it notes the run as failed with that reason. Left in peace without a last
    word it would look as if its process had died, so say `status(RunStatus.DONE)` first.
    """

    def __init__(self, folder: Path, lock: Lock, state: State) -> None:
        self.run = folder.name
        self.folder = folder
        self._lock = lock
        self._state = replace(state, host=platform.node(), pid=os.getpid())
        self._streams: dict[str, MetricWriter] = {}
        self._events = LogWriter(folder / EVENTS)
        self._requests = folder / REQUESTS
        self._requests_seen = _size(self._requests)  # what was asked of an earlier trainer is past
        for path in folder.glob(f"*{SUFFIX}"):
            self._streams[path.name.removesuffix(SUFFIX)] = MetricWriter(path, ())
        self._write_state(durable=True)

    def record(self, stream: str, row: Mapping[str, float]) -> None:
        """Append a row to "train" or "validation"; other processes see it at once.

        The first row names the columns of the stream; a column that a later row lacks is NaN.

        Raises:
            StoreError: for a column that the first row had not, or when the disk is full.
        """
        writer = self._streams.get(stream)
        if writer is None:
            writer = MetricWriter(stream_path(self.folder, stream), row)
            self._streams[stream] = writer
        writer.record(row)

    def event(self, kind: str, /, **data: Any) -> None:
        """Note something rare, with the time; other processes see it at once."""
        self._events.append(kind, data)

    def status(
        self, status: RunStatus, reason: str = "", hint: str = "", **progress: Unpack[Progress]
    ) -> None:
        """Say how the run stands and how far it is; what is left out of `progress` stays as it
        was."""
        if status is RunStatus.DIED:
            raise ValueError("a run that can say so has not died")
        self._state = replace(self._state, status=status, reason=reason, hint=hint, **progress)
        if status in ALIVE:
            self._write_state()
        else:
            self._write_last_word()

    def checkpoint(
        self, step: int, write: Callable[[BinaryIO], None], *, best: bool = False
    ) -> Path:
        """Save what `write` writes as the last checkpoint, and as the best one too if so asked.

        It remembers where the metrics and events ended, and the progress that `status` was told
        before.

        Raises:
            StoreError: when the disk is full, say. The previous checkpoint is usable then, nothing
                half made stays, and the run may go on.
        """
        for file in self._files():
            file.sync()
        sizes = {file.path.name: file.size for file in self._files()}
        state = replace(self._state, step=step, checkpoint_step=step)
        path = write_checkpoint(self.folder, state, sizes, write, best=best)
        self._state = replace(self._state, checkpoint_step=step)
        self._write_state()
        return path

    def requests(self) -> list[str]:
        """What was asked since the last call: "pause", "resume", "stop", "abort". A look at a
        file's size if nothing."""
        size = _size(self._requests)
        if size <= self._requests_seen:
            return []
        content = self._requests.read_bytes()
        new = content[self._requests_seen : content.rfind(b"\n") + 1]  # a half-written line waits
        self._requests_seen += len(new)
        lines = parse_log(self._requests, log_head() + new)
        return [line["kind"] for line in lines if line["kind"] in REQUEST_KINDS]

    def flush(self) -> None:
        """Let other processes see everything so far. They do already: nothing is ever held back,
        because writing at once costs no more than keeping."""

    def close(self) -> None:
        """Let go of the run; a second time is harmless."""
        for file in self._files():
            file.close()
        self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if isinstance(error, Exception) and self._state.status in ALIVE:
                reason = str(error) or type(error).__name__
                # The error itself matters more than that it could not be noted.
                with contextlib.suppress(StoreError):
                    self.status(RunStatus.FAILED, reason, getattr(error, "hint", ""))
        finally:
            self.close()

    def _files(self) -> list[Appender]:
        return [self._events.file, *(stream.file for stream in self._streams.values())]

    def _write_last_word(self) -> None:
        try:
            self._write_state(durable=True)
        except StoreError:
            # A full disk is a likely reason to end: it must not make the run look as if it had
            # died. The place of the old status is always there.
            write_over(self.folder / STATUS, json_file(state_to_json(self._state)))
            os.utime(self.folder)  # as if the file had been replaced: `Store.runs` looks there

    def _write_state(self, *, durable: bool = False) -> None:
        self._state = replace(self._state, updated=time.time())
        write_json(self.folder / STATUS, state_to_json(self._state), durable=durable)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0
