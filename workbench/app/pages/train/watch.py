"""One run under the eye of the page: what the store says, and the worker's instant figures."""

from __future__ import annotations

from workbench.app.pages.train.feed import RunFeed
from workbench.app.pages.train.figures import ALIVE, RunFacts, RunFigures, figures_of
from workbench.protocol import RunProgress
from workbench.schema.catalogue import Catalogue
from workbench.store import RunStatus, RunSummary, Store
from workbench.store.hints import Hint, hints
from workbench.store.record import Record

SUMMARY_EVERY = 5  # looks; the status file changes twice a second at most
HINTS_EVERY = 20  # looks, and at each validation


class RunWatch:
    """Follows a run, whoever trains it.

    Attributes:
        asked: what the person asked for and has not seen happen yet: "pause", "stop" …
        hints: what its figures say about its settings.

    Raises:
        StoreError: there is no such run, or it cannot be read.
    """

    def __init__(self, store: Store, catalogue: Catalogue, run: str) -> None:
        self.reader = store.open(run)
        self.run = self.reader.run
        self.summary: RunSummary = self.reader.summary()
        self.facts = RunFacts.of(self.summary, catalogue)
        self.feed = RunFeed(self.reader)
        self.progress: RunProgress | None = None
        self.asked = ""
        self.hints: tuple[Hint, ...] = ()
        self._hinted: tuple[object, ...] = ()
        self._looks = 0

    @property
    def alive(self) -> bool:
        return self.summary.status in ALIVE

    @property
    def status(self) -> str:
        """As the badge says it: the stored one, or what is being waited for."""
        if self.alive and self.asked in ("stop", "abort"):
            return "stopping"
        return self.summary.status.value

    @property
    def phase(self) -> str:
        return self.progress.phase if self.progress is not None and self.alive else ""

    @property
    def figures(self) -> RunFigures:
        return figures_of(self.facts, self.summary, self.feed.train, self.progress)

    def look(self, now: bool = False) -> None:
        """Read what is new; `now` the status too, which is else read at each fifth look.

        Raises:
            StoreError: the run cannot be read any more.
        """
        self.feed.poll()
        self._looks += 1
        if now or self._looks % SUMMARY_EVERY == 0:
            self.summary = self.reader.summary()
            paused = self.summary.status is RunStatus.PAUSED
            if (self.asked == "pause" and paused) or (self.asked == "resume" and not paused):
                self.asked = ""
        self._hint()

    def _hint(self) -> None:
        feed = self.feed
        news = (feed.restarted, len(feed.validation), self.summary.status)
        if news != self._hinted or (self.alive and self._looks % HINTS_EVERY == 0):
            self._hinted = news
            self.hints = hints(Record.of(self.summary, feed.train, feed.validation, feed.inner))
