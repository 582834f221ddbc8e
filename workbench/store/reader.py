"""Everybody else's side of a run: reads while it is being written, asks its trainer for things,
keeps notes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO

from workbench.errors import StoreError
from workbench.store.checkpoints import FOLDER, Which, read_entry
from workbench.store.files import write_json
from workbench.store.lock import is_locked
from workbench.store.logs import EVENTS, REQUESTS, Line, LogWriter, read_log
from workbench.store.metrics import Rows, read_columns, read_rows, stream_path
from workbench.store.summary import (
    ENVIRONMENT,
    LOCK,
    USER,
    RunSummary,
    as_seen,
    read_config,
    read_state,
    read_summary,
    read_user,
)
from workbench.store.writer import REQUEST_KINDS


class RunReader:
    """Reads one run. Made by `Store.open`; nothing is kept open, so that one reader may be used for
    as long as one likes."""

    def __init__(self, folder: Path) -> None:
        self.run = folder.name
        self.folder = folder

    @cached_property
    def config(self) -> dict[str, Any]:
        """The whole resolved config, nested."""
        return read_config(self.folder)

    @cached_property
    def environment(self) -> dict[str, Any]:
        """Versions, device, threads: what the numbers depend on besides the config."""
        return read_config(self.folder, ENVIRONMENT)

    def summary(self) -> RunSummary:
        """How the run stands now."""
        return as_seen(read_summary(self.folder), self.folder)

    def is_locked(self) -> bool:
        """Whether some process trains this run now."""
        return is_locked(self.folder / LOCK)

    def generation(self) -> int:
        """How often the run was resumed. A resume takes back what came after the checkpoint: rows
        and events that were read in another generation are void."""
        return read_state(self.folder).generation

    def columns(self, stream: str) -> tuple[str, ...]:
        """The columns of a stream; none before its first row."""
        return read_columns(stream_path(self.folder, stream))

    def metrics(self, stream: str, start: int = 0) -> Rows:
        """The rows from `start` on, a field for each column; none, and no fields, before the first
        row.

        To follow a run that may be resumed meanwhile, use `follow`.
        """
        return read_rows(stream_path(self.folder, stream), start)

    def follow(self, stream: str) -> Follower:
        """New rows at each call, also across a resume."""
        return Follower(self, stream)

    def events(self, start: int = 0) -> list[Line]:
        """The events from number `start` on, each with `time` and `kind`."""
        return read_log(self.folder / EVENTS)[start:]

    def checkpoint(self, which: Which = "last") -> Path:
        """Where a checkpoint lies. While the run trains it may be replaced at any time: then use
        `open_checkpoint`.

        Raises:
            StoreError: when there is none.
        """
        return self.folder / FOLDER / str(read_entry(self.folder, which)["file"])

    def open_checkpoint(self, which: Which = "last") -> BinaryIO:
        """A checkpoint opened for reading, which stays readable even if it is replaced meanwhile.
        Close it soon.

        Raises:
            StoreError: when there is none.
        """
        for _ in range(10):
            path = self.checkpoint(which)
            try:
                return path.open("rb")
            except FileNotFoundError:  # replaced in between
                continue
        return self.checkpoint(which).open("rb")

    def request(self, kind: str) -> None:
        """Ask the trainer, in whichever process, to "pause", "resume", "stop" or "abort".

        Raises:
            StoreError: when nobody trains this run.
        """
        if kind not in REQUEST_KINDS:
            raise ValueError(f"{kind!r} is none of {', '.join(REQUEST_KINDS)}")
        if not self.is_locked():
            raise StoreError(
                "{run} is not being trained: it is {status}.",
                run=self.run,
                status=self.summary().status.value,
                hint="Only a run that trains can be asked to {kind}.",
                kind=kind,
            )
        log = LogWriter(self.folder / REQUESTS)
        try:
            log.append(kind, {})
        finally:
            log.file.close()

    def set_user(
        self,
        *,
        starred: bool | None = None,
        tags: Iterable[str] | None = None,
        notes: str | None = None,
    ) -> None:
        """Keep a star, tags, notes; None leaves one as it is."""
        user = read_user(self.folder)
        if starred is not None:
            user = replace(user, starred=starred)
        if tags is not None:
            user = replace(user, tags=tuple(dict.fromkeys(tags)))
        if notes is not None:
            user = replace(user, notes=notes)
        write_json(self.folder / USER, asdict(user), durable=True)


@dataclass(frozen=True)
class News:
    """What came since the last look.

    Attributes:
        rows: structured array.
        restarted: the run was resumed: forget all earlier rows, `rows` begins at the first one
            again.
    """

    rows: Rows
    restarted: bool


class Follower:
    """Reads a stream bit by bit, as a live plot does.

    Example:
        >>> follower = reader.follow("train")  # doctest: +SKIP
        >>> news = follower.read()  # doctest: +SKIP
    """

    def __init__(self, reader: RunReader, stream: str) -> None:
        self._reader = reader
        self._stream = stream
        self._generation = reader.generation()
        self._next = 0

    def read(self) -> News:
        """The rows since the last call."""
        # Asked before the rows are read: a resume in between is then noticed by the next call.
        generation = self._reader.generation()
        restarted = generation != self._generation
        if restarted:
            self._generation, self._next = generation, 0
        rows = self._reader.metrics(self._stream, self._next)
        self._next += len(rows)
        return News(rows, restarted)
