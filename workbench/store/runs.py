"""The store: a folder of runs, each a folder that is the truth about itself.

    ROOT/store.json               the last number given
    ROOT/runs/0042-maml-omniglot  one run
    ROOT/trash/…                  deleted runs, until they are purged
    ROOT/index.sqlite             made from the folders, and again whenever it is missing

Whatever else lies among the runs is left alone and listed by `Store.problems`.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from workbench.errors import Problem, StoreError
from workbench.store.files import (
    DamagedFileError,
    explained,
    make_folder,
    patiently,
    read_json,
    write_json,
)
from workbench.store.index import Index
from workbench.store.listing import Listing, run_folders
from workbench.store.lock import Lock
from workbench.store.reader import RunReader
from workbench.store.resume import cut_back
from workbench.store.summary import (
    CONFIG,
    ENVIRONMENT,
    LOCK,
    RunSummary,
    State,
    read_state,
    run_number,
)
from workbench.store.writer import RunWriter

_MONTH_S = 30 * 86400.0


class Store:
    """All runs below one folder. Any number of processes may use one at a time; so may threads.

    Example:
        >>> with Store(root).create(config, environment) as writer:  # doctest: +SKIP
        ...     writer.record("train", {"step": 1, "loss": 2.3})
        ...     writer.status(RunStatus.DONE, step=1)
    """

    def __init__(self, root: Path) -> None:
        self.root = Path(root)
        self._runs = self.root / "runs"
        self._trash = self.root / "trash"
        self._listing = Listing(self._runs, Index(self.root / "index.sqlite"))

    # ------------------------------------------------------------------------------------ one run

    def create(self, config: Mapping[str, Any], environment: Mapping[str, Any]) -> RunWriter:
        """Begin a run under the next number, which is never given twice.

        Raises:
            StoreError: when the store cannot be written; no folder stays behind.
        """
        make_folder(self._runs)
        with self._alone():
            folder = self._runs / f"{self._next_number():04d}-{_slug(config)}"
            lock = Lock(folder / LOCK)
            try:
                make_folder(folder)
                lock.take()
                write_json(folder / CONFIG, {"config": config}, durable=True)
                write_json(folder / ENVIRONMENT, {"environment": environment}, durable=True)
                return RunWriter(folder, lock, State(created=time.time()))
            except BaseException:
                lock.release()
                shutil.rmtree(folder, ignore_errors=True)
                raise

    def resume(self, run: str) -> RunWriter:
        """Go on with a run: everything after its last checkpoint is taken back; everything, if it
        never saved one.

        Raises:
            StoreError: when it is being trained, is damaged, or there is no such run.
        """
        folder = self._folder(run)
        lock = self._lock(folder, "resumed")
        try:
            return RunWriter(folder, lock, cut_back(folder))
        except BaseException:
            lock.release()
            raise

    def open(self, run: str) -> RunReader:
        """Read a run.

        Args:
            run: its id, its number, or the beginning of its id if no other begins so.

        Raises:
            StoreError: when there is none or more than one such run.
        """
        return RunReader(self._folder(run))

    # ----------------------------------------------------------------------------------- all runs

    def runs(self) -> list[RunSummary]:
        """All runs, newest first. Only those whose files changed are read again."""
        return self._listing.runs()

    def problems(self) -> list[Problem]:
        """What lies among the runs and cannot be read as one; `path` is its folder."""
        return self._listing.problems()

    # -------------------------------------------------------------------------------------- trash

    def delete(self, run: str) -> None:
        """Move a run to the trash.

        Raises:
            StoreError: when it is being trained, or there is no such run.
        """
        folder = self._folder(run)
        make_folder(self._trash)
        lock = self._lock(folder, "deleted")
        try:
            if sys.platform == "win32":
                lock.release()  # there a folder with an open file cannot be moved
            with explained(folder):
                os.utime(folder)  # when it was deleted, for `purge`
                patiently(lambda: folder.rename(self._trash / folder.name))
        finally:
            lock.release()

    def restore(self, run: str) -> None:
        """Bring a run back from the trash.

        Raises:
            StoreError: when it is not there.
        """
        folder = self._folder(run, self._trash)
        with explained(folder):
            patiently(lambda: folder.rename(self._runs / folder.name))

    def trashed(self) -> list[str]:
        """The ids of the runs in the trash, newest first."""
        return [name for name in reversed(run_folders(self._trash)) if run_number(name)]

    def purge(self, older_than_s: float = _MONTH_S) -> list[str]:
        """Delete for good what was put into the trash longer ago than that; returns what went."""
        limit = time.time() - older_than_s
        old = [run for run in self.trashed() if (self._trash / run).stat().st_mtime <= limit]
        for run in old:
            with explained(self._trash / run):
                shutil.rmtree(self._trash / run)
        return old

    # ------------------------------------------------------------------------------------ private

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        lock = Lock(self.root / "store.lock")
        if not lock.take(patience_s=20.0):
            raise StoreError(
                "Another process has been making a run in {root} for 20 seconds.",
                root=self.root,
                hint="Close other copies of the program and try again.",
            )
        try:
            yield
        finally:
            lock.release()

    def _next_number(self) -> int:
        path = self.root / "store.json"
        try:
            last = int(read_json(path).get("last", 0))
        except (FileNotFoundError, DamagedFileError):
            last = 0
        names = run_folders(self._runs) + run_folders(self._trash)
        number = max([last, *map(run_number, names)]) + 1
        write_json(path, {"last": number})
        return number

    def _lock(self, folder: Path, verb: str) -> Lock:
        lock = Lock(folder / LOCK)
        if not lock.take():
            state = read_state(folder)
            raise StoreError(
                "{run} cannot be {verb}: it is being trained by process {pid} on {host}.",
                run=folder.name,
                verb=verb,
                pid=state.pid,
                host=state.host,
                hint="Stop it first.",
            )
        return lock

    def _folder(self, run: str, place: Path | None = None) -> Path:
        place = place or self._runs
        names = [name for name in run_folders(place) if run_number(name)]
        if run in names:
            return place / run
        number = int(run) if run.isascii() and run.isdigit() else 0
        matches = [name for name in names if number and run_number(name) == number]
        matches = matches or [name for name in names if run and name.startswith(run)]
        if len(matches) == 1:
            return place / matches[0]
        if matches:
            raise StoreError(
                "{count} runs begin with “{run}”: {names}.",
                count=len(matches),
                run=run,
                names=", ".join(matches[:5]) + (" …" if len(matches) > 5 else ""),
                hint="Give the number of one.",
            )
        raise self._no_such_run(run, names)

    def _no_such_run(self, run: str, names: list[str]) -> StoreError:
        if run in self.trashed():
            hint = "It is in the trash: restore it first."
        elif names:
            hint = "The newest is {newest}; “runs” lists them all."
        else:
            hint = "There are no runs in this store yet."
        return StoreError(
            "There is no run “{run}” in {root}.",
            run=run,
            root=self.root,
            newest=max(names, key=run_number, default=""),
            hint=hint,
        )


def _slug(config: Mapping[str, Any]) -> str:
    parts = [_name(config.get(root)) for root in ("algorithm", "dataset")]
    words = "-".join(part for part in parts if part) or "run"
    return re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-")[:60] or "run"


def _name(section: object) -> str:
    return str(section.get("name", "")) if isinstance(section, Mapping) else ""
