"""The list of all runs: read from the folders that changed, remembered for all others."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from operator import attrgetter
from pathlib import Path

from workbench.errors import Problem, StoreError
from workbench.store.index import Entries, Index, Signature
from workbench.store.lock import is_locked
from workbench.store.summary import ALIVE, LOCK, RunSummary, as_seen, read_summary, run_number

_UNSETTLED_S = 2.0  # a folder this young may change again without a new time stamp


class Listing:
    """Knows every run in a folder, and looks only at what changed. Threads may share it."""

    def __init__(self, place: Path, index: Index) -> None:
        self._place = place
        self._index = index
        self._entries: Entries | None = None
        self._problems: list[Problem] = []
        self._mutex = threading.Lock()

    def runs(self) -> list[RunSummary]:
        """All runs, newest first."""
        with self._mutex:
            summaries = [summary for _, summary in self._refresh().values()]
        summaries.sort(key=attrgetter("number"), reverse=True)
        return [seen for summary in summaries if (seen := self._seen(summary)) is not None]

    def problems(self) -> list[Problem]:
        """What cannot be read as a run."""
        with self._mutex:
            self._refresh()
            return list(self._problems)

    def _seen(self, summary: RunSummary) -> RunSummary | None:
        if summary.status not in ALIVE:
            return summary
        try:
            return as_seen(summary, self._place / summary.run)
        except StoreError:  # deleted meanwhile
            return None

    def _refresh(self) -> Entries:
        known = self._index.load() if self._entries is None else self._entries
        fresh: Entries = {}
        problems = []
        for name, signature in _signatures(self._place).items():
            entry = known.get(name)
            if entry is None or not signature or entry[0] != signature:
                folder = self._place / name
                try:
                    entry = signature, _read(folder)
                except StoreError as error:
                    if not is_locked(folder / LOCK):  # else it is just being made
                        problems.append(Problem(str(folder), error.message, error.hint))
                    continue
            fresh[name] = entry
        changed = {n: e for n, e in fresh.items() if e[0] and known.get(n) is not e}
        gone = known.keys() - fresh.keys()
        if changed or gone:
            self._index.save(changed, gone)
        self._entries, self._problems = fresh, problems
        return fresh


def _read(folder: Path) -> RunSummary:
    if not run_number(folder.name):
        raise StoreError(
            "{folder} is not a run's folder.",
            folder=folder,
            hint="Move it out of the store.",
        )
    return read_summary(folder)


def _signatures(place: Path) -> dict[str, Signature]:
    """The folders in `place`, each with what changes whenever a file in it is replaced, as status
    and notes are: the time of the folder itself. Empty while that is too young to tell."""
    settled_ns = int((time.time() - _UNSETTLED_S) * 1e9)
    found = {}
    for entry in _folders(place):
        with contextlib.suppress(OSError):  # deleted meanwhile
            stat = os.stat(entry.path)  # noqa: PTH116 - ten thousand times
            found[entry.name] = (
                f"{stat.st_mtime_ns}.{stat.st_ino}" if stat.st_mtime_ns < settled_ns else ""
            )
    return found


def run_folders(place: Path) -> list[str]:
    """The folders in `place`, oldest first; none where it does not exist."""
    return sorted((e.name for e in _folders(place)), key=lambda name: (run_number(name), name))


def _folders(place: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(place) as found:
            return [entry for entry in found if entry.name[0] != "." and entry.is_dir()]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise StoreError(
            "{place} cannot be read: {why}.",
            place=place,
            why=error.strerror,
            hint="Choose another folder for the runs with --store.",
        ) from error
