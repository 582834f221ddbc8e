"""The one timer of the page: it looks at the watched run, and shows what is new."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal, Slot
from PySide6.QtWidgets import QWidget

from workbench.app.pages.train.figures import duration, run_title, whole
from workbench.app.pages.train.running import RunningView
from workbench.app.pages.train.watch import RunWatch
from workbench.app.shell.statusbar import RunState
from workbench.errors import StoreError
from workbench.protocol import Event, RunEnded, RunProgress, RunStarted
from workbench.store import RunStatus

if TYPE_CHECKING:
    from workbench.app.context import Context

TICK_MS = 100
YOUNG = 50  # ticks in which a run just begun or opened is looked at each time
CALM = 3  # ticks between two looks after that
SELDOM = 5  # while another page is shown, or nothing is said to be new
TONES = {"done": "ok", "stopped": "info", "failed": "bad"}


class Onlooker(QObject):
    """Follows one run at a time.

    Attributes:
        watch: the run that is watched; None for none.
        own: the run that this window's worker trains; empty for none.

    Args:
        page: decides by its visibility how often is looked.

    Signals:
        looked(): the head may have to say something else.
    """

    looked = Signal()

    def __init__(self, context: Context, running: RunningView, page: QWidget) -> None:
        super().__init__(page)
        self._context, self._running, self._page = context, running, page
        self.watch: RunWatch | None = None
        self.own = ""
        self._ticks = 0
        self._shown: RunProgress | None = None  # the last that was said when last looked
        self._timer = QTimer(self)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self._tick)
        self._once = QTimer(self)  # a slider asks more often than can be drawn
        self._once.setSingleShot(True)
        self._once.timeout.connect(self._show)
        running.curves.stale.connect(self._refresh)
        context.link.event.connect(self._heard)

    def open(self, run: str) -> RunWatch | None:
        """Take up another run; None, and a message, where it cannot be read."""
        try:
            self.watch = RunWatch(self._context.store, self._context.catalogue, run)
        except StoreError as error:
            self._context.shell.add_message(error.message, "bad", error.hint)
            return None
        self._running.set_run(self.watch)
        return self.watch

    def follow(self) -> None:
        """Look ten times a second from now on, soon less often, until the run has ended; at an own
        run only where there is news."""
        self._ticks = 0
        self._timer.start()

    def look(self, now: bool = False) -> None:
        """Read and show what is new; `now` the status too, which is else read less often."""
        watch = self.watch
        if watch is None:
            return
        self._shown = watch.progress
        try:
            watch.look(now or not watch.alive)
        except (StoreError, OSError) as error:
            self._timer.stop()
            self._context.shell.add_message(str(error), "bad", getattr(error, "hint", ""))
            return
        self._show()
        if not watch.alive and self._timer.isActive():
            self._ended(watch)
        self.looked.emit()
        self._tell_shell(watch)

    @Slot()
    def _tick(self) -> None:
        self._ticks += 1
        watch = self.watch
        # The worker tells of each step; of a run in another process only its folder does.
        still = watch is not None and watch.run == self.own and watch.progress is self._shown
        turn = self._ticks <= YOUNG or self._ticks % CALM == 0
        if self._ticks % SELDOM == 0 or (turn and self._page.isVisible() and not still):
            self.look()

    @Slot()
    def _refresh(self) -> None:
        """Show the same run otherwise; while the timer runs, its next tick does that."""
        if not self._timer.isActive():
            self._once.start()

    def _show(self) -> None:
        watch, running = self.watch, self._running
        if watch is None or not running.isVisible():
            return
        if not watch.alive:
            running.curves.redraw()
        running.update_run(watch)
        if not watch.alive:
            running.curves.flush()

    def _ended(self, watch: RunWatch) -> None:
        """One last look, for what was written between the rows and the status."""
        self._timer.stop()
        watch.asked = ""
        watch.look(now=True)
        self._show()

    @Slot(object)
    def _heard(self, event: Event) -> None:
        watch = self.watch
        if isinstance(event, RunProgress):
            self.own = event.run
            if watch is not None and event.run == watch.run:
                changed = watch.progress is None or watch.progress.phase != event.phase
                watch.progress = event
                if changed:
                    self.look(now=True)
        elif isinstance(event, RunStarted):
            self.own = event.run
        elif isinstance(event, RunEnded):
            self.own = ""
            words = f"{run_title(event.run)}: {event.reason or event.status}"
            self._context.shell.add_message(words, TONES[event.status], event.hint)
            if watch is not None and event.run == watch.run:
                self.look(now=True)

    def _tell_shell(self, watch: RunWatch) -> None:
        figures, facts, status = watch.figures, watch.facts, watch.summary.status
        title = f"{facts.title} · {facts.algorithm}"
        detail = f"step {whole(figures.step)} of {whole(figures.steps)}"
        state: RunState | None = None
        if watch.alive:
            left = duration(figures.seconds_left)
            ending = f"{left} left" if left != "–" and status is RunStatus.RUNNING else ""
            state = RunState(title, watch.status, detail, figures.fraction, ending)
        elif status in (RunStatus.FAILED, RunStatus.DIED):
            state = RunState(title, status.value, detail)
        self._context.shell.set_run_state(state)
