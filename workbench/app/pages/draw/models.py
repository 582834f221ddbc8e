"""The runs that can be asked, as the picker names them."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt, Signal, Slot

from workbench.errors import WorkbenchError
from workbench.schema.layers import flatten
from workbench.store import RunStatus, RunSummary

if TYPE_CHECKING:
    from workbench.schema.catalogue import Catalogue
    from workbench.store import Store

UNTRAINED = "untrained:"
"""Before a run's id: the same model before training."""


@dataclass(frozen=True)
class Model:
    """A run that may be asked.

    Attributes:
        run: what `Adapt` takes.
        title: "Run 42 · MAML".
        state: "still training", or how far it came.
        regression: it predicts numbers: there is nothing to draw.
        size: side of its images in pixels.
        n_way: classes it was trained to tell apart.
        training_steps: inner steps in training; None for a method without an inner loop.
        values: its settings, flat.
        channels: of its images.
    """

    run: str
    title: str
    state: str
    training: bool
    regression: bool
    size: int
    n_way: int
    training_steps: int | None
    values: dict[str, Any]
    channels: int = 1

    @property
    def words(self) -> str:
        return f"{self.title} · {self.state}" if self.state else self.title


def askable(summary: RunSummary) -> bool:
    """Whether a run has weights to ask: it trains now, or has a checkpoint."""
    alive = summary.status in (RunStatus.RUNNING, RunStatus.PAUSED)
    return alive or summary.checkpoint_step is not None


def model_of(summary: RunSummary, catalogue: Catalogue) -> Model:
    """A run as the Draw page sees it."""
    values = flatten(summary.config)
    name = str(values.get("algorithm.name", ""))
    option = catalogue.option("algorithm", name)
    data = catalogue.option("dataset", str(values.get("dataset.name", "")))
    steps = values.get("algorithm.inner_steps")
    return Model(
        run=summary.run,
        title=f"Run {summary.number} · {option.title if option else name}",
        state=_state(summary),
        training=summary.status is RunStatus.RUNNING,
        regression=data is not None and data.kind == "regression",
        size=int(values.get("dataset.image_size") or 28),
        n_way=int(values.get("task.n_way") or 5),
        training_steps=None if steps is None else int(steps),
        values=values,
        channels=channels_of(values, catalogue),
    )


def channels_of(values: Mapping[str, Any], catalogue: Catalogue) -> int:
    """Of the images that these settings bring: as the data set has them, or as a person says."""
    data = catalogue.option("dataset", str(values.get("dataset.name", "")))
    known = data.facts.get("channels") if data is not None else None
    return int(known or (3 if values.get("dataset.colour") else 1))


def _state(summary: RunSummary) -> str:
    if summary.status is RunStatus.RUNNING:
        return "still training"
    if summary.status is RunStatus.PAUSED:
        return "paused"
    step = summary.step if summary.checkpoint_step is None else summary.checkpoint_step
    return f"{step:,} steps"


class Models(QObject):
    """Lists the runs on a thread of its own: the store may be large or slow.

    Signals:
        listed(list[Model]): newest first; only when something is different.
    """

    listed = Signal(object)
    _read = Signal(object)

    def __init__(self, store: Store, catalogue: Catalogue, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store, self._catalogue = store, catalogue
        self._known: list[Model] | None = None
        self._thread: threading.Thread | None = None
        self._again = False
        self._read.connect(self._show, Qt.ConnectionType.QueuedConnection)

    @Slot()
    def refresh(self) -> None:
        """Look again; the answer comes as a signal."""
        if self._thread is not None:
            self._again = True
            return
        self._again = False
        self._thread = threading.Thread(target=self._look, name="draw-runs", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Wait until nobody reads the store any more."""
        self._again = False
        if self._thread is not None:
            self._thread.join()

    def _look(self) -> None:
        try:
            found: list[RunSummary] | None = self._store.runs()
        except (WorkbenchError, OSError):
            found = None  # the Runs page says what is wrong with the store
        try:
            self._read.emit(found)
        except RuntimeError:
            return  # the page is gone

    @Slot(object)
    def _show(self, found: list[RunSummary] | None) -> None:
        self._thread = None
        if found is not None:
            models = [model_of(summary, self._catalogue) for summary in found if askable(summary)]
            if models != self._known:
                self._known = models
                self.listed.emit(models)
        if self._again:
            self.refresh()
