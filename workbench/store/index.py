"""The index: every run's summary in one SQLite file, so that ten thousand runs are listed in a
blink.

It holds nothing that the folders do not. Deleted, damaged, locked, or in a folder that cannot be
written, it is made anew or done without, and nobody hears of it.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Iterable, Mapping
from pathlib import Path

from workbench.store.summary import RunSummary, summary_from_json, summary_to_json

VERSION = 1
_TABLE = "CREATE TABLE runs (run TEXT PRIMARY KEY, signature TEXT NOT NULL, summary TEXT NOT NULL)"

Signature = str  # of the files that a summary was read from
Entries = dict[str, tuple[Signature, RunSummary]]


class Index:
    """Remembers summaries and the signatures of the files that they came from."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def load(self) -> Entries:
        """Everything that is remembered; nothing if the file is not usable."""
        if not self._path.is_file():
            return {}
        try:
            with contextlib.closing(self._connect()) as database:
                rows = database.execute("SELECT run, signature, summary FROM runs").fetchall()
            summaries = json.loads("[" + ",".join(summary for _, _, summary in rows) + "]")
            return {
                run: (signature, summary_from_json(summary))
                for (run, signature, _), summary in zip(rows, summaries, strict=True)
            }
        except (sqlite3.Error, ValueError, TypeError, KeyError):
            self._forget()
            return {}

    def save(
        self, changed: Mapping[str, tuple[Signature, RunSummary]], gone: Iterable[str]
    ) -> None:
        """Remember what changed, forget what is gone."""
        rows = [
            (run, signature, json.dumps(summary_to_json(summary)))
            for run, (signature, summary) in changed.items()
        ]
        # Another process may be at it, or the folder be read-only: the folders remain the truth.
        with (
            contextlib.suppress(sqlite3.Error),
            contextlib.closing(self._connect()) as database,
            database,
        ):
            database.executemany("INSERT OR REPLACE INTO runs VALUES (?, ?, ?)", rows)
            database.executemany("DELETE FROM runs WHERE run = ?", [(run,) for run in gone])

    def _connect(self) -> sqlite3.Connection:
        database = sqlite3.connect(self._path, timeout=2.0)
        try:
            database.execute("PRAGMA synchronous = OFF")
            (found,) = database.execute("PRAGMA user_version").fetchone()
            if found != VERSION:
                with database:
                    database.execute("DROP TABLE IF EXISTS runs")
                    database.execute(_TABLE)
                    database.execute(f"PRAGMA user_version = {VERSION}")
        except BaseException:
            database.close()
            raise
        return database

    def _forget(self) -> None:
        with contextlib.suppress(OSError):
            self._path.unlink()
