"""A run's numbers, read bit by bit from the store while somebody writes them. No Qt here."""

from __future__ import annotations

from workbench.store import Follower, RunReader
from workbench.store.columns import Columns, Floats

__all__ = ["Columns", "Floats", "RunFeed"]


class RunFeed:
    """The rows of one run.

    Attributes:
        train, validation: all rows so far.
        inner: losses over the inner steps, of each validation.
        rates: learned inner rates at each validation; empty where a method learns none.
        version: grows with each change; `restarted` with each time when earlier rows became void.
    """

    def __init__(self, reader: RunReader) -> None:
        self.reader = reader
        self.train, self.validation = Columns(), Columns()
        self.inner, self.rates = Columns(), Columns()
        self.version = 0
        self.restarted = 0
        self._often = (
            (reader.follow("train"), self.train),
            (reader.follow("validation"), self.validation),
        )
        self._seldom = (  # written just before a row of validation
            (reader.follow("inner"), self.inner),
            (reader.follow("rates"), self.rates),
        )

    def poll(self) -> bool:
        """Read what is new; whether there was anything.

        Raises:
            StoreError: the run's files are damaged or gone.
        """
        before = self.restarted, len(self.validation)
        changed = self._read(self._often)
        if before != (self.restarted, len(self.validation)):
            self._read(self._seldom)
        self.version += changed
        return changed

    def _read(self, sources: tuple[tuple[Follower, Columns], ...]) -> bool:
        changed = False
        for follower, columns in sources:
            news = follower.read()
            if news.restarted:
                columns.clear()
                self.restarted += 1
            columns.append(news.rows)
            changed = changed or news.restarted or len(news.rows) > 0
        return changed
