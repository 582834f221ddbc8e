"""What stands in the page's head: badge, subject, and the buttons that fit the moment."""

from __future__ import annotations

from workbench.app.pages.train.watch import RunWatch
from workbench.app.widgets import Button, PageHead, StatusChip
from workbench.store import RunStatus

NEW = "New run, not started"


class HeadButtons:
    """Shows at most three buttons at a time.

    Args:
        head: of the page.
    """

    def __init__(self, head: PageHead) -> None:
        self._head = head
        self._badge: StatusChip | None = None
        self._buttons = {
            "copy": Button("Copy as command", "terminal"),
            "resume": Button("Resume", "play"),
            "draw": Button("Draw with it", "pen-tool"),
            "new": Button("New run", "plus", kind="filled"),
            "pause": Button("Pause", "pause"),
            "stop": Button("Stop after this step", "square"),
            "abort": Button("Abort", "octagon-x", kind="danger"),
        }
        self._buttons["pause"].setToolTip("Ctrl+Shift+P")
        self._buttons["stop"].setToolTip("Saves a checkpoint and ends (Ctrl+Shift+S)")
        self._buttons["abort"].setToolTip("Ends the run at once, without a further checkpoint")
        for button in self._buttons.values():
            head.add_action(button)

    def button(self, name: str) -> Button:
        """One of copy, resume, draw, new, pause, stop, abort."""
        return self._buttons[name]

    def show_run(self, watch: RunWatch | None, resume_problem: str = "") -> None:
        """Fit the head to a run, or to the settings where there is none.

        Args:
            resume_problem: why a run cannot be resumed now; empty if it can.
        """
        if watch is None:
            self._show_only("copy")
            self._set_badge("")
            self._head.set_muted(NEW)
            return
        self._head.set_muted(f"{watch.facts.title} · {watch.facts.subject}")
        self._set_badge(watch.status)
        if watch.alive:
            self._show_only("pause", "stop", "abort")
            self._show_controls(watch)
            return
        unfinished = watch.summary.status is not RunStatus.DONE
        drawable = watch.summary.checkpoint_step is not None
        self._show_only(*["resume"] * unfinished, *["draw"] * drawable, "new")
        self._buttons["resume"].set_enabled_because(resume_problem)

    def _show_controls(self, watch: RunWatch) -> None:
        pause = self._buttons["pause"]
        paused = watch.summary.status is RunStatus.PAUSED
        words = "Continue" if paused else "Pause"
        if pause.text() != words:
            pause.setText(words)
            pause.set_icon("play" if paused else "pause")
        ending = watch.asked in ("stop", "abort")
        pause.setEnabled(not ending and watch.asked not in ("pause", "resume"))
        self._buttons["stop"].setEnabled(not ending)
        self._buttons["abort"].setEnabled(watch.asked != "abort")

    def _show_only(self, *names: str) -> None:
        for name, button in self._buttons.items():
            button.setVisible(name in names)

    def _set_badge(self, status: str) -> None:
        if not status:
            self._badge = None
            self._head.set_badge(None)
        elif self._badge is None:
            self._badge = StatusChip(status)
            self._head.set_badge(self._badge)
        else:
            self._badge.set_status(status)
