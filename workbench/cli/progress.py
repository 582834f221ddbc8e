"""Events as progress bars on stderr."""

from __future__ import annotations

import math
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from workbench.cli.console import Console, percent
from workbench.protocol import Event, Failed, RunProgress, RunValidated

if TYPE_CHECKING:  # which needs torch
    from workbench.services.training import TrainingRun


class PreparationBar:
    """Progress of whatever reports (done, total, text), one bar for each total."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._bar: Any = None

    def __enter__(self) -> Self:
        return self

    def __call__(self, done: int, total: int, text: str) -> None:
        if self._bar is None or self._bar.total != (total or None) or done < self._bar.n:
            self._close()
            self._bar = self._console.bar(total, "", text)
        self._bar.set_description_str(text, refresh=False)
        self._bar.update(done - self._bar.n)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close()

    def _close(self) -> None:
        if self._bar is not None:
            self._bar.close()
        self._bar = None


class TrainingBar:
    """The outer steps, with the figures beside them; a line for each validation."""

    def __init__(self, console: Console, training: TrainingRun) -> None:
        step, _ = training.trainer.published
        self._console = console
        self._bar = console.bar(training.session.config.training.steps, "step", done=step)
        self._classes = training.session.spec.kind == "classification"
        self._figures: dict[str, str] = {}

    def __enter__(self) -> Self:
        return self

    def __call__(self, event: Event) -> None:
        match event:
            case RunProgress():
                self._progress(event)
            case RunValidated():
                self._validated(event)
            case Failed():
                self._console.note(f"warning: {event.message} {event.hint}".rstrip())

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bar.close()

    def _progress(self, event: RunProgress) -> None:
        self._bar.set_description_str(event.phase, refresh=event.phase == "paused")
        if math.isfinite(event.loss):
            self._figures["loss"] = f"{event.loss:.3f}"
        if math.isfinite(event.accuracy):
            self._figures["accuracy"] = f"{100 * event.accuracy:.1f} %"
        self._bar.set_postfix(self._figures, refresh=False)
        self._bar.update(event.step - self._bar.n)

    def _validated(self, event: RunValidated) -> None:
        value, interval = event.value, event.interval
        if self._classes:
            words, before = percent(value, interval), f"{100 * event.before:.1f} %"
        else:
            words, before = f"{value:.3g} ± {interval:.2g}", f"{event.before:.3g}"
        if not math.isnan(event.before):
            words += f" (before {before})"
        best = ", best so far" if event.best else ""
        self._console.note(f"step {event.step:,}: validation {words}{best}")
