"""The weights that a drawing is answered with."""

from __future__ import annotations

from collections import OrderedDict
from typing import Literal

from workbench.engine.session import Session
from workbench.interfaces import State
from workbench.services.runs import DataLoader, OpenRun, open_run, session_of
from workbench.services.training import TrainingRun
from workbench.sources import Progress
from workbench.store import RunStatus, Store

UNTRAINED = "untrained:"
KEPT = 4

Weights = tuple[Session, int, State]  # the experiment, the outer step, what was learned


class Models:
    """Loads runs and keeps the last few, each as long as its checkpoint stays the same.

    Used by one thread, but for `keep`.
    """

    def __init__(self, store: Store, load: DataLoader) -> None:
        self._store, self._load = store, load
        self._opened: OrderedDict[tuple[str, str], OpenRun] = OrderedDict()
        self._untrained: OrderedDict[str, Weights] = OrderedDict()
        self._last: TrainingRun | None = None

    def weights(self, run: str, training: TrainingRun | None, progress: Progress) -> Weights:
        """What answers for `run` now.

        Args:
            run: an id, or "untrained:" and an id.
            training: the run that trains in this process, if any: its latest step answers.

        Raises:
            StoreError: there is no such run, or it has no checkpoint yet.
        """
        if run.startswith(UNTRAINED):
            return self._before_training(run.removeprefix(UNTRAINED), training, progress)
        live = training or self._last
        if live is not None and live.run == run and (training or not self._has_checkpoint(run)):
            step, state = live.trainer.published
            return live.session, step, state
        opened = self._open(run, progress)
        return opened.session, opened.checkpoint.step, opened.checkpoint.state

    def keep(self, run: TrainingRun) -> None:
        """Remember a run that has just ended: without a checkpoint it can answer from memory
        alone."""
        self._last = run

    def _has_checkpoint(self, run: str) -> bool:
        return self._store.open(run).summary().checkpoint_step is not None

    def _open(self, run: str, progress: Progress) -> OpenRun:
        reader = self._store.open(run)
        # A run that trains elsewhere answers with its latest weights, an ended one with its best.
        alive = reader.summary().status in (RunStatus.RUNNING, RunStatus.PAUSED)
        which: Literal["last", "best"] = "last" if alive else "best"
        key = (reader.run, str(reader.checkpoint(which)))
        if key not in self._opened:
            self._opened[key] = open_run(
                self._store, run, which=which, load=self._load, progress=progress
            )
        self._opened.move_to_end(key)
        while len(self._opened) > KEPT:
            self._opened.popitem(last=False)
        return self._opened[key]

    def _before_training(
        self, run: str, training: TrainingRun | None, progress: Progress
    ) -> Weights:
        if run not in self._untrained:
            here = training if training is not None and training.run == run else None
            session = (
                here.session
                if here is not None
                else session_of(self._store.open(run), load=self._load, progress=progress)
            )
            self._untrained[run] = (session, 0, session.initial_state())
            while len(self._untrained) > KEPT:
                self._untrained.popitem(last=False)
        return self._untrained[run]
